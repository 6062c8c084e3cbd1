import { client, Props, reader, ServiceRecords, tagged } from "./record";

const ecr = client("ecr");
const describe = reader("ecr");

/** Rules of the registry's replication. */
const replicate = (of: (p: Props) => Props[]) =>
  ecr("PutReplicationConfiguration", {
    takes: ["replicationConfiguration"],
    with: (p) => ({ replicationConfiguration: { rules: of(p) } }),
  });

/** A registry without rules replicates nothing: the resource isn't there. */
const rulesOf = (found: Props) => found["replicationConfiguration"]?.rules ?? [];

export const records: ServiceRecords = {
  resources: {
    "aws:ecr/repository:Repository": {
      autoName: "name",
      key: { name: "repositoryName" },
      defaults: { imageTagMutability: "MUTABLE" },
      create: [
        ecr("CreateRepository", {
          outputs: {
            arn: "repository.repositoryArn",
            registryId: "repository.registryId",
            repositoryUrl: "repository.repositoryUri",
          },
        }),
      ],
      update: [
        ecr("PutImageTagMutability", { of: ["imageTagMutability", "imageTagMutabilityExclusionFilters"] }),
        ecr("PutImageScanningConfiguration", { of: ["imageScanningConfiguration"] }),
      ],
      delete: [ecr("DeleteRepository", { with: () => ({ force: true }) })],
      read: [
        describe("DescribeRepositories", "repositories.0", {
          names: { name: "repositoryNames" },
        }),
        describe("ListTagsForResource", "", { of: ["tags"], names: { arn: "resourceArn", name: "" } }),
      ],
      tagging: tagged("ecr", { arn: "resourceArn" }),
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "encryptionConfigurations"],
      notApplied: {
        forceDelete: "the provider's own: whether images go with their repository, as they do when a rehearsal ends",
      },
    },
    "aws:ecr/lifecyclePolicy:LifecyclePolicy": {
      key: { repository: "repositoryName" },
      create: [ecr("PutLifecyclePolicy", { names: { policy: "lifecyclePolicyText" } })],
      update: [ecr("PutLifecyclePolicy", { names: { policy: "lifecyclePolicyText" } })],
      delete: [ecr("DeleteLifecyclePolicy")],
      read: [describe("GetLifecyclePolicy", "", { of: ["policy"], names: { policy: "lifecyclePolicyText" } })],
      outputs: { id: (p) => p["repository"] },
      replaceOn: ["repository", "policy"],
    },
    "aws:ecr/repositoryPolicy:RepositoryPolicy": {
      key: { repository: "repositoryName" },
      create: [ecr("SetRepositoryPolicy", { names: { policy: "policyText" } })],
      update: [ecr("SetRepositoryPolicy", { names: { policy: "policyText" } })],
      delete: [ecr("DeleteRepositoryPolicy")],
      read: [describe("GetRepositoryPolicy", "", { of: ["policy"], names: { policy: "policyText" } })],
      outputs: { id: (p) => p["repository"] },
      replaceOn: ["repository"],
    },
    "aws:ecr/replicationConfiguration:ReplicationConfiguration": {
      key: {},
      create: [
        replicate((p) => p["replicationConfiguration"]?.rules ?? []),
        ecr("DescribeRegistry", {
          of: ["replicationConfiguration"],
          takes: ["replicationConfiguration"],
          outputs: { id: "registryId", registryId: "registryId" },
        }),
      ],
      update: [replicate((p) => p["replicationConfiguration"]?.rules ?? [])],
      delete: [replicate(() => [])],
      read: [describe("DescribeRegistry", "", { as: (found) => (rulesOf(found).length === 0 ? undefined : found) })],
    },
  },
};
