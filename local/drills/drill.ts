import { setTimeout as sleep } from "node:timers/promises";
import { AwsEvent, Bus, Delivery } from "../bus/bus";
import { Clients } from "../endpoint/clients";
import { DEPLOYED_CODE_KEY } from "../emulators/emulators";
import { Endpoint } from "../endpoint/endpoint";
import { Received } from "../endpoint/internet";
import { Settings } from "../endpoint/server";
import { Inbox, Message } from "../bus/inbox";
import { progress } from "../common/progress";

/** A rehearsed failure. */
export interface Drill {
  readonly name: string;
  readonly system: "gateway" | "outposts" | "recovery";
  /** What breaks, what must recover, and what the drill plays because no emulator does. */
  readonly description: string;
  readonly run: (context: DrillContext) => Promise<void>;
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
export interface Target {
  readonly stack: string;
  readonly region: string;
}

/** What a drill works with. */
export class DrillContext {
  readonly timeline: { atMs: number; what: string }[] = [];
  readonly expectations: { what: string; held: boolean }[] = [];
  private injectedAt = Date.now();

  constructor(
    readonly stack: string,
    readonly region: string,
    readonly clients: Clients,
    readonly bus: Bus,
    private readonly endpoint: Endpoint,
    private readonly inbox: Inbox,
  ) {}

  get endpointUrl(): string {
    return this.endpoint.url;
  }

  /** The injection: time and calls count from here. */
  async inject(what: string, settings: Settings = {}): Promise<void> {
    await this.inbox.read();
    await this.endpoint.set(settings, this.region);
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

  /** Delivers an event, and expects the deployed rules to lead it to as many functions or state machines as given. */
  async publish(event: AwsEvent, expectedTargets = 1): Promise<Delivery[]> {
    const deliveries = await this.bus.publish(event);
    this.note(`${event["detail-type"]}: ${deliveries.length} target(s)`);
    if (deliveries.length !== expectedTargets) {
      this.expect(`${event["detail-type"]} reaches ${expectedTargets} target(s), not ${deliveries.length}`, false);
    }
    for (const { rule, error } of deliveries) {
      if (error !== undefined) {
        this.expect(`${rule} runs without error, not: ${error}`, false);
      }
    }
    return deliveries;
  }

  expect(what: string, held: boolean): void {
    this.expectations.push({ what, held });
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
      .filter((c) => c.caller === DEPLOYED_CODE_KEY && c.region === this.region)
      .map(({ service, action, start, end, status }) => ({
        service,
        action,
        startMs: start - this.injectedAt,
        endMs: end - this.injectedAt,
        status,
      }));
  }

  elapsed(): number {
    return Date.now() - this.injectedAt;
  }
}

/** Runs one drill against one stack. What goes wrong in it is a failed expectation, not an exception. */
export async function runDrill(drill: Drill, target: Target, endpoint: Endpoint): Promise<DrillResult> {
  const { stack, region } = target;
  const clients = new Clients(endpoint);
  const bus = new Bus(region, clients);
  const inbox = await Inbox.open(region, clients);
  await bus.pauseSchedules();
  const context = new DrillContext(stack, region, clients, bus, endpoint, inbox);
  try {
    await drill.run(context);
  } catch (error) {
    context.expect(`the drill runs to its end, not: ${String(error)}`, false);
  }
  const durationMs = context.elapsed();
  const calls = await context.calls();
  await endpoint.set({}, region);
  await bus.resumeSchedules();
  await inbox.close();
  const { timeline, expectations } = context;
  const passed = expectations.length > 0 && expectations.every((e) => e.held);
  progress(`${passed ? "held" : "FAILED"} ${drill.name} (${stack}): ${calls.length} AWS calls, ${durationMs} ms`);
  for (const { what } of expectations.filter((e) => !e.held)) {
    progress(`  did not hold: ${what}`);
  }
  return { name: drill.name, system: drill.system, stack, passed, durationMs, calls, timeline, expectations };
}

/** Waits until something holds, for what an emulator does in its own time. */
export async function until(holds: () => Promise<boolean>, timeoutMs = 5000): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) {
      return false;
    }
    await sleep(50);
  }
  return true;
}
