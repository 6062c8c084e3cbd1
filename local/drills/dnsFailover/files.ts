import {
  DeleteObjectCommand,
  GetBucketReplicationCommand,
  GetObjectCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
  S3ClientConfig,
} from "@aws-sdk/client-s3";
import { Clients } from "../../endpoint/clients";
import { until } from "../drill";

/** Buckets by paths: the endpoint has one name. */
class PathStyleS3 extends S3Client {
  constructor(config: S3ClientConfig) {
    super({ ...config, forcePathStyle: true });
  }
}

/** A bucket whose files are copied to one in the other Region. */
export interface Copied {
  readonly from: string;
  readonly to: string;
  /** Seconds within which S3 promises to have copied a file. `undefined`: it promises nothing. */
  readonly promisedSeconds: number | undefined;
}

/** User files as S3 has them in two Regions. */
export class Files {
  private readonly s3: ReadonlyMap<string, S3Client>;

  constructor(
    clients: Clients,
    private readonly region: string,
    private readonly partnerRegion: string,
  ) {
    this.s3 = new Map([region, partnerRegion].map((one) => [one, clients.make(PathStyleS3, one)]));
  }

  /** The stack's buckets that are copied to its partner's Region, by their names and the deployed replication. */
  async copied(stack: string, names: readonly string[]): Promise<Copied[]> {
    const { Buckets = [] } = await this.in(this.region).send(new ListBucketsCommand({}));
    const own = Buckets.map((bucket) => bucket.Name ?? "").filter((bucket) =>
      names.some((name) => bucket.startsWith(`${stack}-${name}-${this.region}`)),
    );
    return (await Promise.all(own.map((Bucket) => this.copiesOf(Bucket)))).flat();
  }

  private async copiesOf(Bucket: string): Promise<Copied[]> {
    const { ReplicationConfiguration } = await this.in(this.region).send(new GetBucketReplicationCommand({ Bucket }));
    return (ReplicationConfiguration?.Rules ?? []).map(({ Destination }) => {
      const minutes = Destination?.ReplicationTime?.Time?.Minutes;
      const promisedSeconds = minutes === undefined ? undefined : minutes * 60;
      return { from: Bucket, to: Destination?.Bucket?.split(":").pop() ?? "", promisedSeconds };
    });
  }

  async write(region: string, Bucket: string, Key: string, Body: string): Promise<void> {
    await this.in(region).send(new PutObjectCommand({ Bucket, Key, Body }));
  }

  /** What is in a file; `undefined` if there is none. */
  async read(region: string, Bucket: string, Key: string): Promise<string | undefined> {
    try {
      const { Body } = await this.in(region).send(new GetObjectCommand({ Bucket, Key }));
      return await Body?.transformToString();
    } catch (error) {
      if ((error as Error).name === "NoSuchKey") {
        return undefined;
      }
      throw error;
    }
  }

  /** Waits until a file has been copied: the emulator does it in its own time. */
  arrived(region: string, bucket: string, key: string): Promise<void> {
    return until(async () => (await this.read(region, bucket, key)) !== undefined);
  }

  /** Takes a file away with all its versions, in both buckets: nothing of a drill stays. */
  async remove({ from, to }: Copied, Prefix: string): Promise<void> {
    for (const [region, Bucket] of [
      [this.region, from],
      [this.partnerRegion, to],
    ] as const) {
      const s3 = this.in(region);
      const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix }));
      for (const { Key, VersionId } of [...Versions, ...DeleteMarkers]) {
        await s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }));
      }
    }
  }

  private in(region: string): S3Client {
    return this.s3.get(region) ?? this.s3.get(this.partnerRegion) ?? new S3Client({});
  }
}
