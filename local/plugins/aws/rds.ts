import { arn, client, Props, reader, recorded, ResourceRecord, ServiceRecords, taggedByName } from "./record";

const rds = client("rds");
const describe = reader("rds");
const { tagging, readTags } = taggedByName("rds");

/** What of a secret that RDS manages the provider puts out. */
const secretOf = ({ MasterUserSecret: secret }: Props) =>
  secret === undefined
    ? []
    : [{ secretArn: secret.SecretArn, secretStatus: secret.SecretStatus, kmsKeyId: secret.KmsKeyId }];

/** Logs are given as they shall be when something is made, and as a change later. */
const logExports = (was: string[] = [], is: string[] = []) => ({
  CloudwatchLogsExportConfiguration: {
    EnableLogTypes: is.filter((log) => !was.includes(log)),
    DisableLogTypes: was.filter((log) => !is.includes(log)),
  },
});

const groupsOf = (found: Props) => found["VpcSecurityGroups"]?.map((group: Props) => group["VpcSecurityGroupId"]) ?? [];

const isReplica = (p: Props) => p["replicateSourceDb"] !== undefined;

const instanceOutputs = {
  id: "DBInstance.DbiResourceId",
  resourceId: "DBInstance.DbiResourceId",
  arn: "DBInstance.DBInstanceArn",
  address: "DBInstance.Endpoint.Address",
  endpoint: ({ DBInstance: { Endpoint } }: Props) => `${Endpoint.Address}:${Endpoint.Port}`,
  port: "DBInstance.Endpoint.Port",
  engineVersionActual: "DBInstance.EngineVersion",
  masterUserSecrets: ({ DBInstance }: Props) => secretOf(DBInstance),
};

/** What moto keeps to itself of a database. */
const NOT_SAID = {
  performanceInsightsEnabled: "moto doesn't say",
  performanceInsightsKmsKeyId: "moto doesn't say",
  performanceInsightsRetentionPeriod: "moto doesn't say",
  enabledCloudwatchLogsExports: "moto has a replica's in the list of its source, and doesn't say a cluster's",
  masterUserSecretKmsKeyId: "it is the secret's, which is put out",
  manageMasterUserPassword: "the secret says it",
};
const OWN = {
  allowMajorVersionUpgrade: "the provider's own: whether it lets a major version through",
  skipFinalSnapshot: "",
};

const instance: ResourceRecord = {
  key: { identifier: "DBInstanceIdentifier" },
  names: {
    instanceClass: "DBInstanceClass",
    username: "MasterUsername",
    password: "MasterUserPassword",
    parameterGroupName: "DBParameterGroupName",
    performanceInsightsEnabled: "EnablePerformanceInsights",
    replicateSourceDb: "SourceDBInstanceIdentifier",
  },
  defaults: { autoMinorVersionUpgrade: true, applyImmediately: false, publiclyAccessible: false },
  // A replica that is promoted has them from its source; what was asked for is only no longer said.
  unset: { backupRetentionPeriod: 0, maxAllocatedStorage: undefined },
  create: [
    rds("CreateDBInstance", {
      if: (p) => !isReplica(p),
      names: { enabledCloudwatchLogsExports: "EnableCloudwatchLogsExports" },
      outputs: instanceOutputs,
    }),
    rds("CreateDBInstanceReadReplica", {
      if: isReplica,
      names: { enabledCloudwatchLogsExports: "EnableCloudwatchLogsExports" },
      // What a replica has from its source is as it was when it is promoted and asked for.
      outputs: { ...instanceOutputs, dbName: "DBInstance.DBName", username: "DBInstance.MasterUsername" },
    }),
    // RDS takes this of a replica only once it is there, as the provider knows.
    rds("ModifyDBInstance", { if: isReplica, of: ["backupRetentionPeriod"] }),
  ],
  update: [
    rds("CreateDBInstanceReadReplica", { of: ["replicateSourceDb"], undo: "PromoteReadReplica" }),
    rds("ModifyDBInstance", {
      takes: ["enabledCloudwatchLogsExports"],
      with: (p, _, olds) => logExports(olds["enabledCloudwatchLogsExports"], p["enabledCloudwatchLogsExports"]),
    }),
  ],
  delete: [
    // The provider leaves it to the user to turn the deletion protection off first; a rehearsal's end does it by itself.
    rds("ModifyDBInstance", { of: ["deletionProtection"], with: () => ({ DeletionProtection: false }) }),
    // moto doesn't find a replica of another Region among its source's, and then fails.
    rds("PromoteReadReplica", { of: ["replicateSourceDb"], with: () => ({ SourceDBInstanceIdentifier: undefined }) }),
    rds("DeleteDBInstance", {
      names: {
        skipFinalSnapshot: "SkipFinalSnapshot",
        finalSnapshotIdentifier: "FinalDBSnapshotIdentifier",
        deleteAutomatedBackups: "DeleteAutomatedBackups",
      },
    }),
  ],
  read: [
    describe("DescribeDBInstances", "DBInstances.0", {
      names: {
        parameterGroupName: "DBParameterGroups.0.DBParameterGroupName",
        dbSubnetGroupName: "DBSubnetGroup.DBSubnetGroupName",
        tags: "TagList",
      },
      also: (found, p) => ({
        vpcSecurityGroupIds: groupsOf(found),
        ...(isReplica(p) ? { replicateSourceDb: found.ReadReplicaSourceDBInstanceIdentifier } : {}),
      }),
    }),
  ],
  tagging,
  replaceOn: ["identifier", "engine", "dbName", "username", "kmsKeyId", "storageEncrypted", "dbSubnetGroupName"],
  notApplied: OWN,
  notRead: { ...NOT_SAID, password: "AWS doesn't say it", storageType: "moto doesn't keep a replica's" },
};

const cluster: ResourceRecord = {
  key: { clusterIdentifier: "DBClusterIdentifier" },
  names: { performanceInsightsEnabled: "EnablePerformanceInsights" },
  defaults: { applyImmediately: false },
  create: [
    rds("CreateDBCluster", {
      names: { enabledCloudwatchLogsExports: "EnableCloudwatchLogsExports" },
      outputs: {
        arn: "DBCluster.DBClusterArn",
        endpoint: "DBCluster.Endpoint",
        readerEndpoint: "DBCluster.ReaderEndpoint",
        port: "DBCluster.Port",
        masterUserSecrets: ({ DBCluster }) => secretOf(DBCluster),
      },
    }),
  ],
  update: [
    rds("ModifyDBCluster", {
      takes: ["enabledCloudwatchLogsExports"],
      with: (p, _, olds) => logExports(olds["enabledCloudwatchLogsExports"], p["enabledCloudwatchLogsExports"]),
    }),
  ],
  delete: [
    // As of an instance.
    rds("ModifyDBCluster", { of: ["deletionProtection"], with: () => ({ DeletionProtection: false }) }),
    rds("DeleteDBCluster", {
      names: { skipFinalSnapshot: "SkipFinalSnapshot", finalSnapshotIdentifier: "FinalDBSnapshotIdentifier" },
    }),
  ],
  read: [
    describe("DescribeDBClusters", "DBClusters.0", {
      names: {
        dbClusterParameterGroupName: "DBClusterParameterGroup",
        dbSubnetGroupName: "DBSubnetGroup",
        tags: "TagList",
      },
      also: (found) => ({ vpcSecurityGroupIds: groupsOf(found) }),
    }),
  ],
  tagging,
  outputs: {
    id: (p) => p["clusterIdentifier"],
    // AWS makes a Multi-AZ DB cluster's instances by itself, under these names; moto has none.
    clusterMembers: (p) => [1, 2, 3].map((i) => `${p["clusterIdentifier"]}-instance-${i}`),
  },
  replaceOn: ["clusterIdentifier", "engine", "databaseName", "masterUsername", "kmsKeyId", "dbSubnetGroupName"],
  notApplied: OWN,
  notRead: NOT_SAID,
};

export const records: ServiceRecords = {
  resources: {
    "aws:rds/instance:Instance": instance,
    "aws:rds/cluster:Cluster": cluster,
    "aws:rds/parameterGroup:ParameterGroup": {
      autoName: "name",
      key: { name: "DBParameterGroupName" },
      names: {
        family: "DBParameterGroupFamily",
        "parameters.name": "ParameterName",
        "parameters.value": "ParameterValue",
      },
      create: [rds("CreateDBParameterGroup", { outputs: { arn: "DBParameterGroup.DBParameterGroupArn" } })],
      settings: [rds("ModifyDBParameterGroup", { of: ["parameters"] })],
      delete: [rds("DeleteDBParameterGroup")],
      read: [
        describe("DescribeDBParameterGroups", "DBParameterGroups.0"),
        describe("DescribeDBParameters", "", { of: ["parameters"] }),
        readTags,
      ],
      tagging,
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "family", "description"],
    },
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": {
      autoName: "name",
      key: { name: "DBClusterParameterGroupName" },
      names: {
        family: "DBParameterGroupFamily",
        "parameters.name": "ParameterName",
        "parameters.value": "ParameterValue",
      },
      create: [
        rds("CreateDBClusterParameterGroup", {
          outputs: { arn: "DBClusterParameterGroup.DBClusterParameterGroupArn" },
        }),
      ],
      settings: [rds("ModifyDBClusterParameterGroup", { of: ["parameters"] })],
      delete: [rds("DeleteDBClusterParameterGroup")],
      read: [
        describe("DescribeDBClusterParameterGroups", "DBClusterParameterGroups.0"),
        describe("DescribeDBClusterParameters", "", { of: ["parameters"] }),
        readTags,
      ],
      tagging,
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "family", "description"],
    },
    "aws:rds/subnetGroup:SubnetGroup": {
      autoName: "name",
      key: { name: "DBSubnetGroupName" },
      names: { description: "DBSubnetGroupDescription" },
      create: [rds("CreateDBSubnetGroup", { outputs: { arn: "DBSubnetGroup.DBSubnetGroupArn" } })],
      update: [rds("ModifyDBSubnetGroup")],
      delete: [rds("DeleteDBSubnetGroup")],
      read: [
        describe("DescribeDBSubnetGroups", "DBSubnetGroups.0", {
          also: (found, p) => ({
            subnetIds: sameOrder(
              found.Subnets?.map((subnet: Props) => subnet["SubnetIdentifier"]),
              p["subnetIds"],
            ),
          }),
        }),
        readTags,
      ],
      tagging,
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name"],
    },
    "aws:rds/eventSubscription:EventSubscription": {
      autoName: "name",
      key: { name: "SubscriptionName" },
      names: { snsTopic: "SnsTopicArn" },
      defaults: { enabled: true },
      create: [rds("CreateEventSubscription", { outputs: { arn: "EventSubscription.EventSubscriptionArn" } })],
      // moto has no ModifyEventSubscription.
      update: [
        rds("DeleteEventSubscription", { takes: ["snsTopic", "eventCategories", "sourceIds", "enabled"] }),
        rds("CreateEventSubscription"),
      ],
      delete: [rds("DeleteEventSubscription")],
      read: [
        describe("DescribeEventSubscriptions", "EventSubscriptionsList.0", {
          names: { eventCategories: "EventCategoriesList", sourceIds: "SourceIdsList" },
        }),
      ],
      tagging,
      outputs: { id: (p) => p["name"], arn: (p) => arn("rds", `es:${p["name"]}`, p["region"]) },
      replaceOn: ["name", "sourceType"],
    },
    // moto tells of replicated backups, and can't be told to replicate any.
    "aws:rds/instanceAutomatedBackupsReplication:InstanceAutomatedBackupsReplication": recorded(),
  },
  functions: {
    "aws:rds/getInstance:getInstance": {
      call: rds("DescribeDBInstances", { names: { dbInstanceIdentifier: "DBInstanceIdentifier" } }),
      answer: ({ DBInstances: [found] }) => ({
        id: found.DBInstanceIdentifier,
        engine: found.Engine,
        engineVersion: found.EngineVersion,
        dbName: found.DBName ?? "",
        backupRetentionPeriod: found.BackupRetentionPeriod,
        storageEncrypted: found.StorageEncrypted ?? false,
        masterUserSecrets: secretOf(found),
      }),
    },
  },
};

/** AWS keeps subnets in an order of its own. */
const sameOrder = (found: string[] = [], was: string[] = []) => [
  ...was.filter((one) => found.includes(one)),
  ...found.filter((one) => !was.includes(one)),
];
