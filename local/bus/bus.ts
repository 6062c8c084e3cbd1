import {
  EventBridgeClient,
  DisableRuleCommand,
  EnableRuleCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  Rule,
  Target,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import { GetPolicyCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { randomUUID } from "node:crypto";
import { Clients } from "../endpoint/clients";
import { Queues } from "./queues";
import { Execution, StateMachines } from "./stateMachines";

/** An event as AWS puts it on the default bus. */
export interface AwsEvent {
  readonly source: string;
  readonly "detail-type": string;
  readonly detail: Record<string, unknown>;
  readonly resources?: readonly string[];
  /** ISO 8601. @default now */
  readonly time?: string;
}

/** One delivery of an event to a target. */
export interface Delivery {
  readonly rule: string;
  readonly target: string;
  /** Why it failed, after the retries that AWS makes; the event then goes to the dead-letter queue. */
  readonly error: string | undefined;
  /** The execution that it has started, if the target is a state machine. It has ended by now. */
  readonly execution?: Execution;
}

/** How often Lambda runs an asynchronous event: once, and two retries. */
const ATTEMPTS = 3;

/**
 * Plays EventBridge for AWS's own events, which no emulator emits: matches them with the deployed rules, applies the
 * deployed input transformers, checks the deployed permissions, runs the deployed functions and state machines, and fills
 * the deployed queues. The emulator runs the mapping that leads from a queue to a function.
 */
export class Bus {
  private readonly events: EventBridgeClient;
  private readonly lambda: LambdaClient;
  private readonly stateMachines: StateMachines;
  private readonly queues: Queues;

  constructor(
    private readonly region: string,
    clients: Clients,
  ) {
    this.events = clients.make(EventBridgeClient, region);
    this.lambda = clients.make(LambdaClient, region);
    this.stateMachines = new StateMachines(region, clients);
    this.queues = new Queues(region, clients);
  }

  /** Delivers an event to the targets of every enabled rule that matches it, one after the other, and sees it dealt with. */
  publish(event: AwsEvent): Promise<Delivery[]> {
    return this.publishAll([event]);
  }

  /**
   * Delivers events that the same rules match, for they differ in nothing that patterns look at. A queue gets them all
   * before the wait for it begins, as in a storm.
   */
  async publishAll(events: readonly AwsEvent[]): Promise<Delivery[]> {
    const full = events.map((event) => ({
      version: "0",
      id: randomUUID(),
      account: "123456789012",
      region: this.region,
      resources: [],
      time: new Date().toISOString(),
      ...event,
    }));
    const enabled = (await this.rules()).filter((rule) => rule.State === "ENABLED");
    const matches = await Promise.all(enabled.map((rule) => this.matches(rule, full[0] ?? {})));
    const deliveries: Delivery[] = [];
    for (const rule of enabled.filter((_, i) => matches[i])) {
      deliveries.push(...(await this.deliver(rule, full)));
    }
    return deliveries;
  }

  /** Runs the targets of schedules once, paused or not: of those whose rules' names begin so. */
  async tick(...beginnings: string[]): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    for (const rule of (await this.schedules()).filter((r) => beginnings.some((b) => r.Name?.startsWith(`${b}-`)))) {
      const event = {
        source: "aws.events",
        "detail-type": "Scheduled Event",
        detail: {},
        id: randomUUID(),
        time: new Date().toISOString(),
      };
      deliveries.push(...(await this.deliver(rule, [event])));
    }
    return deliveries;
  }

  /** Keeps the emulator from running the schedules, so that a drill sees only what it set off. */
  async pauseSchedules(): Promise<void> {
    for (const rule of await this.schedules()) {
      await this.events.send(new DisableRuleCommand({ Name: rule.Name }));
    }
  }

  async resumeSchedules(): Promise<void> {
    for (const rule of await this.schedules()) {
      await this.events.send(new EnableRuleCommand({ Name: rule.Name }));
    }
  }

  private async rules(): Promise<Rule[]> {
    return (await this.events.send(new ListRulesCommand({}))).Rules ?? [];
  }

  private async schedules(): Promise<Rule[]> {
    return (await this.rules()).filter((rule) => rule.ScheduleExpression);
  }

  private async matches({ EventPattern }: Rule, event: object): Promise<boolean> {
    if (EventPattern === undefined) {
      return false;
    }
    const answer = await this.events.send(new TestEventPatternCommand({ EventPattern, Event: JSON.stringify(event) }));
    return answer.Result ?? false;
  }

  private async deliver(rule: Rule, events: readonly object[]): Promise<Delivery[]> {
    const { Targets = [] } = await this.events.send(new ListTargetsByRuleCommand({ Rule: rule.Name }));
    const deliveries: Delivery[] = [];
    for (const target of Targets) {
      const inputs = events.map((event) => transform(target, event));
      const service = target.Arn?.split(":")[2];
      const delivered =
        service === "sqs"
          ? [{ error: await this.queues.settle(target, () => this.queues.send(rule, target, inputs)) }]
          : await oneByOne(inputs, (input) =>
              service === "states" ? this.stateMachines.start(target, input) : this.run(rule, target, input),
            );
      deliveries.push(...delivered.map((d) => ({ rule: rule.Name ?? "", target: target.Arn ?? "", ...d })));
    }
    return deliveries;
  }

  private async run(rule: Rule, target: Target, input: string): Promise<Pick<Delivery, "error">> {
    return (await this.permitted(rule, target))
      ? { error: await this.invoke(target, input) }
      : { error: "the function's policy doesn't permit this rule" };
  }

  private async permitted(rule: Rule, target: Target): Promise<boolean> {
    try {
      const { Policy = "{}" } = await this.lambda.send(new GetPolicyCommand({ FunctionName: target.Arn }));
      const { Statement = [] } = JSON.parse(Policy) as { Statement?: { Condition?: object }[] };
      return Statement.some((s) => JSON.stringify(s.Condition ?? {}).includes(rule.Arn ?? ""));
    } catch {
      return false;
    }
  }

  private async invoke(target: Target, input: string): Promise<string | undefined> {
    let error: string | undefined;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const answer = await this.lambda.send(
        new InvokeCommand({ FunctionName: target.Arn, Payload: Buffer.from(input) }),
      );
      if (answer.FunctionError === undefined) {
        return undefined;
      }
      error = Buffer.from(answer.Payload ?? []).toString();
    }
    return error;
  }
}

async function oneByOne<Input, Output>(
  inputs: readonly Input[],
  run: (input: Input) => Promise<Output>,
): Promise<Output[]> {
  const outputs: Output[] = [];
  for (const input of inputs) {
    outputs.push(await run(input));
  }
  return outputs;
}

/** What a target gets of an event: all of it, or what its input transformer makes of it. */
function transform({ InputTransformer: transformer }: Target, event: object): string {
  if (transformer === undefined) {
    return JSON.stringify(event);
  }
  return (transformer.InputTemplate ?? "").replace(/<(\w+)>/g, (_, name: string) => {
    const path = transformer.InputPathsMap?.[name]?.replace(/^\$\./, "").split(".") ?? [];
    const value = path.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], event);
    return JSON.stringify(value ?? "");
  });
}
