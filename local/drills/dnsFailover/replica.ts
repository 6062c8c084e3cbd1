import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import {
  CreateDBInstanceReadReplicaCommand,
  DBInstance,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  ModifyDBInstanceCommand,
  PromoteReadReplicaCommand,
  RDSClient,
} from "@aws-sdk/client-rds";
import { describeAlarms } from "../alarms";
import { Clients } from "../../endpoint/clients";

/** The databases of a Region that follow one in another. */
export class Replicas {
  private readonly rds: RDSClient;
  private readonly cloudWatch: CloudWatchClient;

  constructor(clients: Clients, region: string) {
    this.rds = clients.make(RDSClient, region);
    this.cloudWatch = clients.make(CloudWatchClient, region);
  }

  /** Those that follow one in a Region. */
  async of(sourceRegion: string): Promise<DBInstance[]> {
    const { DBInstances = [] } = await this.rds.send(new DescribeDBInstancesCommand({}));
    return DBInstances.filter(({ ReadReplicaSourceDBInstanceIdentifier: source }) =>
      source?.startsWith(`arn:aws:rds:${sourceRegion}:`),
    );
  }

  async describe({ DBInstanceIdentifier }: DBInstance): Promise<DBInstance> {
    const { DBInstances = [] } = await this.rds.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
    return DBInstances[0] ?? {};
  }

  async promote({ DBInstanceIdentifier }: DBInstance): Promise<void> {
    await this.rds.send(new PromoteReadReplicaCommand({ DBInstanceIdentifier }));
  }

  /** Goes back, as the runbook does: what was promoted is deleted, and one made anew that is as it was before. */
  async makeAnew(before: DBInstance): Promise<void> {
    const { BackupRetentionPeriod, DBInstanceIdentifier } = before;
    const now = { DBInstanceIdentifier, ApplyImmediately: true };
    await this.rds.send(new ModifyDBInstanceCommand({ ...now, DeletionProtection: false }));
    await this.rds.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }));
    await this.rds.send(new CreateDBInstanceReadReplicaCommand(replicaSettings(before)));
    // RDS takes this of a replica only once it is there.
    await this.rds.send(new ModifyDBInstanceCommand({ ...now, BackupRetentionPeriod }));
  }

  /** Seconds that a replica may be behind before its alarm tells people. `undefined`: no alarm would. */
  async mayBeBehind({ DBInstanceIdentifier }: DBInstance): Promise<number | undefined> {
    const alarms = await describeAlarms(this.cloudWatch);
    const alarm = alarms.find(
      ({ MetricName, Dimensions = [] }) =>
        MetricName === "ReplicaLag" && Dimensions.some(({ Value }) => Value === DBInstanceIdentifier),
    );
    return alarm && (alarm.Threshold ?? 0) + (alarm.Period ?? 0) * (alarm.EvaluationPeriods ?? 0);
  }
}

/** What a replica has to be made with to be as one is described. */
export function replicaSettings({
  DBParameterGroups: [parameters] = [],
  DBSubnetGroup: subnets,
  EnabledCloudwatchLogsExports: EnableCloudwatchLogsExports,
  PerformanceInsightsEnabled: EnablePerformanceInsights,
  ReadReplicaSourceDBInstanceIdentifier: SourceDBInstanceIdentifier,
  TagList: Tags,
  VpcSecurityGroups = [],
  ...same
}: DBInstance) {
  const { AllocatedStorage, AutoMinorVersionUpgrade, CopyTagsToSnapshot, DBInstanceClass, DBInstanceIdentifier } = same;
  const { DeletionProtection, KmsKeyId, MaxAllocatedStorage, MultiAZ, PubliclyAccessible, StorageType } = same;
  const { PerformanceInsightsKMSKeyId, PerformanceInsightsRetentionPeriod } = same;
  return {
    ...{ AllocatedStorage, AutoMinorVersionUpgrade, CopyTagsToSnapshot, DBInstanceClass, DBInstanceIdentifier },
    ...{ DeletionProtection, KmsKeyId, MaxAllocatedStorage, MultiAZ, PubliclyAccessible, StorageType },
    ...{ EnableCloudwatchLogsExports, EnablePerformanceInsights, SourceDBInstanceIdentifier, Tags },
    ...{ PerformanceInsightsKMSKeyId, PerformanceInsightsRetentionPeriod },
    DBParameterGroupName: parameters?.DBParameterGroupName,
    DBSubnetGroupName: subnets?.DBSubnetGroupName,
    VpcSecurityGroupIds: VpcSecurityGroups.flatMap(({ VpcSecurityGroupId: id }) => id ?? []),
  };
}
