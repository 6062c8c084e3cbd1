import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  CreateLaunchTemplateCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { OutpostsClient } from "@aws-sdk/client-outposts";
import { SNSClient } from "@aws-sdk/client-sns";
import { reconcile } from "../lambdas/outposts/reconcile";
import { RelaunchSettings } from "../lambdas/outposts/settings";
import { Clients } from "../local/endpoint/clients";
import { HANDLER_KEY } from "../local/emulators/emulators";
import { roundTrips } from "./roundTrips";
import { callsDuring, createState } from "./state";

const REGION = "us-east-1";

/** Round trips in sequence until the last RunInstances, by the handler and by one call after the other. */
export async function benchRelaunch(
  clients: Clients,
  templates: number,
  latencyMs: number,
): Promise<{ own: number; plain: number }> {
  const settings = await buildPair(clients, templates);
  const make = <T>(Client: new (config: never) => T) => clients.make(Client as never, REGION, HANDLER_KEY) as T;
  const ec2 = make(EC2Client);
  const handlerClients = {
    ec2,
    loadBalancing: make(ElasticLoadBalancingV2Client),
    outposts: make(OutpostsClient),
    cloudWatch: make(CloudWatchClient),
    dynamoDb: make(DynamoDBClient),
    sns: make(SNSClient),
  };
  const measure = async (run: () => Promise<void>) => {
    const calls = await callsDuring(clients, latencyMs, run);
    const launches = calls.filter((c) => c.action === "RunInstances");
    if (launches.length !== templates) {
      throw new Error(`${launches.length} instances were launched instead of ${templates}`);
    }
    const end = Math.max(...launches.map((c) => c.end));
    return roundTrips(calls.filter((c) => c.end <= end));
  };
  const event = { detail: { state: { value: "ALARM", timestamp: new Date().toISOString() } } };
  const own = await measure(() => reconcile(event, settings, handlerClients));
  const plain = await measure(async () => {
    // The plain way: look at the alarm and the instances, then launch one template after the other.
    await handlerClients.cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [settings.sourceAlarm.name] }));
    await ec2.send(
      new DescribeInstancesCommand({ Filters: [{ Name: "subnet-id", Values: [...settings.source.subnetIds] }] }),
    );
    for (const { launchTemplateId, subnetId } of settings.applications) {
      const LaunchTemplate = { LaunchTemplateId: launchTemplateId };
      await ec2.send(new RunInstancesCommand({ LaunchTemplate, SubnetId: subnetId, MinCount: 1, MaxCount: 1 }));
    }
  });
  return { own, plain };
}

const PERIOD_SECONDS = 60;
const EVALUATION_PERIODS = 3;

/** A server whose metric says that it is disconnected, and whose alarm has gone off. */
async function disconnect(cloudWatch: CloudWatchClient, AlarmName: string, outpostId: string): Promise<void> {
  const Dimensions = [{ Name: "OutpostId", Value: outpostId }];
  const metric = { Namespace: "AWS/Outposts", MetricName: "ConnectedStatus" };
  const datum = { MetricName: metric.MetricName, Dimensions, Timestamp: new Date(), Value: 0 };
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: metric.Namespace, MetricData: [datum] }));
  await cloudWatch.send(
    new PutMetricAlarmCommand({
      ...{ AlarmName, ...metric, Dimensions, Statistic: "Average", Period: PERIOD_SECONDS },
      ...{ EvaluationPeriods: EVALUATION_PERIODS, Threshold: 1, ComparisonOperator: "LessThanThreshold" },
    }),
  );
  await cloudWatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: "ALARM", StateReason: "bench" }));
}

async function buildPair(clients: Clients, templates: number): Promise<RelaunchSettings> {
  const ec2 = clients.make(EC2Client, REGION);
  const { Vpc } = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.98.0.0/16" }));
  const server = async (name: string, CidrBlock: string) => {
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId: Vpc?.VpcId, CidrBlock }));
    const capacity = { "c6id.large": templates };
    const outpost = `op-bench-${name}`;
    return { name, outpost, outpostId: outpost, subnetIds: [Subnet?.SubnetId ?? ""], capacity };
  };
  const [source, destination] = [await server("a", "10.98.0.0/24"), await server("b", "10.98.1.0/24")];
  const { name, topicArn } = await createState(clients, REGION);
  await disconnect(clients.make(CloudWatchClient, REGION), name, source.outpostId);
  const applications = [];
  for (let i = 0; i < templates; i++) {
    const LaunchTemplateData = { ImageId: "ami-12c6146b" };
    const made = await ec2.send(
      new CreateLaunchTemplateCommand({ LaunchTemplateName: `${name}-${i}`, LaunchTemplateData }),
    );
    applications.push({
      name: `app${i}`,
      launchTemplateId: made.LaunchTemplate?.LaunchTemplateId ?? "",
      version: "1",
      networkInterfaces: [],
      instanceType: "c6id.large",
      count: 1,
      subnetId: destination.subnetIds[0] ?? "",
      targetGroupArns: [],
    });
  }
  return {
    system: `outposts/${name}`,
    pair: name,
    source,
    destination,
    applications,
    failback: "notify",
    sourceAlarm: { name, periodSeconds: PERIOD_SECONDS, evaluationPeriods: EVALUATION_PERIODS },
    ownerAccountId: undefined,
    stateTable: name,
    topicArn,
  };
}
