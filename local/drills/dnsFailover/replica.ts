import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DBInstance, DescribeDBInstancesCommand, PromoteReadReplicaCommand, RDSClient } from "@aws-sdk/client-rds";
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
