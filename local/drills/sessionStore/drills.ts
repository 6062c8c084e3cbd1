import {
  DescribeReplicationGroupsCommand,
  ElastiCacheClient,
  ModifyReplicationGroupCommand,
  ReplicationGroup,
} from "@aws-sdk/client-elasticache";
import { TIMES } from "../../../model/times";
import { Drill, DrillContext, Target } from "../drill";
import { StoreNotifications } from "./events";
import { Failover, loseZoneOfPrimary } from "./play";

/** The drills of the session stores. */
export const sessionStoreDrills: readonly Drill[] = [
  {
    name: "session-store-failover",
    system: "sessionStore",
    description:
      "The zone of each store's primary is lost: a replica takes writes under the same name, and people are told once. The " +
      "model says which and when (the worst that it assumes), by the deployed nodes and their zones; the drill has the " +
      "emulator promote it, reports the event past the deployed topic's policy, and delivers it twice, as SNS may.",
    stackLacks: async (target) => ((await groupsOf(target)).length === 0 ? "session store" : undefined),
    run: async (context) => {
      for (const group of await groupsOf(context)) {
        await failOver(context, group);
      }
    },
  },
];

const elastiCache = ({ clients, region }: Pick<Target, "clients" | "region">) =>
  clients.make(ElastiCacheClient, region);

async function groupsOf(target: Pick<Target, "clients" | "region">): Promise<ReplicationGroup[]> {
  const { ReplicationGroups = [] } = await elastiCache(target).send(new DescribeReplicationGroupsCommand({}));
  return ReplicationGroups;
}

async function failOver(context: DrillContext, before: ReplicationGroup): Promise<void> {
  const { ReplicationGroupId: id = "" } = before;
  const { zone, primary, promoted, seconds, decisions, notes } = loseZoneOfPrimary(before);
  await context.inject(`${zone} is lost, where ${primary} takes the writes of ${id}`);
  decisions.forEach((d) => context.note(`${d.action} to ${d.CacheClusterId} at ${d.at} s of virtual time`));
  notes.forEach((note) => context.note(note));
  if (promoted !== undefined) {
    await elastiCache(context).send(
      new ModifyReplicationGroupCommand({ ReplicationGroupId: id, PrimaryClusterId: promoted, ApplyImmediately: true }),
    );
    context.note(`nobody could reach a session for ${seconds} s; what was written in the last second may be lost`);
  }
  await expectWritesElsewhere(context, before, { zone, seconds });
  await expectPeopleTold(context, id, promoted ?? primary);
}

/** By what ElastiCache says of the store now. */
async function expectWritesElsewhere(
  context: DrillContext,
  before: ReplicationGroup,
  { zone, seconds }: Pick<Failover, "zone" | "seconds">,
): Promise<void> {
  const { ReplicationGroupId: id } = before;
  const after = (await groupsOf(context)).find((group) => group.ReplicationGroupId === id) ?? {};
  const members = after.NodeGroups?.flatMap((shard) => shard.NodeGroupMembers ?? []) ?? [];
  const writer = members.find((member) => member.CurrentRole === "primary");
  const limit = TIMES.cacheFailover.worst;
  context.expect(
    `a node in another zone than ${zone} takes the writes of ${id} within ${limit} s`,
    writer !== undefined && writer.PreferredAvailabilityZone !== zone && seconds <= limit,
    `${writer?.CacheClusterId} in ${writer?.PreferredAvailabilityZone} after ${seconds} s`,
  );
  const nameOf = ({ NodeGroups: [shard] = [] }: ReplicationGroup) =>
    `${shard?.PrimaryEndpoint?.Address}:${shard?.PrimaryEndpoint?.Port}`;
  context.expect(
    `clients find it under the same name ${nameOf(before)}`,
    nameOf(after) === nameOf(before),
    nameOf(after),
  );
  const encrypted = after.TransitEncryptionEnabled === true && (after.UserGroupIds ?? []).length > 0;
  context.expect("it is still open to its users alone, over TLS", encrypted);
}

/** People hear of the failover once, and of everyday work not at all. */
async function expectPeopleTold(context: DrillContext, id: string, node: string): Promise<void> {
  const notifications = new StoreNotifications(context.region, context.clients);
  for (const name of ["FailoverComplete", "SnapshotComplete"]) {
    const wrong = await notifications.report(name, node);
    context.expect(`ElastiCache's ${name} of ${id} reaches a function`, wrong.length === 0, wrong.join("; "));
  }
  const messages = await context.messages();
  const told = messages.filter(({ subject, body }) => /failover/i.test(subject) && body.includes(node)).length;
  context.expect(`people are told once that ${id} has failed over`, told === 1, `${told} times`);
  const others = messages.length - told;
  context.expect("people hear of nothing else", others === 0, `${others} message(s)`);
}
