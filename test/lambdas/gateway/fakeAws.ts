import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SNSClient } from "@aws-sdk/client-sns";
import { DEFAULT_ROUTE, GatewaySettings } from "../../../lambdas/gateway/settings";
import { GatewayClients } from "../../../lambdas/gateway/failover";

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Record<string, unknown>;
}

/** A zone's gateway in the fake. */
interface FakeGateway {
  instanceId: string;
  /** EC2 state of the instance. */
  state: "running" | "stopping" | "terminated";
  attached: boolean;
  checks: "ok" | "impaired" | "initializing";
  lifecycle: string;
}

/**
 * The AWS APIs that the gateway's handlers call, in memory: fast enough to explore every order of events. What it does
 * not model (filters, pagination, protocols) is covered by the tests against the emulators.
 */
export class FakeAws {
  readonly gateways = new Map<string, FakeGateway>();
  /** Default route target by route table. */
  readonly routes = new Map<string, string | undefined>();
  readonly calls: string[] = [];
  readonly messages: { subject: string; body: string }[] = [];
  readonly metrics: { MetricName?: string; Value?: number }[] = [];
  readonly settings: GatewaySettings;
  /** Operations that fail, with the error to throw. */
  readonly failures = new Map<string, Error>();
  private readonly items = new Map<string, Item>();
  private count = 0;

  constructor(zoneNames: readonly string[], tablesPerZone = 1) {
    this.settings = {
      name: "main",
      zones: zoneNames.map((availabilityZone) => ({
        availabilityZone,
        networkInterfaceId: `eni-${availabilityZone}`,
        routeTableIds: Array.from({ length: tablesPerZone }, (_, i) => `rtb-${availabilityZone}-${i}`),
        autoScalingGroupName: `group-${availabilityZone}`,
      })),
      subnetIds: zoneNames.map((z) => `subnet-${z}`),
      stateTable: "state",
      topicArn: "arn:aws:sns:us-east-1:123456789012:topic",
    };
    for (const zone of this.settings.zones) {
      this.launch(zone.availabilityZone);
      zone.routeTableIds.forEach((id) => this.routes.set(id, zone.networkInterfaceId));
    }
  }

  /** A new instance serves the zone. */
  launch(zone: string): string {
    const instanceId = `i-${zone}-${++this.count}`;
    this.gateways.set(zone, { instanceId, state: "running", attached: true, checks: "ok", lifecycle: "InService" });
    return instanceId;
  }

  /** The zone's instance is gone. */
  kill(zone: string): string {
    const gateway = this.gateway(zone);
    gateway.state = "terminated";
    gateway.attached = false;
    return gateway.instanceId;
  }

  gateway(zone: string): FakeGateway {
    const gateway = this.gateways.get(zone);
    if (!gateway) {
      throw new Error(`no gateway in ${zone}`);
    }
    return gateway;
  }

  isAlive(zone: string): boolean {
    const { attached, state, checks } = this.gateway(zone);
    return attached && state === "running" && checks !== "impaired";
  }

  /** The zone whose gateway a zone's tables point at, one entry a table. */
  through(zone: string): string[] {
    const tables = this.settings.zones.find((z) => z.availabilityZone === zone)?.routeTableIds ?? [];
    return tables.map((id) => (this.routes.get(id) ?? "none").replace(/^eni-/, ""));
  }

  get clients(): GatewayClients {
    const send = (command: Command) => this.send(command);
    // The SDK's paginators look whether a client is one.
    const clientOf = (type: { prototype: object }) => Object.assign(Object.create(type.prototype) as object, { send });
    const clients = {
      ec2: clientOf(EC2Client),
      autoScaling: clientOf(AutoScalingClient),
      dynamoDb: clientOf(DynamoDBClient),
      sns: clientOf(SNSClient),
      cloudWatch: clientOf(CloudWatchClient),
    };
    return clients as unknown as GatewayClients;
  }

  private async send(command: Command): Promise<unknown> {
    const action = command.constructor.name.replace(/Command$/, "");
    this.calls.push(action);
    await Promise.resolve();
    const failure = this.failures.get(action);
    if (failure) {
      throw failure;
    }
    const answer = this.answers[action];
    if (!answer) {
      throw new Error(`the fake doesn't know ${action}`);
    }
    return answer(command.input);
  }

  private readonly answers: Record<string, (input: Record<string, unknown>) => unknown> = {
    DescribeInstances: () => ({
      Reservations: [...this.gateways].flatMap(([zone, g]) =>
        g.state === "running"
          ? [{ Instances: [{ InstanceId: g.instanceId, NetworkInterfaces: this.interfaces(zone, g) }] }]
          : [],
      ),
    }),
    DescribeInstanceStatus: () => ({
      InstanceStatuses: [...this.gateways.values()]
        .filter((g) => g.checks !== "ok")
        .map((g) => ({ InstanceId: g.instanceId, InstanceStatus: { Status: g.checks } })),
    }),
    DescribeAutoScalingGroups: () => ({
      AutoScalingGroups: [...this.gateways.values()].map((g) => ({
        Instances: [{ InstanceId: g.instanceId, LifecycleState: g.lifecycle }],
      })),
    }),
    DescribeRouteTables: () => ({
      RouteTables: [...this.routes].map(([RouteTableId, NetworkInterfaceId]) => ({
        RouteTableId,
        Routes: NetworkInterfaceId ? [{ DestinationCidrBlock: DEFAULT_ROUTE, NetworkInterfaceId }] : [],
      })),
    }),
    ReplaceRoute: (input) => this.routes.set(String(input["RouteTableId"]), String(input["NetworkInterfaceId"])),
    CreateRoute: (input) => this.routes.set(String(input["RouteTableId"]), String(input["NetworkInterfaceId"])),
    CompleteLifecycleAction: () => ({}),
    PutMetricData: (input) => this.metrics.push(...(input["MetricData"] as object[])),
    Publish: (input) => this.messages.push({ subject: String(input["Subject"]), body: String(input["Message"]) }),
    Query: () => ({ Items: [...this.items.values()] }),
    UpdateItem: (input) => this.updateItem(input as unknown as UpdateItem),
  };

  private interfaces(zone: string, gateway: FakeGateway) {
    const persistent = { NetworkInterfaceId: `eni-${zone}`, Attachment: { Status: "attached" } };
    return gateway.attached ? [persistent] : [];
  }

  /** Only the three updates that `announce` makes. */
  private updateItem({
    Key,
    UpdateExpression,
    ExpressionAttributeValues: values = {},
    ConditionExpression,
  }: UpdateItem) {
    const subject = Key["subject"]?.S ?? "";
    const item: Item = this.items.get(subject) ?? { ...Key };
    const refused = () => Object.assign(new Error("conditional"), { name: "ConditionalCheckFailedException" });
    const own = item["claimedBy"]?.S === values[":run"]?.S;
    if (ConditionExpression === "claimedBy = :run") {
      if (!own) {
        throw refused();
      }
    } else {
      const state = values[":state"]?.S;
      const claimed = Number(item["claimedUntil"]?.N ?? 0) >= Number(values[":now"]?.N) && item["claimed"]?.S === state;
      if (item["told"]?.S === state || (claimed && !own)) {
        throw refused();
      }
    }
    if (UpdateExpression.includes("REMOVE claimed")) {
      delete item["claimed"];
      delete item["claimedBy"];
      delete item["claimedUntil"];
    }
    for (const [, name = "", value = ""] of UpdateExpression.matchAll(/(\w+) = (:\w+)/g)) {
      item[name] = values[value] ?? {};
    }
    this.items.set(subject, item);
  }
}

type Item = Record<string, { S?: string; N?: string }>;

interface UpdateItem {
  readonly Key: Item;
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Item;
}
