import { PolicyResource } from "@pulumi/policy";
import { judgeByTag, REQUIRED_INSTANCES, requiredInstances } from "../balancing/groupsSurviveZone";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { Rule } from "../core/rule";
import { UNKNOWN } from "../core/unknown";
import { servicesExample } from "./example";
import { ReadGroup, readHostGroup } from "./hostGroup";
import { Cluster, clusterOf, Hosts, Share, tasksByShare } from "./hosts";
import { InstanceSize } from "./instanceTypes";
import { HostGroup, Shortage, TaskDemand, worstLoss } from "./packing";
import { confinedByPlacement, strategiesOf } from "./placement";
import { isDaemon, needsOf, TaskCounts } from "./tasks";
import { SERVICE } from "./types";

interface Options {
  readonly instanceTypes?: Readonly<Record<string, InstanceSize>>;
  readonly tag?: string;
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
    tag: {
      type: "string",
      minLength: 1,
      default: REQUIRED_INSTANCES,
      description:
        "The tag of the hosts' group that says how many of them carry the minimum of every service: what is gone by while it isn't known what tasks reserve.",
    },
  },
  onlyWith: SERVICE,
  examples: { fails: servicesExample(3), passes: servicesExample(6) },
  find: (graph, { instanceTypes = {}, tag = REQUIRED_INSTANCES }) => [
    ...new Judge(graph, instanceTypes, tag).findings(),
  ],
};

/** A service whose tasks run on groups' hosts, with all that is known of it. */
interface Placed {
  readonly service: PolicyResource;
  readonly demands: readonly TaskDemand[];
  readonly daemon: boolean;
}

/** The services of a cluster, with the groups that their hosts come from. */
interface ServicesOfCluster {
  readonly groups: Set<PolicyResource>;
  readonly placed: Placed[];
  /** Of which services it isn't known what they ask for. */
  readonly open: Finding[];
}

class Judge {
  private readonly hosts: Hosts;
  private readonly counts: TaskCounts;

  constructor(
    private readonly graph: Graph,
    private readonly types: Readonly<Record<string, InstanceSize>>,
    private readonly tag: string,
  ) {
    this.hosts = new Hosts(graph);
    this.counts = new TaskCounts(graph);
  }

  *findings(): Generator<Finding> {
    const clusters = new Map<Cluster, ServicesOfCluster>();
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
      const cluster = clusterOf(this.graph, service);
      const judged = clusters.get(cluster) ?? { groups: new Set(), placed: [], open: [] };
      clusters.set(cluster, judged);
      runs.shares.forEach(({ groups }) => groups.forEach((group) => judged.groups.add(group)));
      const placed = this.place(service, runs.shares);
      if ("message" in placed) {
        judged.open.push(placed);
      } else {
        judged.placed.push(placed);
      }
    }
    for (const { groups, placed, open } of clusters.values()) {
      yield* open.length > 0 ? this.declared([...groups], open) : this.packed([...groups], placed);
    }
  }

  /** What a service asks of its groups' hosts; a finding if that isn't known. */
  private place(service: PolicyResource, shares: readonly Share[]): Placed | Finding {
    const daemon = isDaemon(service);
    const { count, property, of } = this.counts.fewest(service);
    if (count === 0 && !daemon) {
      return { service, demands: [], daemon };
    }
    const needs = needsOf(this.graph, service);
    if (needs === UNKNOWN || count === UNKNOWN) {
      const what = needs === UNKNOWN ? `what a task of service ${service.name} reserves` : `${property} of ${of.name}`;
      return undetermined(`${what} isn't known before the update, or not this stack's: write it literally, or tag the hosts' group ${REQUIRED_INSTANCES}`, service.urn); // prettier-ignore
    }
    const counts = tasksByShare(count, shares);
    const strategies = strategiesOf(service);
    const demands = shares.map(({ groups }, i) => ({
      ...needs,
      serviceName: service.name,
      count: counts[i] ?? 0,
      strategies: strategies.length === 0 ? undefined : strategies,
      groups: groups.map((group) => group.urn),
    }));
    return { service, demands, daemon };
  }

  /**
   * What can be said while it isn't known what tasks reserve, as in the preview that first makes what they are told of: by
   * what each group's tag says it needs. The update counts.
   */
  private declared(groups: readonly PolicyResource[], open: readonly Finding[]): readonly Finding[] {
    const isTagged = groups.every((group) => typeof requiredInstances(this.graph, group, this.tag) === "string");
    return isTagged ? groups.flatMap((group) => judgeByTag(this.graph, group, this.tag)) : open;
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
