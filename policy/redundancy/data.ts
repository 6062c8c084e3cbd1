import { Demand, RedundancyRecord } from "./record";

const kept = (property: string, otherwise: number): Demand => ({
  rule: "data-can-be-restored",
  property,
  atLeast: 1,
  otherwise,
  mend: `set ${property} to 7 or more days`,
});

const guarded = (property = "deletionProtection"): Demand => ({
  rule: "deletion-is-protected",
  property,
  is: true,
  otherwise: false,
  mend: `set ${property} to true`,
});

const standby = (property: string, more: Partial<Demand> = {}): Demand => ({
  rule: "standby-is-ready",
  property,
  is: true,
  otherwise: false,
  mend: `set ${property} to true`,
  ...more,
});

const encrypted = (property = "storageEncrypted", more: Partial<Demand> = {}): Demand => ({
  rule: "data-is-encrypted",
  property,
  is: true,
  otherwise: false,
  mend: `set ${property} to true`,
  ...more,
});

/** What is made from something else is encrypted as that is. */
const isNotMadeFrom = (...sources: readonly string[]): Pick<Demand, "when"> => ({
  when: sources.map((property) => ({ property, given: false })),
});

/** A cluster whose instances are resources of their own: one writes, the others take over. */
const readers = (type: string, more: Partial<NonNullable<RedundancyRecord["members"]>> = {}) => ({
  type,
  by: "clusterIdentifier",
  minimum: 2,
  rule: "standby-is-ready" as const,
  mend: "add a second instance to the cluster: without one, AWS has to make a new one first",
  ...more,
});

const subnetGroup = (what: string, page: string): RedundancyRecord => ({
  what: `subnet group of ${what}`,
  spans: { subnets: ["subnetIds"] },
  page,
});

const RDS = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.html";
const AURORA = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html";
const DOCDB = "https://docs.aws.amazon.com/documentdb/latest/developerguide/replication.html";
const NEPTUNE = "https://docs.aws.amazon.com/neptune/latest/userguide/feature-overview-availability.html";
const ELASTICACHE = "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html";
const MEMORYDB = "https://docs.aws.amazon.com/memorydb/latest/devguide/autofailover.html";
const REDSHIFT = "https://docs.aws.amazon.com/redshift/latest/mgmt/managing-cluster-multi-az.html";
const DAX = "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/DAX.concepts.cluster.html";
const OPENSEARCH = "https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-multiaz.html";
const FSX_WINDOWS = "https://docs.aws.amazon.com/fsx/latest/WindowsGuide/high-availability-multiAZ.html";
const FSX_ONTAP = "https://docs.aws.amazon.com/fsx/latest/ONTAPGuide/high-availability-AZ.html";
const FSX_OPENZFS = "https://docs.aws.amazon.com/fsx/latest/OpenZFSGuide/availability-durability.html";

/** What passes between a cache and its clients. A secondary of a global datastore has what its primary has. */
const onTheWay: readonly Demand[] = [
  encrypted("transitEncryptionEnabled", isNotMadeFrom("globalReplicationGroupId")),
  {
    rule: "data-is-encrypted",
    property: "transitEncryptionMode",
    not: "preferred",
    otherwise: "required",
    mend: 'set transitEncryptionMode to "required" once all clients use TLS: preferred lets others in without',
  },
];

const search: RedundancyRecord = {
  what: "search domain",
  demands: [
    standby("clusterConfig.zoneAwarenessEnabled", {
      mend: "set clusterConfig.zoneAwarenessEnabled to true (or multiAzWithStandbyEnabled)",
      when: [{ property: "clusterConfig.multiAzWithStandbyEnabled", not: true, otherwise: false }],
    }),
    {
      rule: "enough-instances",
      property: "clusterConfig.instanceCount",
      atLeast: 2,
      otherwise: 1,
      mend: "set clusterConfig.instanceCount to 2 or more",
    },
    encrypted("encryptAtRest.enabled"),
  ],
  page: OPENSEARCH,
};

const fileSystem = (page: string, allowed: readonly string[], otherwise?: string): RedundancyRecord => ({
  what: "file system",
  demands: [
    {
      rule: "standby-is-ready",
      property: "deploymentType",
      oneOf: allowed,
      otherwise,
      mend: `set deploymentType to ${allowed.join(" or ")}`,
    },
    kept("automaticBackupRetentionDays", 30),
  ],
  page,
});

/** What keeps data. */
export const data: Readonly<Record<string, RedundancyRecord>> = {
  "aws:rds/instance:Instance": {
    what: "database",
    demands: [
      // A replica is itself what takes over.
      standby("multiAz", { when: [{ property: "replicateSourceDb", given: false }] }),
      { ...kept("backupRetentionPeriod", 0), when: [{ property: "replicateSourceDb", given: false }] },
      encrypted("storageEncrypted", isNotMadeFrom("replicateSourceDb", "snapshotIdentifier", "restoreToPointInTime")),
      guarded(),
    ],
    page: RDS,
  },
  "aws:rds/cluster:Cluster": {
    what: "database cluster",
    demands: [
      kept("backupRetentionPeriod", 1),
      encrypted("storageEncrypted", {
        when: [
          ...(isNotMadeFrom("replicationSourceIdentifier", "snapshotIdentifier", "restoreToPointInTime").when ?? []),
          // Serverless v1 always is.
          { property: "engineMode", not: "serverless", otherwise: "provisioned" },
        ],
      }),
      guarded(),
    ],
    // A Multi-AZ DB cluster brings its standbys; Aurora's are instances of their own.
    members: readers("aws:rds/clusterInstance:ClusterInstance", {
      when: [
        { property: "dbClusterInstanceClass", given: false },
        { property: "engineMode", not: "serverless", otherwise: "provisioned" },
      ],
    }),
    page: AURORA,
  },
  "aws:docdb/cluster:Cluster": {
    what: "DocumentDB cluster",
    demands: [
      kept("backupRetentionPeriod", 1),
      encrypted("storageEncrypted", isNotMadeFrom("snapshotIdentifier", "restoreToPointInTime")),
      guarded(),
    ],
    members: readers("aws:docdb/clusterInstance:ClusterInstance"),
    page: DOCDB,
  },
  "aws:neptune/cluster:Cluster": {
    what: "Neptune cluster",
    demands: [
      kept("backupRetentionPeriod", 1),
      encrypted("storageEncrypted", isNotMadeFrom("replicationSourceIdentifier", "snapshotIdentifier")),
      guarded(),
    ],
    members: readers("aws:neptune/clusterInstance:ClusterInstance"),
    page: NEPTUNE,
  },
  "aws:redshift/cluster:Cluster": {
    what: "Redshift cluster",
    demands: [
      standby("multiAz", {
        mend: "set multiAz (or availabilityZoneRelocationEnabled) to true",
        when: [{ property: "availabilityZoneRelocationEnabled", not: true, otherwise: false }],
      }),
      kept("automatedSnapshotRetentionPeriod", 1),
    ],
    page: REDSHIFT,
  },
  "aws:elasticache/replicationGroup:ReplicationGroup": {
    what: "cache",
    spans: { zones: ["preferredCacheClusterAzs"], when: [{ property: "preferredCacheClusterAzs", given: true }] },
    demands: [
      standby("automaticFailoverEnabled"),
      // Valkey's are, unless that is switched off.
      encrypted("atRestEncryptionEnabled", {
        when: [
          { property: "engine", not: "valkey", otherwise: "redis" },
          ...(isNotMadeFrom("globalReplicationGroupId").when ?? []),
        ],
      }),
      ...onTheWay,
      standby("multiAzEnabled"),
      {
        rule: "enough-instances",
        property: "numCacheClusters",
        atLeast: 2,
        otherwise: 1,
        mend: "set numCacheClusters to 2 or more (or replicasPerNodeGroup to 1 or more)",
        when: [
          { property: "numNodeGroups", given: false },
          { property: "replicasPerNodeGroup", given: false },
          { property: "globalReplicationGroupId", given: false },
        ],
      },
      {
        rule: "enough-instances",
        property: "replicasPerNodeGroup",
        atLeast: 1,
        otherwise: 0,
        mend: "set replicasPerNodeGroup to 1 or more",
        when: [{ property: "numNodeGroups", given: true }],
      },
    ],
    page: ELASTICACHE,
  },
  // Over zones, encrypted and with a standby by itself.
  "aws:elasticache/serverlessCache:ServerlessCache": {
    what: "serverless cache",
    spans: { subnets: ["subnetIds"], when: [{ property: "subnetIds", given: true }] },
    page: "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/WhatIs.deployment.html",
  },
  "aws:elasticache/cluster:Cluster": {
    what: "cache",
    demands: [
      {
        rule: "standby-is-ready",
        property: "azMode",
        is: "cross-az",
        otherwise: "single-az",
        mend: 'set azMode to "cross-az"',
        when: [{ property: "engine", is: "memcached" }],
      },
      {
        rule: "enough-instances",
        property: "numCacheNodes",
        atLeast: 2,
        mend: "set numCacheNodes to 2 or more",
        when: [{ property: "engine", is: "memcached" }],
      },
      {
        rule: "standby-is-ready",
        property: "replicationGroupId",
        given: true,
        mend: "use a ReplicationGroup with automaticFailoverEnabled and multiAzEnabled: a single node has no standby",
        when: [{ property: "engine", not: "memcached" }],
      },
    ],
    page: ELASTICACHE,
  },
  "aws:memorydb/cluster:Cluster": {
    what: "MemoryDB cluster",
    demands: [
      {
        rule: "enough-instances",
        property: "numReplicasPerShard",
        atLeast: 1,
        otherwise: 1,
        mend: "set numReplicasPerShard to 1 or more",
      },
      encrypted("tlsEnabled", { otherwise: true }),
      kept("snapshotRetentionLimit", 0),
    ],
    page: MEMORYDB,
  },
  "aws:dax/cluster:Cluster": {
    what: "DAX cluster",
    spans: { zones: ["availabilityZones"], when: [{ property: "availabilityZones", given: true }] },
    demands: [
      {
        rule: "enough-instances",
        property: "replicationFactor",
        atLeast: 2,
        mend: "set replicationFactor to 3, AWS's advice for production",
      },
      encrypted("serverSideEncryption.enabled"),
    ],
    page: DAX,
  },
  "aws:dynamodb/table:Table": {
    what: "table",
    demands: [
      {
        ...standby("pointInTimeRecovery.enabled"),
        rule: "data-can-be-restored",
      },
      guarded("deletionProtectionEnabled"),
    ],
    page: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
  },
  "aws:efs/fileSystem:FileSystem": {
    what: "file system",
    demands: [
      {
        rule: "standby-is-ready",
        property: "availabilityZoneName",
        given: false,
        mend: "leave availabilityZoneName out: a One Zone file system is lost with its zone",
      },
      encrypted("encrypted"),
    ],
    members: {
      ...readers("aws:efs/mountTarget:MountTarget"),
      by: "fileSystemId",
      subnets: "subnetId",
      mend: "add mount targets in two or more zones",
    },
    page: "https://docs.aws.amazon.com/efs/latest/ug/features.html",
  },
  "aws:fsx/windowsFileSystem:WindowsFileSystem": fileSystem(FSX_WINDOWS, ["MULTI_AZ_1"], "SINGLE_AZ_1"),
  "aws:fsx/ontapFileSystem:OntapFileSystem": fileSystem(FSX_ONTAP, ["MULTI_AZ_1", "MULTI_AZ_2"]),
  "aws:fsx/openZfsFileSystem:OpenZfsFileSystem": fileSystem(FSX_OPENZFS, ["MULTI_AZ_1"]),
  "aws:opensearch/domain:Domain": search,
  "aws:elasticsearch/domain:Domain": search,
  "aws:rds/subnetGroup:SubnetGroup": subnetGroup("databases", RDS),
  "aws:docdb/subnetGroup:SubnetGroup": subnetGroup("DocumentDB", DOCDB),
  "aws:neptune/subnetGroup:SubnetGroup": subnetGroup("Neptune", NEPTUNE),
  "aws:elasticache/subnetGroup:SubnetGroup": subnetGroup("ElastiCache", ELASTICACHE),
  "aws:memorydb/subnetGroup:SubnetGroup": subnetGroup("MemoryDB", MEMORYDB),
  "aws:redshift/subnetGroup:SubnetGroup": subnetGroup("Redshift", REDSHIFT),
  "aws:dax/subnetGroup:SubnetGroup": subnetGroup("DAX", DAX),
  "aws:dms/replicationInstance:ReplicationInstance": {
    what: "replication instance",
    demands: [standby("multiAz")],
    page: "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_ReplicationInstance.html",
  },
};
