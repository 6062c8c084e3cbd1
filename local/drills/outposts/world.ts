import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricStatisticsCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import {
  DescribeInstancesCommand,
  DescribeLaunchTemplatesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  Instance,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { Clients } from "../../endpoint/clients";
import { until } from "../drill";
import { ApplicationConfig, deployedStack, OutpostsConfig, PairConfig } from "../../stacks/stackFiles";

/** A stack's Outposts servers as the AWS APIs know them, and what AWS itself would do to them and no emulator does. */
export class OutpostWorld {
  private readonly ec2: EC2Client;
  private readonly cloudWatch: CloudWatchClient;

  private constructor(
    clients: Clients,
    region: string,
    readonly config: OutpostsConfig,
    /** Subnet on each server, by the server's name. */
    private readonly subnets: ReadonlyMap<string, string>,
  ) {
    this.ec2 = clients.make(EC2Client, region);
    this.cloudWatch = clients.make(CloudWatchClient, region);
  }

  static async find(stack: string, clients: Clients): Promise<OutpostWorld> {
    const { region, config } = await deployedStack(stack);
    const { outposts = { servers: {}, pairs: [] } } = config;
    const { Subnets = [] } = await clients.make(EC2Client, region).send(new DescribeSubnetsCommand({}));
    const subnets = new Map(
      Object.keys(outposts.servers).map((server) => {
        const subnet = Subnets.find((s) => s.Tags?.some((t) => t.Key === "Name" && t.Value === `${server}-outpost`));
        return [server, subnet?.SubnetId ?? ""];
      }),
    );
    return new OutpostWorld(clients, region, outposts, subnets);
  }

  /** Id of the subnet on a server. */
  subnet(server: string): string {
    return this.subnets.get(server) ?? "";
  }

  pair(name: string): PairConfig {
    const pair = this.config.pairs.find((p) => p.name === name);
    if (pair === undefined) {
      throw new Error(`the stack's file has no pair ${name}`);
    }
    return pair;
  }

  /** The applications that normally run on a side of a pair. */
  applications(pair: PairConfig, side: "source" | "destination"): ApplicationConfig[] {
    return pair.applications.filter((a) => a.home === side);
  }

  /** An empty landscape in which every server is connected. */
  async reset(): Promise<void> {
    const instances = (await Promise.all([...this.subnets.keys()].map((s) => this.instances(s)))).flat();
    const InstanceIds = instances.map((i) => i.InstanceId ?? "");
    if (InstanceIds.length > 0) {
      await this.ec2.send(new TerminateInstancesCommand({ InstanceIds }));
    }
    for (const server of this.subnets.keys()) {
      await until(async () => {
        await this.reportStatus(server, 1);
        return this.readsConnected(server);
      });
    }
    // Last: ministack evaluates all alarms, over all servers, whenever a metric is reported.
    for (const server of this.subnets.keys()) {
      await this.setConnected(server, true);
    }
  }

  /** Runs a side's applications on their server. */
  async runApplications(pair: PairConfig, side: "source" | "destination"): Promise<void> {
    for (const application of this.applications(pair, side)) {
      await this.run(pair[side], application, application.count);
    }
  }

  /** Runs instances of an application on a server. EC2 takes type and tag from the template; moto has to be told. */
  async run(server: string, application: ApplicationConfig, count: number): Promise<void> {
    const LaunchTemplateName = application.launchTemplate.name ?? "";
    const { LaunchTemplates = [] } = await this.ec2.send(
      new DescribeLaunchTemplatesCommand({ LaunchTemplateNames: [LaunchTemplateName] }),
    );
    const Value = LaunchTemplates[0]?.LaunchTemplateId;
    await this.ec2.send(
      new RunInstancesCommand({
        LaunchTemplate: { LaunchTemplateName },
        InstanceType: application.instanceType as never,
        SubnetId: this.subnet(server),
        MinCount: count,
        MaxCount: count,
        TagSpecifications: [{ ResourceType: "instance", Tags: [{ Key: "aws:ec2launchtemplate:id", Value }] }],
      }),
    );
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

  /** Those among them that were relaunched there for a pair, by instance type. */
  async relaunched(server: string, pair: string): Promise<string[]> {
    const instances = await this.instances(server);
    return instances
      .filter((i) =>
        i.Tags?.some((t) => t.Key === "nplusone:relaunched-by" && t.Value?.startsWith(`outposts/${pair}-`)),
      )
      .map((i) => i.InstanceType ?? "")
      .sort();
  }

  /** The state of the alarms on a server's service link. */
  async setConnected(server: string, connected: boolean): Promise<void> {
    for (const AlarmName of await this.alarms(server)) {
      const StateValue = connected ? "OK" : "ALARM";
      await this.cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "drill" }));
    }
  }

  /** What AWS reports as a server's `ConnectedStatus` in this minute. */
  async reportStatus(server: string, Value: 0 | 1): Promise<void> {
    const datum = { MetricName: "ConnectedStatus", Dimensions: this.dimensions(server), Timestamp: new Date(), Value };
    await this.cloudWatch.send(new PutMetricDataCommand({ Namespace: "AWS/Outposts", MetricData: [datum] }));
  }

  /** Whether this minute's average is 1; a 0 that an earlier drill reported counts until the minute is over. */
  private async readsConnected(server: string): Promise<boolean> {
    const end = Math.ceil(Date.now() / 60_000) * 60_000;
    const { Datapoints = [] } = await this.cloudWatch.send(
      new GetMetricStatisticsCommand({
        Namespace: "AWS/Outposts",
        MetricName: "ConnectedStatus",
        Dimensions: this.dimensions(server),
        StartTime: new Date(end - 60_000),
        EndTime: new Date(end),
        Period: 60,
        Statistics: ["Average"],
      }),
    );
    return Datapoints.every((d) => d.Average === 1);
  }

  private dimensions(server: string) {
    return [{ Name: "OutpostId", Value: this.config.servers[server]?.outpost.split("/").pop() }];
  }

  /** The alarms on a server's service link; a server has one in each of its pairs. */
  async alarms(server: string, pair = ""): Promise<string[]> {
    const OutpostId = this.config.servers[server]?.outpost.split("/").pop();
    const { MetricAlarms = [] } = await this.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNamePrefix: pair }));
    return MetricAlarms.filter(
      (a) => a.MetricName === "ConnectedStatus" && a.Dimensions?.some((d) => d.Value === OutpostId),
    ).map((a) => a.AlarmName ?? "");
  }
}
