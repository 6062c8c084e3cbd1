import { PolicyResource } from "@pulumi/policy";
import { ExampleResource, make, ref } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { Rule } from "../core/rule";
import { at, known, read, UNKNOWN } from "../core/unknown";
import { BUCKET, ENCRYPTION, isEncryptedByKms, isVersioned, Replication, REPLICATION, ReplicationRule, replicationsOf, VERSIONING } from "./replication"; // prettier-ignore
import { unreplicated } from "./reliedOn";

const bucket = (name: string, region: string): ExampleResource[] => [
  make(BUCKET, name, { region }),
  make(VERSIONING, `${name}-versions`, { bucket: ref(name), versioningConfiguration: { status: "Enabled" } }),
  make(ENCRYPTION, `${name}-encryption`, {
    bucket: ref(name),
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms", kmsMasterKeyId: "alias/files" } }],
  }),
];
const example = (sourceSelectionCriteria: object) => [
  ...bucket("files", "us-east-1"),
  ...bucket("files-abroad", "eu-west-1"),
  make(REPLICATION, "files-replication", {
    bucket: ref("files"),
    role: "arn:aws:iam::123456789012:role/replication",
    rules: [
      {
        status: "Enabled",
        filter: {},
        deleteMarkerReplication: { status: "Enabled" },
        sourceSelectionCriteria,
        destination: {
          bucket: ref("files-abroad", "arn"),
          encryptionConfiguration: { replicaKmsKeyId: "arn:aws:kms:eu-west-1:123456789012:key/mrk-1" },
        },
      },
    ],
  }),
];

/** What people have uploaded is where the failover leads. */
export const bucketsAreReplicated: Rule<{ readonly localBuckets?: readonly string[] }> = {
  name: "buckets-are-replicated",
  what: "Replication of a bucket replicates: versions on both sides, a rule that is enabled, encrypted objects with a key of the other Region; and where DNS fails over to another Region, buckets that tasks and instances write to are replicated.",
  why: "S3 takes a replication that can't work and says nothing: without the selection of KMS objects it skips all of them, with a key of the wrong Region each object fails by itself. That is found out in the other Region, when the files are missed. A bucket without replication fails over empty.",
  mend: "Switch versioning on for both buckets, select KMS objects (`sourceSelectionCriteria.sseKmsEncryptedObjects`), name a key of the destination's Region (`replicaKmsKeyId`), and both ways replica modifications too. Of a bucket that needs no replica, name it by the option.",
  pages: [
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-requirements.html",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-config-for-kms-objects.html",
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-for-metadata-changes.html",
  ],
  options: {
    localBuckets: {
      type: "array",
      items: { type: "string" },
      default: [],
      description: "Names of buckets, as Pulumi has them, of which the other Region needs no copy: caches, say.",
    },
  },
  examples: { fails: example({}), passes: example({ sseKmsEncryptedObjects: { status: "Enabled" } }) },
  find: (graph, { localBuckets = [] }) => {
    const replications = replicationsOf(graph);
    return [
      ...replications.flatMap((one) => judge(graph, one, replications)),
      ...unreplicated(graph, replications, localBuckets),
    ];
  },
};

function judge(graph: Graph, one: Replication, all: readonly Replication[]): Finding[] {
  const { config, source, destinations, rules } = one;
  const { name, urn } = config;
  const versions = [...(source === undefined ? [] : [source]), ...destinations].flatMap((b) => unversioned(graph, b));
  if (rules === UNKNOWN) {
    return [...versions, undetermined(`rules of ${name} aren't known before the update: write them literally`, urn)];
  }
  const enabled = rules.filter(({ status }) => status === "Enabled");
  if (enabled.length === 0) {
    return [
      ...versions,
      rules.some(({ status }) => status === UNKNOWN)
        ? undetermined(`status of the rules of ${name} isn't known before the update: write it literally`, urn)
        : { message: `${name} replicates nothing: none of its rules has status "Enabled"`, urn },
    ];
  }
  const byKms = source !== undefined && isEncryptedByKms(graph, source);
  const back = all.some((other) => destinations.some((d) => d === other.source) && other.destinations.some((d) => d === source)); // prettier-ignore
  return [
    ...versions,
    ...enabled.flatMap((rule) => [...(byKms ? encrypted(one, rule) : []), ...(back ? bothWays(one, rule) : [])]),
  ];
}

function unversioned(graph: Graph, bucket: PolicyResource): Finding[] {
  const versioned = isVersioned(graph, bucket);
  const mend = 'add a BucketVersioning with status "Enabled"';
  return versioned === true
    ? []
    : versioned === undefined
      ? [undetermined(`whether bucket ${bucket.name} keeps versions isn't known before the update: write it literally`, bucket.urn)] // prettier-ignore
      : [{ message: `bucket ${bucket.name} keeps no versions, without which nothing is replicated: ${mend}`, urn: bucket.urn }]; // prettier-ignore
}

function encrypted({ config, destinations }: Replication, { props }: ReplicationRule): Finding[] {
  const { name, urn } = config;
  const selected = read(() => at(props, "sourceSelectionCriteria.sseKmsEncryptedObjects.status"));
  const key = read(() => at(props, "destination.encryptionConfiguration.replicaKmsKeyId") as string | undefined);
  const [, region] = /^arn:[\w-]+:kms:([\w-]+):/.exec(typeof key === "string" ? key : "") ?? [];
  const regions = destinations.map((d) => known(() => d.props["region"] as string | undefined));
  const other = regions.length === 1 && region !== undefined && regions[0] !== undefined && regions[0] !== region;
  return [
    ...(selected === "Enabled"
      ? []
      : selected === UNKNOWN
        ? [undetermined(`sseKmsEncryptedObjects of ${name} isn't known before the update: write it literally`, urn)]
        : [{ message: `${name} skips objects that are encrypted with KMS, as the bucket's all are: set sourceSelectionCriteria.sseKmsEncryptedObjects.status to "Enabled"`, urn }]), // prettier-ignore
    ...(key === undefined || key === ""
      ? [{ message: `${name} has no key for its replicas: set destination.encryptionConfiguration.replicaKmsKeyId to a key of the destination's Region`, urn }] // prettier-ignore
      : []),
    ...(other
      ? [{ message: `${name} encrypts replicas in ${regions[0] ?? ""} with a key of ${region}: S3 takes it, and then no object arrives; name a key of ${regions[0] ?? ""}`, urn }] // prettier-ignore
      : []),
  ];
}

/** Changes of a replica's tags and permissions go back only if both sides say so. */
function bothWays({ config: { name, urn } }: Replication, { props }: ReplicationRule): Finding[] {
  const synced = read(() => at(props, "sourceSelectionCriteria.replicaModifications.status"));
  return synced === "Enabled"
    ? []
    : synced === UNKNOWN
      ? [undetermined(`replicaModifications of ${name} isn't known before the update: write it literally`, urn)]
      : [{ message: `${name} replicates both ways, but not what is changed of replicas: set sourceSelectionCriteria.replicaModifications.status to "Enabled"`, urn }]; // prettier-ignore
}
