import { PolicyResource } from "@pulumi/policy";
import { Graph } from "../core/graph";
import { at, items, known, knownItems, read, UNKNOWN } from "../core/unknown";

export const BUCKET = "aws:s3/bucket:Bucket";
/** Version 6 of the provider calls the same by another name. */
export const BUCKETS = [BUCKET, "aws:s3/bucketV2:BucketV2"];
export const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
export const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
export const REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig";

type Props = Readonly<Record<string, unknown>>;

/** One rule of a bucket's replication. */
export interface ReplicationRule {
  readonly props: Props;
  readonly status: string | typeof UNKNOWN;
}

/** A bucket's replication, with the buckets of this stack that it is about. */
export interface Replication {
  readonly config: PolicyResource;
  readonly source: PolicyResource | undefined;
  readonly destinations: readonly PolicyResource[];
  /** `UNKNOWN` if not even their number is known. */
  readonly rules: readonly ReplicationRule[] | typeof UNKNOWN;
}

export function replicationsOf(graph: Graph): Replication[] {
  return graph.ofType(REPLICATION).map((config) => {
    const [source] = graph.referred(config, "bucket", ...BUCKETS);
    const rules = items(() => config.props["rules"] as Props[] | undefined);
    return {
      config,
      source,
      destinations: graph.referred(config, "rules", ...BUCKETS).filter((bucket) => bucket !== source),
      rules:
        rules === UNKNOWN
          ? UNKNOWN
          : rules.flatMap((props) =>
              props === UNKNOWN ? [] : [{ props, status: read(() => String(at(props, "status"))) }],
            ),
    };
  });
}

/** Whether a bucket keeps versions; `undefined` if that isn't known before the update. */
export function isVersioned(graph: Graph, bucket: PolicyResource): boolean | undefined {
  const own = read(() => at(bucket.props, "versioning.enabled"));
  const separate = [VERSIONING, "aws:s3/bucketVersioningV2:BucketVersioningV2"].flatMap((type) =>
    graph.referrers(bucket, type, "bucket").map(({ props }) => read(() => at(props, "versioningConfiguration.status"))),
  );
  if (own === true || separate.includes("Enabled")) {
    return true;
  }
  return separate.includes(UNKNOWN) ? undefined : false;
}

/** Whether what is put into a bucket is encrypted with a KMS key, as far as its own default says. */
export function isEncryptedByKms(graph: Graph, bucket: PolicyResource): boolean {
  return [ENCRYPTION, ENCRYPTION.replaceAll("Configuration", "ConfigurationV2")]
    .flatMap((type) => graph.referrers(bucket, type, "bucket"))
    .flatMap(({ props }) => knownItems(() => props["rules"] as Props[] | undefined))
    .some((rule) => String(known(() => at(rule, "applyServerSideEncryptionByDefault.sseAlgorithm"))).startsWith("aws:kms")); // prettier-ignore
}
