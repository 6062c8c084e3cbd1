import assert from "node:assert/strict";
import { replicaSettings } from "../../../../local/drills/dnsFailover/replica";

describe("replicaSettings", () => {
  const described = {
    DBInstanceIdentifier: "copy",
    DBInstanceStatus: "available",
    DBInstanceClass: "db.t4g.medium",
    DBParameterGroups: [{ DBParameterGroupName: "parameters", ParameterApplyStatus: "in-sync" }],
    DBSubnetGroup: { DBSubnetGroupName: "subnets", VpcId: "vpc-1" },
    DeletionProtection: true,
    EnabledCloudwatchLogsExports: ["postgresql"],
    MasterUsername: "owner",
    MultiAZ: true,
    PerformanceInsightsEnabled: true,
    ReadReplicaSourceDBInstanceIdentifier: "arn:aws:rds:us-east-1:123456789012:db:orders",
    TagList: [{ Key: "team", Value: "shop" }],
    VpcSecurityGroups: [{ VpcSecurityGroupId: "sg-1", Status: "active" }, {}],
  };

  it("says what it was described with by the names that the call has, and nothing that comes from the source", () => {
    const set = Object.entries(replicaSettings(described)).filter(([, value]) => value !== undefined);
    assert.deepEqual(Object.fromEntries(set), {
      DBInstanceIdentifier: "copy",
      DBInstanceClass: "db.t4g.medium",
      DBParameterGroupName: "parameters",
      DBSubnetGroupName: "subnets",
      DeletionProtection: true,
      EnableCloudwatchLogsExports: ["postgresql"],
      EnablePerformanceInsights: true,
      MultiAZ: true,
      SourceDBInstanceIdentifier: "arn:aws:rds:us-east-1:123456789012:db:orders",
      Tags: [{ Key: "team", Value: "shop" }],
      VpcSecurityGroupIds: ["sg-1"],
    });
  });

  it("says of what was promoted that it follows nobody", () => {
    const { ReadReplicaSourceDBInstanceIdentifier: _, ...promoted } = described;
    assert.equal(replicaSettings(promoted).SourceDBInstanceIdentifier, undefined);
    assert.notDeepEqual(replicaSettings(promoted), replicaSettings(described));
  });
});
