import { PolicyResource } from "@pulumi/policy";
import { fewestInstances } from "../balancing/fewestInstances";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { Spread, spread } from "../core/places";
import { UNKNOWN } from "../core/unknown";
import { instanceTypesOf, templatesOf, userDataOf } from "./hosts";
import { InstanceSize, leastRegistered, sizeOfType } from "./instanceTypes";
import { HostGroup } from "./packing";

/** A group as crowded, and as roomy, as what is known of it allows. */
export interface ReadGroup {
  readonly group: PolicyResource;
  /** What says how many hosts it has. */
  readonly property: string;
  readonly least: HostGroup;
  readonly most: HostGroup;
  /** What keeps the two apart. */
  readonly open: readonly string[];
}

/**
 * The hosts of a group: how few, where, and with what room for tasks.
 * @param told what instance types register, by name: of others memory is known only roughly
 * @returns a finding if it can't be told
 */
export function readHostGroup(
  graph: Graph,
  group: PolicyResource,
  told: Readonly<Record<string, InstanceSize>>,
): ReadGroup | Finding {
  const types = instanceTypesOf(graph, group);
  if (types === UNKNOWN) {
    return undetermined(`the instance type of group ${group.name} isn't known: write it literally`, group.urn);
  }
  const strange = types.find((type) => told[type] === undefined && sizeOfType(type) === undefined);
  if (strange !== undefined) {
    const mend = "tell it by the option instanceTypes";
    return undetermined(`what ${strange} of group ${group.name} has for tasks isn't known: ${mend}`, group.urn);
  }
  const { property, instances } = fewestInstances(graph, group);
  if (instances.atMost === Infinity) {
    return undetermined(
      `${property} of group ${group.name} isn't known before the update: write it literally`,
      group.urn,
    );
  }
  const zones = spread(graph, group, { subnets: ["vpcZoneIdentifiers"], zones: ["availabilityZones"] });
  const kept = Math.max(...templatesOf(graph, group).map(reservedMemory), 0);
  const rough = types.filter((type) => told[type] === undefined);
  const least = types.flatMap((type) => told[type] ?? leastRegistered(sizeOfType(type) ?? NOTHING, kept));
  const most = types.flatMap((type) => told[type] ?? withoutKept(sizeOfType(type) ?? NOTHING, kept));
  const common = { name: group.urn };
  return {
    group,
    property,
    least: {
      ...common,
      instances: instances.atLeast,
      zones: named(zones, zones.atLeast),
      registered: among(least, Math.min),
    },
    most: {
      ...common,
      instances: instances.atMost,
      zones: named(zones, zones.atMost, group.name),
      registered: among(most, Math.max),
    },
    open: [
      ...zones.open,
      ...(rough.length === 0
        ? []
        : [`how much memory ${rough.join(", ")} of group ${group.name} registers with ECS depends on its image: leave 7.5 % free, or tell it by the option instanceTypes`]), // prettier-ignore
    ],
  };
}

const NOTHING: InstanceSize = { cpu: 0, memory: 0 };

const withoutKept = ({ cpu, memory }: InstanceSize, kept: number): InstanceSize => ({ cpu, memory: memory - kept });

/**
 * MiB that ECS's agent leaves to others on a host, as far as that is known.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-agent-config.html
 */
const reservedMemory = (template: PolicyResource): number =>
  Number(/\bECS_RESERVED_MEMORY=["']?(\d+)/.exec(userDataOf(template) ?? "")?.[1] ?? 0);

const among = (sizes: readonly InstanceSize[], pick: (...n: number[]) => number): InstanceSize => ({
  cpu: pick(...sizes.map(({ cpu }) => cpu)),
  memory: pick(...sizes.map(({ memory }) => memory)),
});

/** So many zones: those that are known, and others that have no name yet. */
const named = ({ zones }: Spread, count: number, whose = ""): string[] =>
  Array.from({ length: count }, (_, i) => zones[i] ?? `${whose} zone ${i + 1}`.trim());
