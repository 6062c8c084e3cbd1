import { Demand, Host, Reservation, unplaced } from "../../model/ecs/placement";

/** Hosts of a group: evenly over its zones, as Auto Scaling has them. */
export interface HostGroup {
  readonly name: string;
  readonly instances: number;
  readonly zones: readonly string[];
  /** What each has for tasks. */
  readonly registered: Reservation;
}

/** Tasks of a service, and the groups that may have them. */
export interface TaskDemand extends Demand {
  readonly groups: readonly string[];
}

/** The hosts of a group, in turn over its zones. Of those that a zone is lost from, it is one that has most of them. */
export function hostsLeft({ name, instances, zones, registered }: HostGroup, lost: string | undefined): Host[] {
  const rest = zones.filter((zone) => zone !== lost);
  const left = rest.length < zones.length ? instances - Math.ceil(instances / zones.length) : instances;
  return Array.from({ length: rest.length === 0 ? 0 : left }, (_, i) => ({
    ec2InstanceId: `${name}/${i}`,
    availabilityZone: rest[i % rest.length] ?? "",
    status: "ACTIVE",
    agentConnected: true,
    registered,
  }));
}

/** What finds no room when a zone is lost. */
export interface Shortage {
  readonly zone: string;
  readonly hosts: number;
  /** Tasks without a host, by service. */
  readonly without: ReadonlyMap<string, number>;
}

/** The loss of a zone that leaves most tasks without a host; `undefined` if all find one whichever is lost. */
export function worstLoss(groups: readonly HostGroup[], demands: readonly TaskDemand[]): Shortage | undefined {
  const zones = [...new Set(groups.flatMap((group) => group.zones))];
  const losses = zones.map((zone): Shortage => {
    const hosts = groups.flatMap((group) => hostsLeft(group, zone).map((host) => ({ host, group: group.name })));
    const groupOf = new Map(hosts.map(({ host, group }) => [host.ec2InstanceId, group]));
    const admitted = demands.map((demand) => ({
      ...demand,
      admits: ({ ec2InstanceId }: Host) => demand.groups.includes(groupOf.get(ec2InstanceId) ?? ""),
    }));
    const all = hosts.map(({ host }) => host);
    return { zone, hosts: all.length, without: unplaced(all, admitted) };
  });
  const tasks = ({ without }: Shortage) => [...without.values()].reduce((sum, n) => sum + n, 0);
  return losses.sort((a, b) => tasks(b) - tasks(a)).find((loss) => tasks(loss) > 0);
}
