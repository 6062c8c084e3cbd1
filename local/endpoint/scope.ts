import { Request } from "./call";
import { Fault, Faults } from "./faults";
import { Lag, Lagging } from "./lag";
import { merge, PEACE, Reboot, World } from "./world";

/** What can be set through the endpoint's controls, for one Region or for all. */
export interface Settings {
  /** Milliseconds that every call of callers whose access keys begin so takes at least. */
  readonly latency?: { readonly ms: number; readonly caller: string };
  readonly fault?: Fault;
  readonly lag?: Lag;
  readonly world?: Partial<World>;
  /** What the next restart of an instance changes. */
  readonly reboot?: Reboot;
  /** Calls that wait, before AWS has them, until something else is set: of these callers, whose access keys begin so. */
  readonly hold?: { readonly caller: string; readonly action: string };
}

/** Settings in force, and what they have come to since. */
export class Scope {
  readonly faults: Faults;
  readonly lagging: Lagging;
  /** Changed by a restart. */
  private world: Partial<World>;
  /** Lets the calls go that are held. */
  private readonly held: (() => void)[] = [];
  /** The instance that is starting again, and how often EC2 is still to say so. */
  private starting: { readonly instanceId: string; polls: number } | undefined;

  constructor(private readonly settings: Settings) {
    this.faults = new Faults(settings.fault);
    this.lagging = new Lagging(settings.lag);
    this.world = settings.world ?? {};
  }

  /** Milliseconds that a call takes at least. */
  latency({ caller }: Request): number {
    const { latency } = this.settings;
    return latency !== undefined && caller.startsWith(latency.caller) ? latency.ms : 0;
  }

  /** How many calls are held. */
  get heldCalls(): number {
    return this.held.length;
  }

  /** Waits until a call that is to be held is released. */
  async letGo({ caller, action }: Request): Promise<void> {
    const { hold } = this.settings;
    if (hold !== undefined && action === hold.action && caller.startsWith(hold.caller)) {
      await new Promise<void>((resolve) => this.held.push(resolve));
    }
  }

  /** Other settings have taken the place of these. */
  release(): void {
    this.held.forEach((resolve) => resolve());
  }

  /** The world as it is now. */
  get now(): Partial<World> {
    return this.world;
  }

  /** Other facts join those of the world, or take their place. */
  change(facts: Partial<World>): void {
    this.world = merge(merge(PEACE, this.world), facts);
  }

  /** The world as it is for a request, asked once for each: a restart changes it, and so do polls after that. */
  worldFor(request: Request): Partial<World> {
    const { reboot } = this.settings;
    const asked = [...request.parameters].filter(([name]) => name.startsWith("InstanceId.")).map(([, id]) => id);
    if (request.action === "RebootInstances" && reboot !== undefined) {
      this.world = merge(merge(PEACE, this.world), reboot.then);
      this.starting = { instanceId: asked[0] ?? "", polls: reboot.polls };
    }
    const { starting, world } = this;
    if (request.action !== "DescribeInstanceStatus" || starting === undefined || !asked.includes(starting.instanceId)) {
      return world;
    }
    const isStarting = starting.polls-- > 0;
    return isStarting
      ? { ...world, statusChecks: { ...world.statusChecks, [starting.instanceId]: "initializing" } }
      : world;
  }
}
