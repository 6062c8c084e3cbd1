import {
  AttachNetworkInterfaceCommand,
  CreateNetworkInterfaceCommand,
  CreateRouteCommand,
  CreateRouteTableCommand,
  CreateSubnetCommand,
  CreateVpcCommand,
  DescribeInstancesCommand,
  DescribeNetworkInterfacesCommand,
  DescribeRouteTablesCommand,
  EC2Client,
  ReplaceRouteCommand,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { SNSClient } from "@aws-sdk/client-sns";
import { GatewayClients, reconcile } from "../lambdas/gateway/reconcile";
import { GatewaySettings } from "../lambdas/gateway/settings";
import { Clients } from "../local/endpoint/clients";
import { HANDLER_KEY } from "../local/emulators/emulators";
import { roundTrips } from "./roundTrips";
import { createState } from "./state";

const REGION = "us-east-1";

/** One gateway bench: so many zones, so many route tables in each. */
export interface GatewayCase {
  readonly zones: number;
  readonly routeTables: number;
  /** Milliseconds that every call takes at least. */
  readonly latencyMs: number;
}

/** From the event to the last route replaced. */
export interface GatewayFigure {
  readonly roundTrips: number;
  readonly durationMs: number;
}

/** Loses a gateway and fails over, by the handler and then by one call after the other. */
export async function benchGateway(
  clients: Clients,
  size: GatewayCase,
): Promise<{ own: GatewayFigure; plain: GatewayFigure }> {
  const settings = await buildGateways(clients, size);
  const ec2 = clients.make(EC2Client, REGION, HANDLER_KEY);
  // Connections are made before the clock starts, as in a warm execution environment.
  const aws = handlerClients(clients);
  const look = () => reconcile([{}], settings, aws, { told: new Map() });
  await look();
  await loseFirstZone(clients, settings);
  const own = await measure(clients, size, look);
  await sendHome(clients, settings);
  const plain = await measure(clients, size, () => sequentialFailover(settings, ec2));
  return { own, plain };
}

/** The handler's clients, whose calls the endpoint tells from the bench's own. */
export function handlerClients(clients: Clients): GatewayClients {
  return {
    ec2: clients.make(EC2Client, REGION, HANDLER_KEY),
    autoScaling: clients.make(AutoScalingClient, REGION, HANDLER_KEY),
    dynamoDb: clients.make(DynamoDBClient, REGION, HANDLER_KEY),
    sns: clients.make(SNSClient, REGION, HANDLER_KEY),
    cloudWatch: clients.make(CloudWatchClient, REGION, HANDLER_KEY),
  };
}

async function measure(clients: Clients, size: GatewayCase, run: () => Promise<void>): Promise<GatewayFigure> {
  await clients.endpoint.set({ latency: { ms: size.latencyMs, caller: HANDLER_KEY } });
  const start = Date.now();
  await run();
  const calls = (await clients.endpoint.calls()).filter((c) => c.caller === HANDLER_KEY);
  await clients.endpoint.set({});
  const routes = calls.filter((c) => c.action === "ReplaceRoute");
  if (routes.length !== size.routeTables) {
    throw new Error(`${routes.length} routes were replaced instead of ${size.routeTables}`);
  }
  const end = Math.max(...routes.map((c) => c.end));
  return { roundTrips: roundTrips(calls.filter((c) => c.end <= end)), durationMs: end - start };
}

/** The plain way: ask for interfaces, instances and tables, then replace one route after the other. */
async function sequentialFailover(settings: GatewaySettings, ec2: EC2Client): Promise<void> {
  const [lost, backup] = settings.zones;
  await ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: settings.zones.map((z) => z.networkInterfaceId) }),
  );
  await ec2.send(new DescribeInstancesCommand({ Filters: [{ Name: "subnet-id", Values: [...settings.subnetIds] }] }));
  await ec2.send(new DescribeRouteTablesCommand({ RouteTableIds: [...(lost?.routeTableIds ?? [])] }));
  for (const RouteTableId of lost?.routeTableIds ?? []) {
    await ec2.send(
      new ReplaceRouteCommand({
        RouteTableId,
        DestinationCidrBlock: "0.0.0.0/0",
        NetworkInterfaceId: backup?.networkInterfaceId,
      }),
    );
  }
}

/** Zones with a live gateway and so many route tables each. */
export async function buildGateways(clients: Clients, size: GatewayCase): Promise<GatewaySettings> {
  const ec2 = clients.make(EC2Client, REGION);
  const vpc = await ec2.send(new CreateVpcCommand({ CidrBlock: "10.99.0.0/16" }));
  const VpcId = vpc.Vpc?.VpcId;
  const zones = [];
  const subnetIds = [];
  for (let i = 0; i < size.zones; i++) {
    const availabilityZone = `${REGION}${"abcdef"[i]}`;
    const CidrBlock = `10.99.${i}.0/24`;
    const subnet = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, AvailabilityZone: availabilityZone }));
    const SubnetId = subnet.Subnet?.SubnetId ?? "";
    const made = await ec2.send(new CreateNetworkInterfaceCommand({ SubnetId }));
    const networkInterfaceId = made.NetworkInterface?.NetworkInterfaceId ?? "";
    const image = { ImageId: "ami-12c6146b", InstanceType: "t4g.small" as const, MinCount: 1, MaxCount: 1 };
    const { Instances = [] } = await ec2.send(new RunInstancesCommand({ ...image, SubnetId }));
    const InstanceId = Instances[0]?.InstanceId;
    const attachment = { NetworkInterfaceId: networkInterfaceId, InstanceId, DeviceIndex: 1 };
    await ec2.send(new AttachNetworkInterfaceCommand(attachment));
    const tables = Array.from({ length: size.routeTables }, async () => {
      const { RouteTable } = await ec2.send(new CreateRouteTableCommand({ VpcId }));
      const route = { DestinationCidrBlock: "0.0.0.0/0", NetworkInterfaceId: networkInterfaceId };
      await ec2.send(new CreateRouteCommand({ RouteTableId: RouteTable?.RouteTableId, ...route }));
      return RouteTable?.RouteTableId ?? "";
    });
    const routeTableIds = await Promise.all(tables);
    zones.push({
      availabilityZone,
      networkInterfaceId,
      routeTableIds,
      autoScalingGroupName: "none",
      terminatingHookName: "none",
    });
    subnetIds.push(SubnetId);
  }
  const { name, topicArn } = await createState(clients, REGION);
  return { name, id: name, zones, subnetIds, stateTable: name, topicArn };
}

/** Terminates the first zone's instance, and returns its id. */
export async function loseFirstZone(clients: Clients, settings: GatewaySettings): Promise<string> {
  const ec2 = clients.make(EC2Client, REGION);
  const { NetworkInterfaces = [] } = await ec2.send(
    new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds: [settings.zones[0]?.networkInterfaceId ?? ""] }),
  );
  const InstanceIds = NetworkInterfaces.map((n) => n.Attachment?.InstanceId ?? "");
  await ec2.send(new TerminateInstancesCommand({ InstanceIds }));
  return InstanceIds[0] ?? "";
}

/** Points the first zone's routes back at its own (lost) gateway, so that the plain way has the same to do. */
async function sendHome(clients: Clients, settings: GatewaySettings): Promise<void> {
  const ec2 = clients.make(EC2Client, REGION);
  const [zone] = settings.zones;
  await Promise.all(
    (zone?.routeTableIds ?? []).map((RouteTableId) => {
      const route = { DestinationCidrBlock: "0.0.0.0/0", NetworkInterfaceId: zone?.networkInterfaceId };
      return ec2.send(new ReplaceRouteCommand({ RouteTableId, ...route }));
    }),
  );
}
