import { Service } from "@aws-sdk/client-ecs";
import { unplaced } from "../../../model/ecs/placement";
import { clock } from "../clock";
import { Drill, DrillContext } from "../drill";
import { KnownTask, ServiceCluster } from "./cluster";
import { Scene } from "./play";
import { settleServices } from "./settle";

type Serving = ReadonlyMap<string, readonly KnownTask[]>;

/** A drill that begins with the stack's first cluster as it should be, and is told who serves at any time. */
export function serviceDrill(
  name: string,
  description: string,
  play: (context: DrillContext, cluster: ServiceCluster, watch: Watch) => Promise<void>,
): Drill {
  return {
    name,
    system: "services",
    description,
    stackLacks: ({ config: { partner } }) =>
      partner?.role === "standby" && partner.mode === "pilot-light"
        ? "tasks until it is lit: its primary's drill region-lost does that"
        : undefined,
    run: async (context) => {
      await settleServices(context.region, context.clients);
      const [cluster] = await ServiceCluster.all(context.region, context.clients);
      const services = (await cluster?.services()) ?? [];
      const serving = (await cluster?.serving(services)) ?? new Map<string, KnownTask[]>();
      const lacking = services.filter((one) => serving.get(one.serviceName ?? "")?.length !== one.desiredCount);
      if (cluster === undefined || services.length === 0 || lacking.length > 0) {
        const found = lacking.map((one) => `${serving.get(one.serviceName ?? "")?.length} of ${one.serviceName}`);
        context.expect("every service starts with as many healthy tasks as it is to have", false, found.join(", "));
        return;
      }
      await play(context, cluster, new Watch(context, cluster, services, serving));
    },
  };
}

/** Keeps the fewest tasks of each service that have served, and writes the timeline. */
export class Watch {
  private readonly fewest: Map<string, number>;
  last: Serving;

  constructor(
    private readonly context: DrillContext,
    private readonly cluster: ServiceCluster,
    readonly services: readonly Service[],
    readonly start: Serving,
  ) {
    this.fewest = new Map([...start].map(([name, tasks]) => [name, tasks.length]));
    this.last = start;
  }

  /** For a scene: what happens is noted with its virtual time, and what serves is counted. */
  readonly scene: Required<Pick<Scene, "tell" | "watch">> = {
    tell: (what, at) => this.context.note(`${clock(at)}: ${what}`),
    watch: (serving, at) => {
      for (const [name, tasks] of serving) {
        if (tasks.length !== this.last.get(name)?.length) {
          this.context.note(`${clock(at)}: ${tasks.length} tasks of ${name} serve`);
        }
        this.fewest.set(name, Math.min(this.fewest.get(name) ?? 0, tasks.length));
      }
      this.last = serving;
    },
  };

  /** The zones of the hosts, and how many of a service's tasks serve in each. */
  private async perZone(name: string): Promise<Map<string, number>> {
    const zones = [...new Set((await this.cluster.running()).map((host) => host.availabilityZone))].sort();
    const tasks = this.last.get(name) ?? [];
    return new Map(zones.map((zone) => [zone, tasks.filter((task) => task.availabilityZone === zone).length]));
  }

  /** Expects of every service that so many of its tasks have served at any time. */
  expectAtLeast(least: (service: string) => number, why: string): void {
    for (const [name, fewest] of this.fewest) {
      const wanted = least(name);
      this.context.expect(`at least ${wanted} tasks of ${name} serve at any time, ${why}`, fewest >= wanted, fewest);
    }
  }

  /** Expects that so many tasks of every service serve now, spread over all zones that have hosts. */
  async expectSpread(count: (service: string) => number, when: string): Promise<void> {
    for (const name of this.start.keys()) {
      const zones = await this.perZone(name);
      const counts = [...zones.values()];
      const sum = counts.reduce((a, b) => a + b, 0);
      const held = sum === count(name) && Math.max(...counts) - Math.min(...counts) <= 1;
      const found = [...zones].map(([zone, tasks]) => `${tasks} in ${zone}`).join(", ");
      this.context.expect(
        `${when} ${count(name)} tasks of ${name} serve, spread over ${zones.size} zones`,
        held,
        found,
      );
    }
  }

  /** Expects all tasks of the beginning again. */
  async expectRestored(): Promise<void> {
    await this.expectSpread((name) => this.start.get(name)?.length ?? 0, "in the end");
  }

  /** Expects that every service's tasks would find room if any one zone were lost: by packing them, not by sums. */
  async expectRoomWithoutAnyZone(): Promise<void> {
    const hosts = await this.cluster.hosts();
    const demands = await Promise.all(
      this.services.map(async ({ serviceName = "", desiredCount: count = 0, taskDefinition, placementStrategy }) => {
        const needs = await this.cluster.reservation(taskDefinition ?? "");
        return { serviceName, count, ...needs, strategies: placementStrategy };
      }),
    );
    for (const zone of new Set(hosts.map((host) => host.availabilityZone))) {
      const without = unplaced(
        hosts.filter((host) => host.availabilityZone !== zone && host.agentConnected),
        demands,
      );
      const found = [...without].map(([name, tasks]) => `none for ${tasks} of ${name}`).join(", ");
      this.context.expect(`the hosts outside ${zone} have room for all tasks`, without.size === 0, found);
    }
  }
}
