import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  RegisterTargetsCommand,
  TargetDescription,
  TargetHealthDescription,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { RelaunchClients } from "./clients";

/** A target of a target group. */
export interface Member {
  readonly id: string;
  readonly port: number | undefined;
  /** Elastic Load Balancing's name of its state, e.g. `healthy` or `draining`. */
  readonly state: string;
  readonly reason: string | undefined;
}

/** Targets to register with a target group, or to deregister. */
export interface MembershipChange {
  readonly targetGroupArn: string;
  readonly targets: readonly TargetDescription[];
}

/** What is to change in target groups. */
export interface Memberships {
  readonly register: readonly MembershipChange[];
  readonly deregister: readonly MembershipChange[];
}

const isRegistered = ({ state }: Member) => state !== "draining";

/** Whether a target gets traffic, or would if its group were behind a load balancer. */
const serves = ({ state, reason }: Member) => state === "healthy" || reason === "Target.NotInUse";

/** How many of these instances get traffic from a group. */
export function serving(members: readonly Member[], ids: readonly string[]): number {
  return ids.filter((id) => members.some((m) => m.id === id && serves(m))).length;
}

/** Whether a group still knows one of these instances, be it that it drains. */
export const lists = (members: readonly Member[], ids: readonly string[]) => members.some((m) => ids.includes(m.id));

/** Whether all of these instances are registered with a group. */
export const hasAll = (members: readonly Member[], ids: readonly string[]) =>
  ids.every((id) => members.some((m) => m.id === id && isRegistered(m)));

/** The registrations by which `joining` become members, on the ports of those in whose place they are. */
export function toRegister(
  members: readonly Member[],
  joining: readonly string[],
  inPlaceOf: readonly string[],
): TargetDescription[] {
  const ports = [...new Set(members.filter((m) => inPlaceOf.includes(m.id)).map((m) => m.port))];
  return joining
    .filter((id) => !hasAll(members, [id]))
    .flatMap((Id) => (ports.length === 0 ? [{ Id }] : ports.map((Port) => ({ Id, Port }))));
}

/** The members among `leaving`, as they are registered. */
export function toDeregister(members: readonly Member[], leaving: readonly string[]): TargetDescription[] {
  return members
    .filter((m) => leaving.includes(m.id) && isRegistered(m))
    .map(({ id, port }) => ({ Id: id, Port: port }));
}

/** The targets of each group that can be read, and what went wrong with the others: one lost group holds up no other. */
export async function readMembers(
  targetGroupArns: readonly string[],
  { loadBalancing }: RelaunchClients,
): Promise<{ readonly groups: ReadonlyMap<string, readonly Member[]>; readonly errors: readonly unknown[] }> {
  const groups = new Map<string, Member[]>();
  const errors: unknown[] = [];
  const read = async (TargetGroupArn: string) => {
    try {
      const answer = await loadBalancing.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
      groups.set(TargetGroupArn, (answer.TargetHealthDescriptions ?? []).map(memberOf));
    } catch (error) {
      errors.push(error);
    }
  };
  await Promise.all([...new Set(targetGroupArns)].map(read));
  return { groups, errors };
}

const memberOf = ({ Target, TargetHealth }: TargetHealthDescription): Member => ({
  id: Target?.Id ?? "",
  port: Target?.Port,
  state: TargetHealth?.State ?? "",
  reason: TargetHealth?.Reason,
});

/** Changes memberships, in all groups at once. */
export async function changeMemberships(
  { register, deregister }: Memberships,
  { loadBalancing }: RelaunchClients,
): Promise<PromiseSettledResult<unknown>[]> {
  return Promise.allSettled([
    ...register.map(({ targetGroupArn, targets }) =>
      loadBalancing.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [...targets] })),
    ),
    ...deregister.map(({ targetGroupArn, targets }) =>
      loadBalancing.send(new DeregisterTargetsCommand({ TargetGroupArn: targetGroupArn, Targets: [...targets] })),
    ),
  ]);
}
