import { client, Props, reader, ServiceRecords, taggedByName } from "./record";

const elasticache = client("elasticache");
const describe = reader("elasticache");
const { tagging, readTags } = taggedByName("elasticache");

/** What has been added to a list, and what is gone from it. */
const changes = (was: string[] = [], is: string[] = []) => ({
  added: is.filter((one) => !was.includes(one)),
  gone: was.filter((one) => !is.includes(one)),
});

export const records: ServiceRecords = {
  resources: {
    "aws:elasticache/replicationGroup:ReplicationGroup": {
      autoName: "replicationGroupId",
      key: { replicationGroupId: "ReplicationGroupId" },
      names: {
        description: "ReplicationGroupDescription",
        nodeType: "CacheNodeType",
        subnetGroupName: "CacheSubnetGroupName",
        parameterGroupName: "CacheParameterGroupName",
        maintenanceWindow: "PreferredMaintenanceWindow",
        "logDeliveryConfigurations.destination": "DestinationDetails.CloudWatchLogsDetails.LogGroup",
      },
      defaults: { applyImmediately: false },
      create: [
        elasticache("CreateReplicationGroup", {
          outputs: {
            arn: "ReplicationGroup.ARN",
            primaryEndpointAddress: "ReplicationGroup.NodeGroups.0.PrimaryEndpoint.Address",
            readerEndpointAddress: "ReplicationGroup.NodeGroups.0.ReaderEndpoint.Address",
            memberClusters: "ReplicationGroup.MemberClusters",
          },
        }),
      ],
      update: [
        // Each leaves alone a group that it has nothing to do for, as ministack has them.
        ...["IncreaseReplicaCount", "DecreaseReplicaCount"].map((action) =>
          elasticache(action, {
            of: ["numCacheClusters"],
            with: (p: Props) => ({ NewReplicaCount: p["numCacheClusters"] - 1, ApplyImmediately: true }),
          }),
        ),
        elasticache("ModifyReplicationGroup", {
          takes: ["userGroupIds"],
          with: (p, _, olds) => {
            const { added, gone } = changes(olds["userGroupIds"], p["userGroupIds"]);
            return { UserGroupIdsToAdd: added, UserGroupIdsToRemove: gone };
          },
        }),
      ],
      delete: [elasticache("DeleteReplicationGroup")],
      read: [
        describe("DescribeReplicationGroups", "ReplicationGroups.0", { names: { description: "Description" } }),
        readTags,
      ],
      tagging,
      outputs: { id: (p) => p["replicationGroupId"] },
      replaceOn: [
        ...["replicationGroupId", "atRestEncryptionEnabled", "kmsKeyId", "subnetGroupName", "port"],
        ...["securityGroupNames", "snapshotName"],
      ],
      notRead: {
        engineVersion: "ministack doesn't say it of a group",
        kmsKeyId: "",
      },
    },
    "aws:elasticache/subnetGroup:SubnetGroup": {
      autoName: "name",
      key: { name: "CacheSubnetGroupName" },
      names: { description: "CacheSubnetGroupDescription" },
      create: [elasticache("CreateCacheSubnetGroup", { outputs: { arn: "CacheSubnetGroup.ARN" } })],
      update: [elasticache("ModifyCacheSubnetGroup")],
      delete: [elasticache("DeleteCacheSubnetGroup")],
      read: [
        describe("DescribeCacheSubnetGroups", "CacheSubnetGroups.0", {
          also: (found) => ({ subnetIds: found.Subnets?.map((subnet: Props) => subnet["SubnetIdentifier"]) }),
        }),
        readTags,
      ],
      tagging,
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name"],
    },
    "aws:elasticache/parameterGroup:ParameterGroup": {
      autoName: "name",
      key: { name: "CacheParameterGroupName" },
      names: {
        family: "CacheParameterGroupFamily",
        parameters: "ParameterNameValues",
        "parameters.name": "ParameterName",
        "parameters.value": "ParameterValue",
      },
      create: [elasticache("CreateCacheParameterGroup", { outputs: { arn: "CacheParameterGroup.ARN" } })],
      settings: [elasticache("ModifyCacheParameterGroup", { of: ["parameters"] })],
      delete: [elasticache("DeleteCacheParameterGroup")],
      read: [
        describe("DescribeCacheParameterGroups", "CacheParameterGroups.0"),
        describe("DescribeCacheParameters", "", {
          of: ["parameters"],
          names: { parameters: "Parameters" },
          as: ({ Parameters }) => ({ Parameters: Parameters?.filter((p: Props) => p["Source"] === "user") }),
        }),
        readTags,
      ],
      tagging,
      outputs: { id: (p) => p["name"] },
      replaceOn: ["name", "family", "description"],
    },
    "aws:elasticache/user:User": {
      key: { userId: "UserId" },
      create: [elasticache("CreateUser", { outputs: { id: "UserId", arn: "ARN" } })],
      update: [elasticache("ModifyUser")],
      delete: [elasticache("DeleteUser")],
      read: [
        describe("DescribeUsers", "Users.0", {
          also: ({ Authentication: { Type } }) => ({ authenticationMode: { type: Type } }),
        }),
        readTags,
      ],
      tagging,
      replaceOn: ["userId", "userName"],
    },
    "aws:elasticache/userGroup:UserGroup": {
      key: { userGroupId: "UserGroupId" },
      create: [elasticache("CreateUserGroup", { outputs: { id: "UserGroupId", arn: "ARN" } })],
      update: [
        elasticache("ModifyUserGroup", {
          takes: ["userIds"],
          with: (p, _, olds) => {
            const { added, gone } = changes(olds["userIds"], p["userIds"]);
            return { UserIdsToAdd: added, UserIdsToRemove: gone };
          },
        }),
      ],
      delete: [elasticache("DeleteUserGroup")],
      read: [describe("DescribeUserGroups", "UserGroups.0"), readTags],
      tagging,
      replaceOn: ["userGroupId"],
    },
  },
};
