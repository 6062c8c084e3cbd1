import { PolicyResource } from "@pulumi/policy";
import { Graph, GROUP, LAUNCH_TEMPLATE } from "../core/graph";
import { at, items, known, knownItems, read, UNKNOWN } from "../core/unknown";
import { CAPACITY_PROVIDER, CLUSTER, CLUSTER_CAPACITY_PROVIDERS, LAUNCH_CONFIGURATION } from "./types";

/** Where a service's tasks run. */
export type RunsOn =
  /** AWS finds the hosts: Fargate, and managed instances. */
  | { readonly hosts: "managed" }
  /** Machines that aren't AWS's, or what task sets say. */
  | { readonly hosts: "elsewhere" }
  | { readonly hosts: "groups"; readonly shares: readonly Share[] }
  | { readonly hosts: "unknown"; readonly why: string };

/** What a service has of groups: by a capacity provider, or of all of its cluster. */
export interface Share {
  readonly groups: readonly PolicyResource[];
  /** Tasks that come here first. */
  readonly base: number;
  /** Its part of the others. */
  readonly weight: number;
}

const foreign = (what: string): RunsOn => ({
  hosts: "unknown",
  why: `the hosts of ${what} aren't this stack's`,
});

/** A cluster of this stack, or the name of another's. */
export type Cluster = PolicyResource | string;

/** The cluster of a service, or of what else names one by a property: by resource, or by the last of its ARN or name. */
export function clusterOf(graph: Graph, resource: PolicyResource, property = "cluster"): Cluster {
  const [cluster] = graph.referred(resource, property, CLUSTER);
  const written = known(() => resource.props[property] as string | undefined);
  return cluster ?? (written === undefined || written === "" ? "default" : (written.split("/").pop() ?? written));
}

/** Which groups' instances are which cluster's hosts: looked up once for all services. */
export class Hosts {
  private readonly associations = new Map<Cluster, PolicyResource>();
  private readonly groups = new Map<Cluster, Set<PolicyResource>>();

  constructor(private readonly graph: Graph) {
    for (const association of graph.ofType(CLUSTER_CAPACITY_PROVIDERS)) {
      const cluster = clusterOf(graph, association, "clusterName");
      this.associations.set(cluster, association);
      const providers = graph.referred(association, "capacityProviders", CAPACITY_PROVIDER);
      providers.flatMap((p) => groupsOf(graph, p)).forEach((group) => this.add(cluster, group));
    }
    for (const group of graph.ofType(GROUP)) {
      const joined = templatesOf(graph, group).flatMap((template) => clustersJoined(graph, template));
      joined.forEach((cluster) => this.add(cluster, group));
    }
  }

  private add(cluster: Cluster, group: PolicyResource): void {
    this.groups.set(cluster, (this.groups.get(cluster) ?? new Set()).add(group));
  }

  /** The groups that hosts of any cluster come from. */
  all(): PolicyResource[] {
    const ofProviders = this.graph.ofType(CAPACITY_PROVIDER).flatMap((provider) => groupsOf(this.graph, provider));
    return [...new Set([...ofProviders, ...[...this.groups.values()].flatMap((groups) => [...groups])])];
  }

  /** Where the tasks of a service run: by its launch type, its capacity providers or those of its cluster. */
  runsOn(service: PolicyResource): RunsOn {
    const text = (path: string) => known(() => at(service.props, path) as string | undefined) ?? "";
    // The provider fills the launch type in: unknown in a preview, it isn't the program's.
    const launchType = text("launchType").toUpperCase();
    if (text("deploymentController.type") === "EXTERNAL" || launchType === "EXTERNAL") {
      return { hosts: "elsewhere" };
    }
    if (["FARGATE", "MANAGED_INSTANCES"].includes(launchType)) {
      return { hosts: "managed" };
    }
    if (isGiven(service, "capacityProviderStrategies")) {
      return byStrategy(this.graph, service, "capacityProviderStrategies");
    }
    const cluster = clusterOf(this.graph, service);
    const association = this.associations.get(cluster);
    if (association !== undefined && launchType !== "EC2" && isGiven(association, DEFAULT)) {
      return byStrategy(this.graph, association, DEFAULT);
    }
    const groups = [...(this.groups.get(cluster) ?? [])];
    const name = typeof cluster === "string" ? cluster : cluster.name;
    return groups.length === 0
      ? foreign(`cluster ${name}`)
      : { hosts: "groups", shares: [{ groups, base: 0, weight: 1 }] };
  }
}

const DEFAULT = "defaultCapacityProviderStrategies";

function isGiven(resource: PolicyResource, property: string): boolean {
  const list = items(() => resource.props[property] as unknown[] | undefined);
  return list === UNKNOWN ? (resource.propertyDependencies[property] ?? []).length > 0 : list.length > 0;
}

export const groupsOf = (graph: Graph, provider: PolicyResource) =>
  graph.referred(provider, "autoScalingGroupProvider", GROUP);

/** What a group's instances are made from. */
export const templatesOf = (graph: Graph, group: PolicyResource): PolicyResource[] => [
  ...["launchTemplate", "mixedInstancesPolicy"].flatMap((property) => graph.referred(group, property, LAUNCH_TEMPLATE)),
  ...graph.referred(group, "launchConfiguration", LAUNCH_CONFIGURATION),
];

/** What instances run at boot, as far as it is known: templates have it in base64. */
export function userDataOf({ props }: PolicyResource): string | undefined {
  const text = (key: string) => known(() => props[key] as string | undefined);
  const encoded = text("userDataBase64") ?? text("userData");
  return encoded === undefined || /\s/.test(encoded.trim()) ? encoded : Buffer.from(encoded, "base64").toString("utf8");
}

/** The clusters that an instance joins at boot: by `ECS_CLUSTER`, or in Bottlerocket's settings. */
function clustersJoined(graph: Graph, template: PolicyResource): Cluster[] {
  const made = ["userData", "userDataBase64"].flatMap((property) => graph.dependencies(template, property, CLUSTER));
  const named = /\bECS_CLUSTER=["']?([\w-]+)|^\s*cluster\s*=\s*["']([\w-]+)/m.exec(userDataOf(template) ?? "");
  const name = named?.[1] ?? named?.[2];
  return made.length > 0 || name === undefined ? made : [graph.byId(name, CLUSTER) ?? name];
}

interface StrategyItem {
  readonly capacityProvider?: string;
  readonly base?: number;
  readonly weight?: number;
}

function byStrategy(graph: Graph, resource: PolicyResource, property: string): RunsOn {
  const what = `${property} of ${resource.name}`;
  const list = items(() => resource.props[property] as StrategyItem[] | undefined);
  const made = graph.dependencies(resource, property, CAPACITY_PROVIDER);
  const blocks: readonly (StrategyItem | typeof UNKNOWN)[] = list === UNKNOWN ? made.map(() => UNKNOWN) : list;
  const names = blocks.map((block) => (block === UNKNOWN ? UNKNOWN : read(() => block.capacityProvider)));
  if (names.some((name) => typeof name === "string" && /^FARGATE(_SPOT)?$/.test(name))) {
    // AWS takes no strategy that has both.
    return { hosts: "managed" };
  }
  const numbers = blocks.map((block) => ({
    base: (block === UNKNOWN ? undefined : known(() => block.base)) ?? 0,
    weight: (block === UNKNOWN ? undefined : known(() => block.weight)) ?? 0,
  }));
  const found = names.map((name) => (typeof name === "string" ? graph.byId(name, CAPACITY_PROVIDER) : undefined));
  const others = made.filter((provider) => !found.includes(provider));
  const isOpen = found.filter((provider) => provider === undefined).length;
  // Which of several is meant is known only by name; it makes no difference if all get the same.
  const alike = new Set(numbers.map(({ base, weight }) => `${base} ${weight}`)).size === 1;
  if (blocks.length === 0 || isOpen > others.length) {
    return names.includes(UNKNOWN) ? { hosts: "unknown", why: `${what} isn't known before the update` } : foreign(what);
  }
  if (isOpen > 1 && !alike) {
    return { hosts: "unknown", why: `which providers ${what} names isn't known before the update: write their names` };
  }
  const providers = found
    .map((provider) => provider ?? others.shift())
    .filter((p): p is PolicyResource => p !== undefined);
  if (
    providers.some(
      (p) => read(() => p.props["managedInstancesProvider"]) !== undefined && groupsOf(graph, p).length === 0,
    )
  ) {
    return { hosts: "managed" };
  }
  const shares = providers.map((provider, i) => ({
    groups: groupsOf(graph, provider),
    ...(numbers[i] ?? { base: 0, weight: 0 }),
  }));
  return shares.some(({ groups }) => groups.length === 0)
    ? foreign(what)
    : { hosts: "groups", shares: shares.length === 1 ? shares.map((s) => ({ ...s, weight: 1 })) : shares };
}

/** How many of some tasks come to each share: its base first, the others by weight. */
export function tasksByShare(count: number, shares: readonly Share[]): number[] {
  const given = shares.map(() => 0);
  let left = count;
  shares.forEach(({ base }, i) => {
    given[i] = Math.min(base, left);
    left -= given[i] ?? 0;
  });
  const weights = shares.reduce((sum, { weight }) => sum + weight, 0);
  for (; left > 0 && weights > 0; left--) {
    const behind = shares.map(({ weight, base }, i) => (weight === 0 ? Infinity : ((given[i] ?? 0) - base) / weight));
    const next = behind.indexOf(Math.min(...behind));
    given[next] = (given[next] ?? 0) + 1;
  }
  return given;
}

/** The instance types that a group's hosts may have; `UNKNOWN` if these aren't known, or left to AWS. */
export function instanceTypesOf(graph: Graph, group: PolicyResource): readonly string[] | typeof UNKNOWN {
  const overrides = knownItems(
    () => at(group.props, "mixedInstancesPolicy.launchTemplate.overrides") as { instanceType?: string }[] | undefined,
  );
  const types =
    overrides.length > 0
      ? overrides.map((o) => read(() => o.instanceType))
      : templatesOf(graph, group).map((t) => read(() => t.props["instanceType"] as string | undefined));
  const given = types.filter((type): type is string => typeof type === "string" && type !== "");
  return given.length === 0 || given.length < types.length ? UNKNOWN : given;
}
