import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  MetricAlarm,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  DescribeInstancesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  Instance,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { describeAlarms } from "../alarms";
import { AwsEvent } from "../../bus/bus";
import { alarmState } from "../../bus/events";
import { Clients } from "../../endpoint/clients";
import { ApplicationConfig, deployedStack, OutpostsConfig } from "../../stacks/stackFiles";

/** A stack's Outposts servers as the AWS APIs know them, and what AWS itself would do to them and no emulator does. */
export class OutpostWorld {
  private readonly ec2: EC2Client;
  private readonly cloudWatch: CloudWatchClient;
  private readonly loadBalancing: ElasticLoadBalancingV2Client;
  /** Names of the servers whose link is down. */
  private readonly down = new Set<string>();

  private constructor(
    clients: Clients,
    region: string,
    readonly config: OutpostsConfig,
    /** Subnet on each server, by the server's name. */
    private readonly subnets: ReadonlyMap<string, string>,
  ) {
    this.ec2 = clients.make(EC2Client, region);
    this.cloudWatch = clients.make(CloudWatchClient, region);
    this.loadBalancing = clients.make(ElasticLoadBalancingV2Client, region);
  }

  static async find(stack: string, clients: Clients): Promise<OutpostWorld> {
    const { region, config } = await deployedStack(stack);
    const { outposts = { servers: {}, pairs: [] } } = config;
    const { Subnets = [] } = await clients.make(EC2Client, region).send(new DescribeSubnetsCommand({}));
    const subnets = new Map(
      Object.entries(outposts.servers).map(([server, { subnetIds }]) => {
        const made = Subnets.find((s) => s.Tags?.some((t) => t.Key === "Name" && t.Value === `${server}-outpost`));
        return [server, made?.SubnetId ?? subnetIds[0] ?? ""];
      }),
    );
    return new OutpostWorld(clients, region, outposts, subnets);
  }

  /** Id of the subnet on a server. */
  subnet(server: string): string {
    return this.subnets.get(server) ?? "";
  }

  /** Every server connected, and every application running where it normally does. */
  async reset(): Promise<void> {
    const instances = (await Promise.all([...this.subnets.keys()].map((s) => this.instances(s)))).flat();
    const InstanceIds = instances.map((i) => i.InstanceId ?? "");
    for (const arn of new Set(this.config.pairs.flatMap((p) => p.applications.flatMap((a) => a.targetGroupArns)))) {
      const Targets = [...(await this.members(arn)).keys()].map((Id) => ({ Id }));
      if (Targets.length > 0) {
        await this.loadBalancing.send(new DeregisterTargetsCommand({ TargetGroupArn: arn, Targets }));
      }
    }
    if (InstanceIds.length > 0) {
      await this.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    }
    await Promise.all([...this.subnets.keys()].map((server) => this.report(server, 1)));
    this.down.clear();
    await this.setAlarms();
    await Promise.all(
      this.config.pairs.flatMap((pair) => pair.applications.map((a) => this.run(pair[a.home], a, a.count))),
    );
  }

  /** Runs instances of an application on a server, as members of its target groups. */
  async run(server: string, { launchTemplate, instanceType, targetGroupArns }: ApplicationConfig, count: number) {
    if (count <= 0) {
      return;
    }
    const { id, name } = launchTemplate;
    const { Instances = [] } = await this.ec2.send(
      new RunInstancesCommand({
        LaunchTemplate: id === undefined ? { LaunchTemplateName: name } : { LaunchTemplateId: id },
        InstanceType: instanceType as never,
        SubnetId: this.subnet(server),
        MinCount: count,
        MaxCount: count,
      }),
    );
    const Targets = Instances.map(({ InstanceId }) => ({ Id: InstanceId, Port: 8080 }));
    for (const TargetGroupArn of targetGroupArns) {
      await this.loadBalancing.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
    }
  }

  /** The instances that exist on a server. */
  async instances(server: string): Promise<Instance[]> {
    const { Reservations = [] } = await this.ec2.send(
      new DescribeInstancesCommand({
        Filters: [
          { Name: "subnet-id", Values: [this.subnet(server)] },
          { Name: "instance-state-name", Values: ["pending", "running", "stopping", "stopped"] },
        ],
      }),
    );
    return Reservations.flatMap((r) => r.Instances ?? []);
  }

  /** Those among them that were relaunched there for a pair. */
  async copies(server: string, pair: string): Promise<Instance[]> {
    const instances = await this.instances(server);
    return instances.filter((i) =>
      i.Tags?.some((t) => t.Key === "nplusone:relaunched-by" && t.Value?.includes(`/outposts/${pair}-`)),
    );
  }

  /** The members of a target group, and their health. */
  async members(TargetGroupArn: string): Promise<Map<string, string>> {
    const { TargetHealthDescriptions = [] } = await this.loadBalancing.send(
      new DescribeTargetHealthCommand({ TargetGroupArn }),
    );
    return new Map(TargetHealthDescriptions.map((d) => [d.Target?.Id ?? "", d.TargetHealth?.State ?? ""]));
  }

  /** A server's link goes down: its metric has been 0 for minutes, and its alarms go off. */
  async disconnect(server: string): Promise<void> {
    await Promise.all([this.report(server, 0, new Date(Date.now() - 60_000)), this.report(server, 0)]);
    this.down.add(server);
    await this.setAlarms();
  }

  /** A server's link is back: so is its metric, and its alarms are over. */
  async connect(server: string): Promise<void> {
    await this.report(server, 1);
    this.down.delete(server);
    await this.setAlarms();
  }

  /** A server's alarms go off, though its metric doesn't say that it is disconnected. */
  async alarmOnly(server: string): Promise<void> {
    this.down.add(server);
    await this.setAlarms();
  }

  /** The names of the alarms on a server's service link, of one pair or all; a server has one in each of its pairs. */
  async alarms(server: string, pair = ""): Promise<string[]> {
    return (await this.alarmsOf(server, pair)).map((a) => a.AlarmName ?? "");
  }

  /** The events by which CloudWatch reports these alarms as they are: with the moment that it answers too. */
  async alarmEvents(server: string, pair = ""): Promise<AwsEvent[]> {
    return (await this.alarmsOf(server, pair)).map((a) => {
      const since = a.StateTransitionedTimestamp ?? a.StateUpdatedTimestamp;
      return alarmState(a.AlarmName ?? "", a.StateValue === "ALARM" ? "ALARM" : "OK", since?.toISOString());
    });
  }

  private async alarmsOf(server: string, pair = ""): Promise<MetricAlarm[]> {
    const alarms = await this.linkAlarms(pair === "" ? undefined : `${pair}-`);
    return alarms.filter((alarm) => this.isAbout(alarm, server));
  }

  /** The alarms on service links. */
  private async linkAlarms(namePrefix?: string): Promise<MetricAlarm[]> {
    const alarms = await describeAlarms(this.cloudWatch, namePrefix);
    return alarms.filter((a) => a.MetricName === "ConnectedStatus");
  }

  private isAbout({ Dimensions = [] }: MetricAlarm, server: string): boolean {
    return Dimensions.some((d) => d.Value === this.outpostId(server));
  }

  private outpostId(server: string): string | undefined {
    return this.config.servers[server]?.outpost.split("/").pop();
  }

  /** Sets every alarm that isn't as its server is. */
  private async setAlarms(): Promise<void> {
    const alarms = await this.linkAlarms();
    await Promise.all(
      alarms.map(async (alarm) => {
        const StateValue = [...this.down].some((server) => this.isAbout(alarm, server)) ? "ALARM" : "OK";
        if (alarm.StateValue !== StateValue) {
          const { AlarmName } = alarm;
          await this.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "drill" }));
        }
      }),
    );
  }

  /** What AWS reports as a server's `ConnectedStatus` in a minute: 0, or what makes up for the 0 of an earlier drill. */
  private async report(server: string, status: 0 | 1, at = new Date()): Promise<void> {
    const Dimensions = [{ Name: "OutpostId", Value: this.outpostId(server) }];
    const metric = { Namespace: "AWS/Outposts", MetricName: "ConnectedStatus", Dimensions };
    const minute = Math.floor(at.getTime() / 60_000) * 60_000;
    const { Datapoints = [] } = await this.cloudWatch.send(
      new GetMetricStatisticsCommand({
        ...{ Namespace: metric.Namespace, MetricName: metric.MetricName, Dimensions, Period: 60 },
        ...{ StartTime: new Date(minute), EndTime: new Date(minute + 60_000), Statistics: ["Sum", "SampleCount"] },
      }),
    );
    const { Sum = 0, SampleCount = 0 } = Datapoints[0] ?? {};
    const Value = status === 0 ? 0 : SampleCount + 1 - Sum;
    const datum = { MetricName: metric.MetricName, Dimensions, Timestamp: at, Value };
    await this.cloudWatch.send(new PutMetricDataCommand({ Namespace: metric.Namespace, MetricData: [datum] }));
  }
}
