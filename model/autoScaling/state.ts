import { alive, DescribedGroup, Group, groupOf, Instance, instancesOf, isReady, Subnet, warmupOf } from "./group";
import { begin, isActive, Refresh, RefreshRequest, rollBack } from "./instanceRefresh";

/** A group in virtual time: {@link stateOf} makes it, `step` changes it. */
export interface GroupState {
  readonly group: Group;
  /** Also those that are terminating. */
  readonly instances: readonly Instance[];
  /** The last instance refresh. */
  readonly refresh?: Refresh | undefined;
  /** How many instances beyond the desired capacity stay until all are ready: launched before what they replace. */
  readonly ahead: number;
  /** How many launches there were: the model's names for instances are made of it. */
  readonly launches: number;
}

/** A group as DescribeAutoScalingGroups has it, at rest. */
export function stateOf(described: DescribedGroup, subnets: readonly Subnet[] = []): GroupState {
  return { group: groupOf(described, subnets), instances: instancesOf(described), ahead: 0, launches: 0 };
}

/** SetDesiredCapacity, held within the group's size as scaling policies are. */
export function withDesiredCapacity(state: GroupState, capacity: number): GroupState {
  const { MinSize, MaxSize } = state.group;
  return { ...state, group: { ...state.group, DesiredCapacity: Math.min(Math.max(capacity, MinSize), MaxSize) } };
}

/** The state in which an instance that the model has launched is known by the id that it really got. */
export function renamed(state: GroupState, from: string, to: string): GroupState {
  const instances = state.instances.map((i) => (i.InstanceId === from ? { ...i, InstanceId: to } : i));
  const refresh = state.refresh && {
    ...state.refresh,
    outdated: state.refresh.outdated.map((id) => (id === from ? to : id)),
  };
  return { ...state, instances, refresh };
}

/**
 * StartInstanceRefresh.
 * @throws RefusedRefresh as AWS does
 */
export function startInstanceRefresh(state: GroupState, request: RefreshRequest, now: number): GroupState {
  return { ...state, refresh: begin(state.group, alive(state.instances), state.refresh, request, now) };
}

/** CancelInstanceRefresh: what is replaced stays so. */
export function cancelInstanceRefresh(state: GroupState, now: number): GroupState {
  return isActive(state.refresh)
    ? { ...state, refresh: { ...state.refresh, Status: "Cancelled", EndTime: now }, ahead: surplus(state) }
    : state;
}

/** How many instances are there beyond the desired capacity. */
export const surplus = ({ group, instances }: GroupState) =>
  Math.max(0, alive(instances).length - group.DesiredCapacity);

/** RollbackInstanceRefresh. */
export function rollbackInstanceRefresh(state: GroupState, now: number): GroupState {
  const { refresh, group } = state;
  return isActive(refresh) && refresh.Status !== "RollbackInProgress"
    ? { ...state, refresh: rollBack(refresh, "a rollback was asked for", launchedBy(state), group, now) }
    : state;
}

/** The instances that the last refresh has launched. */
export const launchedBy = ({ instances, refresh }: GroupState) =>
  alive(instances)
    .filter((i) => refresh !== undefined && i.refresh === refresh.InstanceRefreshId)
    .map((i) => i.InstanceId);

/** The instances that Auto Scaling counts as in service, healthy and warmed up. */
export function readyInstances(state: GroupState, now: number): Instance[] {
  const warmup = warmupSeconds(state);
  return state.instances.filter((i) => isReady(i, warmup, now));
}

/** Seconds in service before an instance counts: an active refresh may have its own. */
export const warmupSeconds = ({ group, refresh }: GroupState) =>
  (isActive(refresh) ? refresh.Preferences.InstanceWarmup : undefined) ?? warmupOf(group);
