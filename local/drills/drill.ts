import { setTimeout as sleep } from "node:timers/promises";
import { StackConfig } from "../../config";
import { AwsEvent, Bus, Delivery } from "../bus/bus";
import { Clients } from "../endpoint/clients";
import { FUNCTIONS } from "../endpoint/identity";
import { Endpoint } from "../endpoint/endpoint";
import { Received } from "../endpoint/internet";
import { Settings } from "../endpoint/scope";
import { Inbox, Message } from "../bus/inbox";
import { progress } from "../common/progress";
import { StackFile } from "../stacks/stackFiles";
import { takeTurns, Turn } from "./turns";

/** A rehearsed failure. */
export interface Drill {
  readonly name: string;
  /** The system that it breaks, by its name in the configuration: a stack without that has nothing to break. */
  readonly system: keyof StackConfig;
  /** What breaks, what must recover, and what the drill plays because no emulator does. */
  readonly description: string;
  /** Whether it is of both stacks of a pair, and so is played before all others and beside none. @default false */
  readonly alone?: true;
  /**
   * Whether it plays on something of its own, such as network namespaces, and looks neither at the Region's calls nor at
   * its messages: the drills of the systems that follow are played meanwhile. @default false
   */
  readonly aside?: true;
  /** What a stack that has the system lacks for this drill, e.g. a third zone. @default nothing */
  readonly stackLacks?: (target: Target) => Promise<string | undefined> | string | undefined;
  /** What this machine lacks for this drill, e.g. a program. In CI, which has it all, that fails the drill. @default nothing */
  readonly machineLacks?: () => Promise<string | undefined> | string | undefined;
  readonly run: (context: DrillContext) => Promise<void>;
}

/** A drill that was not played, and why. */
export interface NotPlayed {
  readonly name: string;
  readonly system: string;
  readonly stack: string;
  readonly reason: string;
}

/** One AWS call of the deployed code, in milliseconds from the injection on. */
export interface DrillCall {
  readonly service: string;
  readonly action: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly status: number;
}

/** What a drill came to. */
export interface DrillResult {
  readonly name: string;
  readonly system: string;
  readonly stack: string;
  readonly passed: boolean;
  readonly durationMs: number;
  readonly calls: readonly DrillCall[];
  readonly timeline: readonly { readonly atMs: number; readonly what: string }[];
  readonly expectations: readonly { readonly what: string; readonly held: boolean }[];
}

/** The stack that a drill breaks. */
export interface Target extends StackFile {
  readonly clients: Clients;
}

/** What a drill works with. */
export class DrillContext {
  readonly timeline: { atMs: number; what: string }[] = [];
  readonly expectations: { what: string; held: boolean }[] = [];
  private injectedAt = Date.now();

  readonly stack: string;
  readonly region: string;
  readonly config: StackConfig;
  readonly clients: Clients;
  private readonly endpoint: Endpoint;

  constructor(
    target: Target,
    readonly bus: Bus,
    private readonly inbox: Inbox,
  ) {
    ({ stack: this.stack, region: this.region, config: this.config, clients: this.clients } = target);
    this.endpoint = target.clients.endpoint;
  }

  get endpointUrl(): string {
    return this.endpoint.url;
  }

  /** The injection: time and calls count from here. */
  async inject(what: string, settings: Settings = {}): Promise<void> {
    await this.inbox.read();
    await this.endpoint.set(settings, this.region);
    this.begin(what);
  }

  /** As `inject`, for a drill that is played aside: what is set for the Region is another drill's. */
  begin(what: string): void {
    this.injectedAt = Date.now();
    this.timeline.push({ atMs: 0, what });
  }

  /** Changes the endpoint's world or faults during a drill; calls made so far no longer count. */
  async change(settings: Settings): Promise<void> {
    await this.endpoint.set(settings, this.region);
  }

  note(what: string): void {
    this.timeline.push({ atMs: Date.now() - this.injectedAt, what });
  }

  /** Waits until a call is held by the `hold` that was set. */
  holds(): Promise<void> {
    return until(async () => (await this.endpoint.held(this.region)) > 0);
  }

  /** Delivers an event, and expects the deployed rules to lead it to as many functions or state machines as given. */
  publish(event: AwsEvent, expectedTargets = 1): Promise<Delivery[]> {
    return this.publishAll([event], expectedTargets);
  }

  /** As `publish`, for many events that the same rules match. @see Bus.publishAll */
  async publishAll(events: readonly AwsEvent[], expectedTargets = 1, freeRuns?: number): Promise<Delivery[]> {
    const deliveries = await this.bus.publishAll(events, freeRuns);
    const what = `${events.length === 1 ? "" : `${events.length} × `}${events[0]?.["detail-type"]}`;
    this.note(`${what}: ${deliveries.length} target(s)`);
    if (deliveries.length !== expectedTargets) {
      this.expect(`${what} reaches ${expectedTargets} target(s)`, false, deliveries.length);
    }
    for (const { rule, error } of deliveries) {
      if (error !== undefined) {
        this.expect(`${rule} runs without error`, false, error);
      }
    }
    return deliveries;
  }

  /** Notes whether something holds, and what was found instead if it doesn't. */
  expect(what: string, held: boolean, found?: unknown): void {
    this.expectations.push({ what: held || found === undefined ? what : `${what}, not: ${found}`, held });
  }

  messages(): Promise<Message[]> {
    return this.inbox.read();
  }

  /** What deployed functions in this Region have sent to hosts that are not AWS since the injection. */
  async received(): Promise<Received[]> {
    return (await this.endpoint.received()).filter((r) => r.region === this.region);
  }

  /** The deployed code's calls in this Region since the injection, in the order in which they ended. */
  async calls(): Promise<DrillCall[]> {
    const calls = await this.endpoint.calls();
    return calls
      .filter((c) => c.caller.startsWith(FUNCTIONS) && c.region === this.region)
      .map(({ service, action, start, end, status }) => ({
        service,
        action,
        startMs: start - this.injectedAt,
        endMs: end - this.injectedAt,
        status,
      }));
  }

  /** Ends what was set for the Region. @returns the calls until then */
  async end(): Promise<DrillCall[]> {
    const calls = await this.calls();
    await this.change({});
    return calls;
  }

  elapsed(): number {
    return Date.now() - this.injectedAt;
  }
}

/** What drills came to. */
export interface Played {
  readonly drills: readonly DrillResult[];
  readonly notPlayed: readonly NotPlayed[];
}

/**
 * Plays drills against one stack, as far as there is something to break: one after the other, but for those that are
 * played aside.
 */
export async function playDrills(drills: readonly Drill[], target: Target): Promise<Played> {
  const bus = new Bus(target.region, target.clients);
  const inbox = await Inbox.open(target.region, target.clients);
  const turns: Turn<DrillResult>[] = [];
  const notPlayed: NotPlayed[] = [];
  await bus.pauseSchedules();
  try {
    for (const drill of drills) {
      const run = await runOf(drill, target);
      if (typeof run === "string") {
        notPlayed.push({ name: drill.name, system: drill.system, stack: target.stack, reason: run });
      } else {
        const take = () => runDrill({ ...drill, run }, new DrillContext(target, bus, inbox));
        turns.push({ aside: drill.aside ?? false, take });
      }
    }
    return { drills: await takeTurns(turns), notPlayed };
  } finally {
    await bus.resumeSchedules();
    await inbox.close();
  }
}

/** How a drill is run against a stack, or why it can't be. */
export async function runOf(drill: Drill, target: Target): Promise<Drill["run"] | string> {
  if (target.config[drill.system] === undefined) {
    return `the stack has no nplusone:${drill.system}`;
  }
  const stackLacks = await drill.stackLacks?.(target);
  if (stackLacks !== undefined) {
    return `the stack has no ${stackLacks}`;
  }
  const machineLacks = await drill.machineLacks?.();
  if (machineLacks === undefined) {
    return drill.run;
  }
  const reason = `this machine has no ${machineLacks}`;
  return process.env["CI"] === "true"
    ? (context) => Promise.resolve(context.expect("it can be played in CI", false, reason))
    : reason;
}

/** Runs a drill. What goes wrong in it is a failed expectation, not an exception. */
async function runDrill({ name, system, aside, run }: Drill, context: DrillContext): Promise<DrillResult> {
  const { stack, timeline, expectations } = context;
  try {
    await run(context);
  } catch (error) {
    context.expect("the drill runs to its end", false, error);
  }
  const durationMs = context.elapsed();
  const calls = aside === true ? [] : await context.end();
  const passed = expectations.length > 0 && expectations.every((e) => e.held);
  progress(`${passed ? "held" : "FAILED"} ${name} (${stack}): ${calls.length} AWS calls, ${durationMs} ms`);
  for (const { what } of expectations.filter((e) => !e.held)) {
    progress(`  did not hold: ${what}`);
  }
  return { name, system, stack, passed, durationMs, calls, timeline, expectations };
}

/** Milliseconds after which a wait is given up: no measure of anything, but an end. */
const GIVE_UP_MS = 600_000;

/** Waits until something holds, for what an emulator does in its own time. @throws if it never does */
export async function until(holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + GIVE_UP_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      throw new Error(`waited for ${GIVE_UP_MS / 60_000} minutes in vain until ${holds}`);
    }
    await sleep(50);
  }
}
