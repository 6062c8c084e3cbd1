import {
  EventBridgeClient,
  DisableRuleCommand,
  EnableRuleCommand,
  ListRulesCommand,
  ListRulesCommandOutput,
  ListTargetsByRuleCommand,
  Rule,
  Target,
  TestEventPatternCommand,
} from "@aws-sdk/client-eventbridge";
import { randomUUID } from "node:crypto";
import { EventPattern, matchesEventPattern } from "../../model/eventPattern";
import { Clients } from "../endpoint/clients";
import { Functions } from "./functions";
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
  /** Seconds, of the played time, that Lambda had the event before its last run: back-off, no run free. */
  readonly waitedSeconds?: number;
  /** The execution that it has started, if the target is a state machine. It has ended by now. */
  readonly execution?: Execution;
}

/**
 * Plays EventBridge for AWS's own events, which no emulator emits: matches them with the deployed rules, applies the
 * deployed input transformers, checks the deployed permissions, runs the deployed functions and state machines, and fills
 * the deployed queues. The emulator runs the mapping that leads from a queue to a function.
 */
export class Bus {
  private readonly events: EventBridgeClient;
  private readonly functions: Functions;
  private readonly stateMachines: StateMachines;
  private readonly queues: Queues;

  constructor(
    private readonly region: string,
    clients: Clients,
  ) {
    this.events = clients.make(EventBridgeClient, region);
    this.functions = new Functions(region, clients);
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
   * @param freeRuns how many runs at once the account has left for a function that has none reserved
   */
  async publishAll(events: readonly AwsEvent[], freeRuns = Infinity): Promise<Delivery[]> {
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
    const [first] = full;
    const matches = await Promise.all(enabled.map((rule) => first !== undefined && this.matches(rule, first)));
    const deliveries: Delivery[] = [];
    for (const rule of enabled.filter((_, i) => matches[i])) {
      deliveries.push(...(await this.deliver(rule, full, freeRuns)));
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
      deliveries.push(...(await this.deliver(rule, [event], Infinity)));
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
    const rules: Rule[] = [];
    let NextToken: string | undefined;
    do {
      const page: ListRulesCommandOutput = await this.events.send(new ListRulesCommand({ NextToken }));
      rules.push(...(page.Rules ?? []));
      ({ NextToken } = page);
    } while (NextToken !== undefined);
    return rules;
  }

  private async schedules(): Promise<Rule[]> {
    return (await this.rules()).filter((rule) => rule.ScheduleExpression);
  }

  private async matches({ EventPattern }: Rule, event: AwsEvent): Promise<boolean> {
    if (EventPattern === undefined || !mayMatch(EventPattern, event)) {
      return false;
    }
    const answer = await this.events.send(new TestEventPatternCommand({ EventPattern, Event: JSON.stringify(event) }));
    return answer.Result ?? false;
  }

  private async deliver(rule: Rule, events: readonly object[], freeRuns: number): Promise<Delivery[]> {
    const { Targets = [] } = await this.events.send(new ListTargetsByRuleCommand({ Rule: rule.Name }));
    const deliveries: Delivery[] = [];
    for (const target of Targets) {
      const inputs = events.map((event) => transform(target, event));
      const delivered = await this.deliverTo(rule, target, inputs, freeRuns);
      deliveries.push(...delivered.map((d) => ({ rule: rule.Name ?? "", target: target.Arn ?? "", ...d })));
    }
    return deliveries;
  }

  private async deliverTo(
    rule: Rule,
    target: Target,
    inputs: readonly string[],
    freeRuns: number,
  ): Promise<Omit<Delivery, "rule" | "target">[]> {
    switch (target.Arn?.split(":")[2]) {
      case "sqs":
        return [{ error: await this.queues.deliver(rule, target, inputs) }];
      case "states": {
        const started: Omit<Delivery, "rule" | "target">[] = [];
        for (const input of inputs) {
          started.push(await this.stateMachines.start(rule, target, input));
        }
        return started;
      }
      default:
        return this.functions.deliver(rule, target, inputs, freeRuns);
    }
  }
}

/** Whether a pattern is about such events at all: the emulator is asked about few rules instead of all, event by event. */
function mayMatch(pattern: string, { source, "detail-type": detailType }: AwsEvent): boolean {
  const about = Object.entries(JSON.parse(pattern) as EventPattern).filter(([field]) => HEADINGS.includes(field));
  return about.length === 0 || matchesEventPattern(Object.fromEntries(about), { source, "detail-type": detailType });
}

/** The fields by which services' patterns tell events apart before they look at details. */
const HEADINGS = ["source", "detail-type"];

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
