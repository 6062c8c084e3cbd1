import { AutoScalingClient } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { SNSClient } from "@aws-sdk/client-sns";
import { GatewayMemory } from "../../../lambdas/gateway/memory";
import { GatewayClients } from "../../../lambdas/gateway/reconcile";
import { DEFAULT_ROUTE, GatewaySettings } from "../../../lambdas/gateway/settings";

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
  /** What it last said of itself by the metric; `undefined` if nothing. */
  forwards: boolean | undefined;
}

/** A default route as the fake keeps it: an interface's id, or the fields that EC2 gives for another target. */
type FakeRoute = string | Record<string, string>;

/**
 * The AWS APIs that the gateway's handlers call, in memory: fast enough to explore every order of events. What it does
 * not model (filters, pagination, protocols) is covered by the tests against the emulators.
 */
export class FakeAws {
  readonly gateways = new Map<string, FakeGateway>();
  /** Default route by route table; a table without an entry doesn't exist. */
  readonly routes = new Map<string, FakeRoute | undefined>();
  readonly calls: string[] = [];
  readonly messages: { subject: string; body: string }[] = [];
  readonly metrics: { MetricName?: string; Value?: number }[] = [];
  readonly settings: GatewaySettings;
  /** Operations that fail, with the error to throw. */
  readonly failures = new Map<string, Error>();
  /** Operations that never answer. */
  readonly hanging = new Set<string>();
  /** Awaited before a call takes effect: where a test holds runs up. */
  pause: (action: string) => Promise<void> = () => Promise.resolve();
  /** Awaited once a call has taken effect: where its answer may get lost. */
  afterwards: (action: string) => Promise<void> = () => Promise.resolve();
  /** What an execution environment remembers; a new one is a new environment. */
  memory: GatewayMemory = { told: new Map() };
  private readonly items = new Map<string, Item>();
  private count = 0;

  constructor(zoneNames: readonly string[], tablesPerZone = 1) {
    this.settings = {
      name: "main",
      id: "nplusone-prod-main",
      zones: zoneNames.map((availabilityZone) => ({
        availabilityZone,
        networkInterfaceId: `eni-${availabilityZone}`,
        routeTableIds: Array.from({ length: tablesPerZone }, (_, i) => `rtb-${availabilityZone}-${i}`),
        autoScalingGroupName: `group-${availabilityZone}`,
        terminatingHookName: "hook",
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
    const well = { state: "running", attached: true, checks: "ok", lifecycle: "InService", forwards: true } as const;
    this.gateways.set(zone, { instanceId, ...well });
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
    return tables
      .filter((id) => this.routes.has(id))
      .map((id) => String(this.routes.get(id) ?? "none").replace(/^eni-/, ""));
  }

  /** Lets every claim run out, as time does. */
  expireClaims(): void {
    this.items.forEach((item) => delete item["claimedUntil"]);
  }

  get clients(): GatewayClients {
    // The SDK's paginators insist on their own client's class.
    const as = <T extends object>(client: { readonly prototype: T }): T =>
      Object.assign(Object.create(client.prototype) as T, { send: (command: Command) => this.send(command) });
    return {
      ec2: as(EC2Client),
      autoScaling: as(AutoScalingClient),
      dynamoDb: as(DynamoDBClient),
      sns: as(SNSClient),
      cloudWatch: as(CloudWatchClient),
    };
  }

  private async send(command: Command): Promise<unknown> {
    const action = command.constructor.name.replace(/Command$/, "");
    this.calls.push(action);
    await this.pause(action);
    if (this.hanging.has(action)) {
      return new Promise(() => undefined);
    }
    const failure = this.failures.get(action);
    if (failure) {
      throw failure;
    }
    const answer = this.answers[action];
    if (!answer) {
      throw new Error(`the fake doesn't know ${action}`);
    }
    const answered = answer(command.input);
    await this.afterwards(action);
    return answered;
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
    DescribeRouteTables: (input) => {
      // As EC2: a list of ids fails as a whole for one that doesn't exist, a filter finds those that do.
      const ids = (input["RouteTableIds"] as string[] | undefined) ?? [];
      const gone = ids.find((id) => !this.routes.has(id));
      if (gone !== undefined) {
        throw Object.assign(new Error(`${gone} does not exist`), { name: "InvalidRouteTableID.NotFound" });
      }
      return {
        RouteTables: [...this.routes].map(([RouteTableId, route]) => ({
          RouteTableId,
          Routes: route === undefined ? [] : [{ DestinationCidrBlock: DEFAULT_ROUTE, ...fields(route) }],
        })),
      };
    },
    ReplaceRoute: (input) => this.write(input),
    CreateRoute: (input) => this.write(input),
    CompleteLifecycleAction: (input) => {
      const gateway = [...this.gateways.values()].find((g) => g.instanceId === input["InstanceId"]);
      if (gateway !== undefined) {
        gateway.lifecycle = "Terminating:Proceed";
      }
    },
    GetMetricData: (input) => ({
      MetricDataResults: (input["MetricDataQueries"] as MetricDataQuery[]).map(({ Id, MetricStat }) => {
        const { forwards } = this.gateway(MetricStat.Metric.Dimensions[1].Value);
        const values = forwards === undefined ? [] : [Number(forwards)];
        return { Id, Values: values, Timestamps: values.map(() => new Date()) };
      }),
    }),
    PutMetricData: (input) => this.metrics.push(...(input["MetricData"] as object[])),
    Publish: (input) => this.messages.push({ subject: String(input["Subject"]), body: String(input["Message"]) }),
    Query: () => ({ Items: [...this.items.values()] }),
    UpdateItem: (input) => this.updateItem(input as unknown as UpdateItem),
  };

  private write(input: Record<string, unknown>): void {
    const id = String(input["RouteTableId"]);
    if (!this.routes.has(id)) {
      throw Object.assign(new Error(`${id} does not exist`), { name: "InvalidRouteTableID.NotFound" });
    }
    this.routes.set(id, String(input["NetworkInterfaceId"]));
  }

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

const fields = (route: FakeRoute) => (typeof route === "string" ? { NetworkInterfaceId: route } : route);

interface MetricDataQuery {
  readonly Id: string;
  readonly MetricStat: { readonly Metric: { readonly Dimensions: readonly [unknown, { readonly Value: string }] } };
}

type Item = Record<string, { S?: string; N?: string }>;

interface UpdateItem {
  readonly Key: Item;
  readonly UpdateExpression: string;
  readonly ConditionExpression?: string;
  readonly ExpressionAttributeValues?: Item;
}
