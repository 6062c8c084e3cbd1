import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EC2Client } from "@aws-sdk/client-ec2";
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { OutpostsClient } from "@aws-sdk/client-outposts";
import { SNSClient } from "@aws-sdk/client-sns";
import { RelaunchClients } from "../../../lambdas/outposts/clients";
import { RELAUNCHED_BY, RelaunchSettings, SLOT } from "../../../lambdas/outposts/settings";
import { FakeTable, TableRequest } from "../common/fakeTable";

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Record<string, unknown>;
}

interface FakeInstance {
  readonly id: string;
  readonly subnetId: string;
  readonly type: string;
  readonly tags: Record<string, string>;
  readonly launchedAt: number;
  state: "running" | "terminated";
  passes: boolean;
  /** How many reads don't show it yet; all of them, once EC2 has forgotten it. */
  unseen: number;
}

/** What becomes of one call. */
export type Fate = "ok" | "refused" | "throttled" | "failed" | "lost answer" | "hangs";

export const TARGET_GROUP = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/pos/1";
/** The one instance type of the fake. */
export const TYPE = "c6id.large";

/**
 * The AWS APIs that `reconcile` calls, in memory, with what emulators lack: client tokens, capacity, reads that lag,
 * draining, calls that are lost on their way or on their way back. Fast enough for hundreds of histories.
 */
export class FakeAws {
  readonly settings: RelaunchSettings;
  readonly instances: FakeInstance[] = [];
  readonly messages: { subject: string; body: string }[] = [];
  readonly calls: string[] = [];
  /** Target group members, by ARN: state by instance. */
  readonly members = new Map<string, Map<string, string>>();
  alarm: { state: string; since: Date };
  /** `ConnectedStatus` of each server in the last minutes, the newest first; `undefined` for a gap. */
  source: (number | undefined)[] = [1, 1, 1];
  destination: (number | undefined)[] = [1, 1, 1];
  /** How many instances the destination really has room for. */
  room = 100;
  /** Reads for which a new instance isn't shown. */
  lag = 0;
  /** Decides what becomes of a call; may take its time. */
  fate: (action: string) => Promise<Fate> = () => Promise.resolve("ok");
  /** What broke an invariant. */
  readonly broken: string[] = [];
  private readonly table = new FakeTable();
  private readonly tokens = new Map<string, { id: string; parameters: string }>();
  private count = 0;

  constructor(
    counts: readonly number[],
    failback: RelaunchSettings["failback"],
    readonly now: () => Date,
    targetGroups: readonly string[] = [TARGET_GROUP],
  ) {
    const server = (name: string) => ({
      ...{ name, outpostId: `op-${name}`, outpost: `op-${name}` },
      ...{ subnetIds: [`subnet-${name}`], capacity: { [TYPE]: 100 } },
    });
    this.settings = {
      ...{ system: "outposts/p-a", pair: "p", source: server("a"), destination: server("b"), failback },
      applications: counts.map((count, i) => ({
        ...{ name: `app${i}`, launchTemplateId: `lt-${i}`, version: "1", networkInterfaces: [] },
        ...{ instanceType: TYPE, count, subnetId: "subnet-b", targetGroupArns: i === 0 ? targetGroups : [] },
      })),
      sourceAlarm: { name: "alarm", periodSeconds: 60, evaluationPeriods: 3 },
      ...{ ownerAccountId: undefined, stateTable: "state", topicArn: "topic" },
    };
    this.alarm = { state: "OK", since: now() };
    targetGroups.forEach((arn) => this.members.set(arn, new Map()));
    for (const { launchTemplateId, count, targetGroupArns } of this.settings.applications) {
      for (let i = 0; i < count; i++) {
        const own = this.add("subnet-a", { "aws:ec2launchtemplate:id": launchTemplateId });
        targetGroupArns.forEach((arn) => this.members.get(arn)?.set(own.id, "healthy"));
      }
    }
  }

  private hang = (): void => undefined;
  /** Resolves when a call hangs, once what else was under way has ended. */
  readonly hung = new Promise<void>((resolve) => {
    this.hang = () => void setImmediate(resolve);
  });

  /** The source is cut off from AWS. */
  disconnect(): void {
    this.change("ALARM", 0);
  }

  /** The source's link is back; whether its instances pass their checks is `passes`. */
  connect(passes = true): void {
    this.change("OK", 1, passes);
  }

  /** Copies that exist, of all applications or one. */
  copies(application = ""): FakeInstance[] {
    return this.instances.filter(
      (i) => i.state === "running" && i.tags[RELAUNCHED_BY] && i.tags[SLOT]?.startsWith(`${application}`),
    );
  }

  own(): FakeInstance[] {
    return this.instances.filter((i) => i.state === "running" && !i.tags[RELAUNCHED_BY]);
  }

  /** What AWS does by itself with time: targets become healthy, and drain; what is new is shown. */
  settle(): void {
    this.instances.filter((i) => i.unseen < Infinity).forEach((i) => (i.unseen = 0));
    this.instances.filter((i) => i.tags[RELAUNCHED_BY]).forEach((i) => (i.passes = true));
    this.members.forEach((group) => this.settleGroup(group));
  }

  /** EC2 no longer shows what has ended. Client tokens it remembers. */
  forget(): void {
    this.instances.filter((i) => i.state === "terminated").forEach((i) => (i.unseen = Infinity));
  }

  get clients(): RelaunchClients {
    const send = (command: Command) => this.send(command);
    // The SDK's paginators look whether a client is one.
    const clientOf = (type: { prototype: object }) => Object.assign(Object.create(type.prototype) as object, { send });
    const clients = {
      ec2: clientOf(EC2Client),
      loadBalancing: clientOf(ElasticLoadBalancingV2Client),
      outposts: clientOf(OutpostsClient),
      cloudWatch: clientOf(CloudWatchClient),
      dynamoDb: clientOf(DynamoDBClient),
      sns: clientOf(SNSClient),
    };
    return clients as unknown as RelaunchClients;
  }

  private settleGroup(group: Map<string, string>): void {
    for (const [id, state] of group) {
      const instance = this.instances.find((i) => i.id === id);
      if (state === "draining" || instance?.state !== "running") {
        group.delete(id);
      } else {
        group.set(id, instance.passes ? "healthy" : "unhealthy");
      }
    }
  }

  private change(state: string, connected: number, passes = connected === 1): void {
    this.alarm = { state, since: this.now() };
    this.source = [connected, connected, connected];
    this.own().forEach((i) => (i.passes = passes));
    this.members.forEach((group) => {
      this.own().forEach(({ id }) => group.has(id) && group.set(id, passes ? "healthy" : "unhealthy"));
    });
  }

  private add(subnetId: string, tags: Record<string, string>): FakeInstance {
    const instance: FakeInstance = {
      ...{ id: `i-${++this.count}`, subnetId, type: TYPE, tags, state: "running" },
      ...{ launchedAt: this.now().getTime(), passes: subnetId === "subnet-a", unseen: 0 },
    };
    this.instances.push(instance);
    return instance;
  }

  private async send(command: Command): Promise<unknown> {
    const action = command.constructor.name.replace(/Command$/, "");
    const fate = await this.fate(action);
    this.calls.push(action);
    if (fate === "hangs") {
      this.hang();
      return new Promise(() => undefined);
    }
    if (fate !== "ok" && fate !== "lost answer") {
      throw ERRORS[fate]();
    }
    const answer = this.answers[action];
    if (answer === undefined) {
      throw new Error(`the fake doesn't know ${action}`);
    }
    const result = answer(command.input);
    if (fate === "lost answer") {
      throw ERRORS.failed();
    }
    return structuredClone(result);
  }

  private readonly answers: Record<string, (input: Record<string, unknown>) => unknown> = {
    DescribeInstances: ({ Filters }) => {
      const tagged = (Filters as { Name: string }[]).some((f) => f.Name.startsWith("tag:"));
      const shown = this.instances.filter((i) => i.unseen-- <= 0);
      const found = shown.filter((i) => (tagged ? i.tags[RELAUNCHED_BY] !== undefined : i.state === "running"));
      return { Reservations: [{ Instances: found.map(described) }] };
    },
    DescribeInstanceStatus: ({ InstanceIds }) => ({
      InstanceStatuses: this.instances
        .filter((i) => (InstanceIds as string[]).includes(i.id))
        .map((i) => ({
          InstanceId: i.id,
          InstanceState: { Name: i.state },
          InstanceStatus: { Status: i.passes ? "ok" : "impaired" },
          SystemStatus: { Status: "ok" },
        })),
    }),
    DescribeAlarms: () => ({
      MetricAlarms: [{ StateValue: this.alarm.state, StateTransitionedTimestamp: this.alarm.since }],
    }),
    GetMetricData: () => ({
      MetricDataResults: [this.metric("source", this.source), this.metric("destination", this.destination)],
    }),
    GetOutpostInstanceTypes: () => ({ InstanceTypes: [{ InstanceType: TYPE }] }),
    DescribeTargetHealth: ({ TargetGroupArn }) => ({
      TargetHealthDescriptions: [...(this.members.get(String(TargetGroupArn)) ?? [])].map(([Id, State]) => ({
        Target: { Id, Port: 8080 },
        TargetHealth: { State },
      })),
    }),
    RegisterTargets: (input) => this.eachTarget(input, (group, id) => group.set(id, "initial")),
    DeregisterTargets: (input) => this.eachTarget(input, (group, id) => group.set(id, "draining")),
    RunInstances: (input) => this.runInstances(input),
    TerminateInstances: ({ InstanceIds }) => this.terminate(InstanceIds as string[]),
    Publish: ({ Subject, Message }) => this.messages.push({ subject: String(Subject), body: String(Message) }),
    Query: (input) => this.table.query(input as TableRequest),
    UpdateItem: (input) => this.table.update(input as TableRequest),
  };

  private metric(Id: string, data: readonly (number | undefined)[]) {
    const known = data.map((value, i) => ({ value, at: new Date(this.now().getTime() - i * 60_000) }));
    const there = known.filter(({ value }) => value !== undefined);
    return { Id, Timestamps: there.map(({ at }) => at), Values: there.map(({ value }) => value) };
  }

  private eachTarget(input: Record<string, unknown>, change: (group: Map<string, string>, id: string) => void) {
    const group = this.members.get(String(input["TargetGroupArn"])) ?? new Map<string, string>();
    (input["Targets"] as { Id: string }[]).forEach(({ Id }) => change(group, Id));
  }

  private runInstances(input: Record<string, unknown>) {
    const { ClientToken, ...rest } = input;
    const parameters = JSON.stringify(rest);
    const before = this.tokens.get(String(ClientToken));
    const existing = before && this.instances.find((i) => i.id === before.id);
    if (existing) {
      if (before.parameters !== parameters) {
        throw awsError("IdempotentParameterMismatch", 400);
      }
      if (existing.state === "terminated") {
        throw awsError("IdempotentInstanceTerminated", 400);
      }
      return { Instances: [described(existing)] };
    }
    if (this.copies().length >= this.room) {
      throw awsError("InsufficientInstanceCapacity", 500);
    }
    const [{ Tags = [] } = {}] = input["TagSpecifications"] as { Tags?: { Key: string; Value: string }[] }[];
    const template = (input["LaunchTemplate"] as { LaunchTemplateId: string }).LaunchTemplateId;
    const tags = Object.fromEntries(Tags.map((t) => [t.Key, t.Value]));
    const made = this.add(String(input["SubnetId"]), { ...tags, "aws:ec2launchtemplate:id": template });
    made.unseen = this.lag;
    this.tokens.set(String(ClientToken), { id: made.id, parameters });
    for (const { name, count } of this.settings.applications) {
      if (this.copies(`${name}/`).length > count) {
        this.broken.push(`${name} has ${this.copies(`${name}/`).length} copies, and ${count} are wanted`);
      }
    }
    return { Instances: [described(made)] };
  }

  private terminate(ids: readonly string[]) {
    if (this.alarm.state !== "OK" || this.own().some((i) => !i.passes)) {
      this.broken.push(`${ids.join()} are terminated while the source doesn't serve`);
    }
    for (const group of this.members.values()) {
      if (ids.some((id) => group.has(id))) {
        this.broken.push(`${ids.join()} are terminated before they have drained`);
      }
    }
    const ended = this.instances.filter((i) => ids.includes(i.id));
    if (ended.some((i) => !i.tags[RELAUNCHED_BY])) {
      this.broken.push("an instance of the source's own is terminated");
    }
    ended.forEach((i) => (i.state = "terminated"));
    return {};
  }
}

const described = (i: FakeInstance) => ({
  InstanceId: i.id,
  SubnetId: i.state === "running" ? i.subnetId : undefined,
  InstanceType: i.type,
  State: { Name: i.state },
  LaunchTime: new Date(i.launchedAt),
  Tags: Object.entries(i.tags).map(([Key, Value]) => ({ Key, Value })),
});

/** An error as the SDK throws it. */
export function awsError(name: string, httpStatusCode?: number): Error {
  return Object.assign(new Error(`${name}, says the fake`), { name, $metadata: { httpStatusCode } });
}

const ERRORS = {
  refused: () => awsError("UnauthorizedOperation", 403),
  throttled: () => awsError("RequestLimitExceeded", 503),
  failed: () => awsError("TimeoutError"),
};
