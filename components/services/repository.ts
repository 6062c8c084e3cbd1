import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, placeOf } from "../common/place";
import { ecrRepositoryOf } from "./imageName";

/** Where the stack's images are kept. */
export interface Registry {
  /** What the repositories' names begin with, in both Regions. */
  readonly prefix: string;
  /** Whether this stack makes the repositories: the standby uses those that the primary makes in its Region. */
  readonly owned: boolean;
  /** The Region that images are replicated to, and the key there. @default none */
  readonly replica?:
    | {
        readonly region: string;
        readonly kmsKeyArn: pulumi.Input<string>;
        /** The registry's replication: what is pushed before there is one is never replicated. */
        readonly configuration: pulumi.Resource;
      }
    | undefined;
}

/** Where a service's image is pulled from. */
export interface ImageSource {
  /** URL without tag. */
  readonly url: pulumi.Output<string>;
  readonly arn: pulumi.Output<string>;
  /** What has to be there before an image is pushed, so that it gets to the other Region as it should. */
  readonly before: readonly pulumi.Resource[];
}

/** Arguments of `createRepository`. */
export interface RepositoryArgs {
  readonly registry: Registry;
  readonly cluster: string;
  readonly service: string;
  readonly kmsKeyArn: pulumi.Input<string>;
  /** Whether it goes with its images when it is destroyed. */
  readonly forceDelete: boolean;
}

/** Images that a repository keeps. Older ones expire: what was deployed so long ago is no longer gone back to. */
const IMAGES = 100;

/**
 * A service's repository in ECR: immutable tags, a scan at each push, encryption with the stack's key. The primary makes
 * the one in its partner's Region too, since replication takes neither settings nor lifecycle along. $0.10 a GB and month
 * in each Region, and $0.02 a GB for the way there.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
 */
export function createRepository(name: string, args: RepositoryArgs, parent: pulumi.Resource): ImageSource {
  const { registry, cluster, service } = args;
  const repositoryName = `${registry.prefix}/${cluster}/${service}`;
  const place = placeOf(parent);
  if (!registry.owned) {
    return {
      url: pulumi.interpolate`${place.account}.dkr.ecr.${place.region}.amazonaws.com/${repositoryName}`,
      arn: arn(place, "ecr", `repository/${repositoryName}`),
      before: [],
    };
  }
  const { replica } = registry;
  const before =
    replica === undefined
      ? []
      : [createOne(`${name}-replica`, repositoryName, { ...args, ...replica }, parent), replica.configuration];
  const repository = createOne(name, repositoryName, args, parent);
  return { url: repository.repositoryUrl, arn: repository.arn, before };
}

function createOne(
  name: string,
  repositoryName: string,
  { forceDelete, kmsKeyArn, region }: RepositoryArgs & { readonly region?: string },
  parent: pulumi.Resource,
): aws.ecr.Repository {
  const repository = new aws.ecr.Repository(
    `${name}-repository`,
    {
      // Known to the other stack, and what the replication goes by.
      name: repositoryName,
      region,
      imageTagMutability: "IMMUTABLE",
      imageScanningConfiguration: { scanOnPush: true },
      encryptionConfigurations: [{ encryptionType: "KMS", kmsKey: kmsKeyArn }],
      forceDelete,
    },
    { parent },
  );
  new aws.ecr.LifecyclePolicy(
    `${name}-lifecycle`,
    {
      repository: repository.name,
      region,
      policy: JSON.stringify({
        rules: [
          {
            rulePriority: 1,
            description: `The newest ${IMAGES} images`,
            selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: IMAGES },
            action: { type: "expire" },
          },
        ],
      }),
    },
    { parent: repository },
  );
  return repository;
}

/** ARN of the private ECR repository that an image's name says it is in, if it does. */
export function foreignRepositoryArn(repository: string, parent: pulumi.Resource): pulumi.Output<string> | undefined {
  const found = ecrRepositoryOf(repository);
  return (
    found &&
    pulumi.interpolate`arn:${placeOf(parent).partition}:ecr:${found.region}:${found.account}:repository/${found.name}`
  );
}
