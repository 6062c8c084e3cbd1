import { PolicyResource } from "@pulumi/policy";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { Rule } from "../core/rule";
import { UNKNOWN } from "../core/unknown";
import { servicesExample } from "./example";
import { ReadGroup, readHostGroup } from "./hostGroup";
import { Cluster, clusterOf, Hosts, tasksByShare } from "./hosts";
import { InstanceSize } from "./instanceTypes";
import { HostGroup, Shortage, TaskDemand, worstLoss } from "./packing";
import { confinedByPlacement, strategiesOf } from "./placement";
import { isDaemon, needsOf, TaskCounts } from "./tasks";
import { SERVICE } from "./types";

interface Options {
  readonly instanceTypes?: Readonly<Record<string, InstanceSize>>;
}

/** N+1 of tasks and of their hosts. */
export const servicesSurviveZone: Rule<Options> = {
  name: "services-survive-the-loss-of-a-zone",
  what: "ECS services place their tasks over zones, and the hosts that are left when the fullest zone is lost have room for the minimum of every service.",
  why: "Tasks that find no room wait for new hosts, and everybody who has lost the zone asks for those. Room is counted as ECS does, host by host, by what tasks reserve: free memory on five hosts that is too little on each places no task.",
  mend: "Spread over `attribute:ecs.availability-zone` first, and set the group's `minSize` so that each zone can be done without; the finding says to what.",
  pages: [
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/memory-management.html",
    "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/rel_withstand_component_failures_static_stability.html",
  ],
  options: {
    instanceTypes: {
      type: "object",
      default: {},
      description:
        'Instance types that the pack doesn\'t know, or knows too roughly, with what they register with ECS: { "x2gd.large": { "cpu": 2048, "memory": 31000 } }, in CPU units and MiB.',
      additionalProperties: {
        type: "object",
        properties: {
          cpu: { type: "number", minimum: 1, description: "CPU units: 1024 a virtual CPU." },
          memory: { type: "number", minimum: 1, description: "MiB." },
        },
        required: ["cpu", "memory"],
        additionalProperties: false,
      },
    },
  },
  onlyWith: SERVICE,
  examples: { fails: servicesExample(3), passes: servicesExample(6) },
  find: (graph, { instanceTypes = {} }) => [...new Judge(graph, instanceTypes).findings()],
};

/** A service whose tasks run on groups' hosts, with all that is known of it. */
interface Placed {
  readonly service: PolicyResource;
  readonly demands: readonly TaskDemand[];
  readonly daemon: boolean;
}

class Judge {
  private readonly hosts: Hosts;
  private readonly counts: TaskCounts;

  constructor(
    private readonly graph: Graph,
    private readonly types: Readonly<Record<string, InstanceSize>>,
  ) {
    this.hosts = new Hosts(graph);
    this.counts = new TaskCounts(graph);
  }

  *findings(): Generator<Finding> {
    const clusters = new Map<Cluster, { groups: Set<PolicyResource>; placed: Placed[] }>();
    for (const service of this.graph.ofType(SERVICE)) {
      const runs = this.hosts.runsOn(service);
      // A daemon goes to whatever hosts there are.
      const daemon = isDaemon(service);
      if (runs.hosts === "unknown" && !daemon) {
        yield undetermined(`whether service ${service.name} survives the loss of a zone can't be determined: ${runs.why}`, service.urn); // prettier-ignore
      }
      if (runs.hosts !== "groups") {
        continue;
      }
      yield* daemon ? [] : confinedByPlacement(this.graph, service);
      const needs = needsOf(this.graph, service);
      const { count, property, of } = this.counts.fewest(service);
      if (needs === UNKNOWN || count === UNKNOWN) {
        const what =
          needs === UNKNOWN ? `what a task of service ${service.name} reserves` : `${property} of ${of.name}`;
        yield undetermined(
          `${what} isn't known before the update, or not this stack's: write it literally`,
          service.urn,
        );
        continue;
      }
      const cluster = clusterOf(this.graph, service);
      const judged = clusters.get(cluster) ?? { groups: new Set(), placed: [] };
      clusters.set(cluster, judged);
      runs.shares.forEach(({ groups }) => groups.forEach((group) => judged.groups.add(group)));
      const counts = tasksByShare(count, runs.shares);
      const strategies = strategiesOf(service);
      const demands = runs.shares.map(({ groups }, i) => ({
        ...needs,
        serviceName: service.name,
        count: counts[i] ?? 0,
        strategies: strategies.length === 0 ? undefined : strategies,
        groups: groups.map((group) => group.urn),
      }));
      judged.placed.push({ service, demands, daemon });
    }
    for (const { groups, placed } of clusters.values()) {
      yield* this.packed([...groups], placed);
    }
  }

  /** Whether the tasks of a cluster's services fit on what is left: as crowded, and as roomy, as what is known allows. */
  private *packed(groups: readonly PolicyResource[], placed: readonly Placed[]): Generator<Finding> {
    if (placed.every(({ demands, daemon }) => daemon || demands.every((demand) => demand.count === 0))) {
      return;
    }
    const read = groups.map((group) => readHostGroup(this.graph, group, this.types));
    const open = read.filter((one): one is Finding => "message" in one);
    if (open.length > 0) {
      yield* open;
      return;
    }
    const known = read.filter((one): one is ReadGroup => !("message" in one));
    const roomy = reserved(
      known.map((one) => one.most),
      placed,
    );
    if (new Set(roomy.flatMap(({ zones }) => zones)).size < 2) {
      // Nothing is left of one zone, whatever the size: workloads-span-zones says so.
      return;
    }
    const demands = placed.flatMap((one) => (one.daemon ? [] : one.demands));
    const certain = worstLoss(roomy, demands);
    if (certain !== undefined) {
      yield* short(certain, placed, known, this.advice(known, placed, demands));
      return;
    }
    const possible = worstLoss(reserved(known.map((one) => one.least), placed), demands); // prettier-ignore
    if (possible !== undefined) {
      const why = known.flatMap((one) => one.open).join("; ");
      const names = [...possible.without.keys()].join(", ");
      const [first] = placed;
      yield undetermined(`whether all tasks of ${names} find room when ${possible.zone} is lost can't be determined: ${why}`, first?.service.urn); // prettier-ignore
    }
  }

  /** To what the group's size is to be set, if it is one group, and any size helps. */
  private advice(known: readonly ReadGroup[], placed: readonly Placed[], demands: readonly TaskDemand[]): string {
    const [one] = known;
    const roomier = "give the hosts more memory and CPU, or the services less";
    if (one === undefined || known.length > 1) {
      return `raise the groups' sizes, or ${roomier}`;
    }
    const { least, property } = one;
    const most = least.instances + demands.reduce((sum, { count }) => sum + count, 0) * 2;
    for (let instances = least.instances + 1; instances <= most; instances++) {
      if (worstLoss(reserved([{ ...least, instances }], placed), demands) === undefined) {
        return `set ${property} of group ${one.group.name} to ${instances}`;
      }
    }
    return roomier;
  }
}

/** Groups whose hosts have the tasks of daemons already. */
function reserved(groups: readonly HostGroup[], placed: readonly Placed[]): HostGroup[] {
  const daemons = placed.filter(({ daemon }) => daemon).flatMap(({ demands }) => demands);
  return groups.map((group) => {
    const here = daemons.filter((demand) => demand.groups.includes(group.name));
    const cpu = here.reduce((left, demand) => left - demand.cpu, group.registered.cpu);
    const memory = here.reduce((left, demand) => left - demand.memory, group.registered.memory);
    return { ...group, registered: { cpu, memory } };
  });
}

function short(loss: Shortage, placed: readonly Placed[], known: readonly ReadGroup[], advice: string): Finding[] {
  const groups = known.map(({ group, property, most }) => `${group.name} (${property} ${most.instances})`).join(", ");
  return placed.flatMap(({ service, demands }) => {
    const without = loss.without.get(service.name);
    const count = demands.reduce((sum, demand) => sum + demand.count, 0);
    return without === undefined
      ? []
      : [{ message: `service ${service.name}: when ${loss.zone} is lost, ${without} of its ${count} tasks find no room on the ${loss.hosts} hosts that are left of ${groups}: ${advice}`, urn: service.urn }]; // prettier-ignore
  });
}
