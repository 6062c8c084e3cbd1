import { clock } from "../clock";
import { Drill, DrillContext } from "../drill";
import { Scene } from "./play";
import { settleTiers } from "./settle";
import { Serving, Tier } from "./tier";

/** A drill that begins with the stack's first tier as it should be, and is told how many serve at any time. */
export function webDrill(
  name: string,
  description: string,
  play: (context: DrillContext, tier: Tier, watch: Watch) => Promise<void>,
): Drill {
  return {
    name,
    system: "web",
    description,
    run: async (context) => {
      await settleTiers(context.region, context.clients);
      const [tier] = await Tier.all(context.region, context.clients);
      const { DesiredCapacity } = (await tier?.describedGroup()) ?? {};
      const serving = (await tier?.serving()) ?? [];
      if (tier === undefined || serving.length === 0 || serving.length !== DesiredCapacity) {
        context.expect("the tier starts with as many healthy instances as it is to have", false, serving.length);
        return;
      }
      await play(context, tier, new Watch(context, serving));
    },
  };
}

/** Keeps the fewest that have served, and writes the timeline. */
export class Watch {
  fewest: number;
  last: readonly Serving[];

  constructor(
    private readonly context: DrillContext,
    readonly start: readonly Serving[],
  ) {
    this.fewest = start.length;
    this.last = start;
  }

  /** For a scene: what happens is noted with its virtual time, and what serves is counted. */
  readonly scene: Required<Pick<Scene, "tell" | "watch">> = {
    tell: (what, at) => this.context.note(`${clock(at)}: ${what}`),
    watch: (serving, at) => {
      if (serving.length !== this.last.length) {
        this.context.note(`${clock(at)}: ${serving.length} instances serve`);
      }
      this.last = serving;
      this.fewest = Math.min(this.fewest, serving.length);
    },
  };

  /** The zones of what serves now, each with how many. */
  get zones(): ReadonlyMap<string, number> {
    const zones = [...new Set(this.start.map((s) => s.availabilityZone))];
    return new Map(zones.map((zone) => [zone, this.last.filter((s) => s.availabilityZone === zone).length]));
  }

  expectAtLeast(count: number, what: string): void {
    this.context.expect(`at least ${count} instances serve at any time, ${what}`, this.fewest >= count, this.fewest);
  }

  /** As many as in the beginning, evenly spread. */
  expectRestored(): void {
    const counts = [...this.zones.values()];
    const held = this.last.length === this.start.length && Math.max(...counts) - Math.min(...counts) <= 1;
    this.context.expect(
      `${this.start.length} instances serve again, spread over all zones`,
      held,
      [...this.zones].map(([zone, count]) => `${count} in ${zone}`).join(", "),
    );
  }
}
