import { DescribeInstanceStatusCommand, EC2Client, RebootInstancesCommand } from "@aws-sdk/client-ec2";
import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { wasRefused } from "../common/wasRefused";
import { describeInstances } from "../common/instances";
import { momentOf } from "../common/moment";
import { RestartClients } from "./clients";
import { verdictOf } from "./checkStatus";
import { Decision, decide, LastRestart, Member, restartedAt, unansweredAt } from "./decide";
import { confirm, giveBack, GroupLock, readGroupLock, readLock, RestartLock, takeLocks } from "./locks";
import { RecoveryTarget, RestartSettings } from "./settings";
import { failure, field, targetOf } from "./task";

/** What became of the wish to restart. */
export interface RestartResult {
  readonly outcome: Exclude<Decision["outcome"], "restart">;
  /** Why, for people. */
  readonly reason: string;
  /** When EC2 was asked, ISO 8601; `null` if it was not. */
  readonly at: string | null;
}

/**
 * Restarts the instance, if it may be: at most once for one outage, whatever fails and however often this is called.
 * The lock is taken before EC2 is asked. If EC2 says no, be it for too many requests, the lock is given back, so that
 * the next attempt asks again; if it doesn't say, that is what is told, and the second run of the checks will tell more.
 * @throws `MalformedInput`, and the errors of the AWS calls; running it again is safe.
 */
export async function restart(
  event: unknown,
  settings: RestartSettings,
  clients: RestartClients,
): Promise<RestartResult> {
  const target = targetOf(event, settings);
  const { outage, execution, waitedSeconds } = requestOf(event);
  const now = new Date();
  const [instance, lock, group, inService] = await Promise.all([
    readInstance(target.instanceId, clients.ec2),
    readLock(target.name, settings, clients.dynamoDb),
    readGroupLock(settings, clients.dynamoDb),
    readInService(settings, clients.ec2),
  ]);
  const running = await readRunning([lock?.execution, ...Object.values(group.executions)], clients.sfn);
  const decision = decide({
    execution,
    outage,
    now,
    instance,
    last: lock && lastRestart(lock, running),
    cooldownMinutes: settings.cooldownMinutes,
    group: settings.group && {
      others: membersBut(target, settings, group, running, inService),
      minHealthyPercentage: settings.group.minHealthyPercentage,
    },
    waitedSeconds,
    maxWaitSeconds: settings.maxWaitSeconds,
  });
  if (decision.outcome !== "restart") {
    const asked = decision.outcome === "restarted" || decision.outcome === "unanswered";
    return { ...decision, outcome: decision.outcome, at: asked ? (lock?.at ?? null) : null };
  }
  const taken = { outage, execution, at: now.toISOString(), confirmed: false };
  if (!(await takeLocks(target.name, taken, { lock, group }, settings, clients.dynamoDb))) {
    return { outcome: "wait", reason: "another execution decided at the same moment", at: null };
  }
  const answered = await reboot(target, taken, lock, settings, clients);
  return { ...(answered ? restartedAt(taken.at) : unansweredAt(taken.at)), at: taken.at };
}

/**
 * Asks EC2 to restart the instance.
 * @returns whether EC2 has confirmed it.
 * @throws what EC2 refused it with.
 */
async function reboot(
  target: RecoveryTarget,
  taken: RestartLock,
  before: RestartLock | undefined,
  settings: RestartSettings,
  clients: RestartClients,
): Promise<boolean> {
  try {
    await clients.rebootingEc2.send(new RebootInstancesCommand({ InstanceIds: [target.instanceId] }));
  } catch (error) {
    if (wasRefused(error)) {
      await giveBack(target.name, taken, before, settings, clients.dynamoDb);
      throw error;
    }
    console.log(JSON.stringify({ target: target.name, message: "EC2 didn't answer", error: String(error) }));
    return false;
  }
  // For an attempt that comes after this one has died; it is not worth failing for.
  await confirm(target.name, taken, settings, clients.dynamoDb).catch((error: unknown) =>
    console.log(JSON.stringify({ target: target.name, message: "not noted as confirmed", error: String(error) })),
  );
  return true;
}

/** The parts of the input that say who asks and about what. */
function requestOf(event: unknown): { outage: string; execution: string; waitedSeconds: number } {
  const outage = momentOf(field(event, "outage"));
  const execution = field(event, "execution");
  const waitedSeconds = field(event, "waitedSeconds");
  if (outage === undefined || typeof execution !== "string" || typeof waitedSeconds !== "number") {
    const message = `expected outage (a time), execution (an ARN) and waitedSeconds, not ${JSON.stringify(event)}`;
    throw failure("MalformedInput", message);
  }
  return { outage, execution, waitedSeconds };
}

async function readInstance(instanceId: string, ec2: EC2Client) {
  const [instance] = await describeInstances(ec2, [{ Name: "instance-id", Values: [instanceId] }]);
  return (
    instance && {
      state: instance.State?.Name ?? "unknown",
      autoScalingGroup: instance.Tags?.find((t) => t.Key === "aws:autoscaling:groupName")?.Value,
    }
  );
}

/** Ids of the group's members that run and pass their status checks. */
async function readInService({ group }: RestartSettings, ec2: EC2Client): Promise<Set<string>> {
  if (group === undefined) {
    return new Set();
  }
  const { InstanceStatuses = [] } = await ec2.send(
    new DescribeInstanceStatusCommand({
      Filters: [{ Name: "instance-id", Values: Object.values(group.members) }],
      IncludeAllInstances: true,
    }),
  );
  return new Set(InstanceStatuses.filter((s) => verdictOf(s).verdict === "ok").map((s) => s.InstanceId ?? ""));
}

/** Those among executions that still run. Step Functions forgets executions after 90 days: these don't. */
async function readRunning(executions: readonly (string | undefined)[], sfn: SFNClient): Promise<Set<string>> {
  const arns = [...new Set(executions.filter((e) => e !== undefined))];
  const statuses = await Promise.all(
    arns.map(async (executionArn) => {
      try {
        // The metadata alone: what the execution was told is not this function's to decrypt.
        const includedData = "METADATA_ONLY";
        return (await sfn.send(new DescribeExecutionCommand({ executionArn, includedData }))).status;
      } catch (error) {
        if (error instanceof Error && error.name === "ExecutionDoesNotExist") {
          return undefined;
        }
        throw error;
      }
    }),
  );
  return new Set(arns.filter((_, i) => statuses[i] === "RUNNING"));
}

const lastRestart = (lock: RestartLock, running: ReadonlySet<string>): LastRestart => ({
  ...lock,
  running: running.has(lock.execution),
});

function membersBut(
  target: RecoveryTarget,
  { group }: RestartSettings,
  { executions }: GroupLock,
  running: ReadonlySet<string>,
  inService: ReadonlySet<string>,
): Member[] {
  return Object.entries(group?.members ?? {})
    .filter(([name]) => name !== target.name)
    .map(([name, instanceId]) => ({
      name,
      inService: inService.has(instanceId),
      restarting: running.has(executions[name] ?? ""),
    }));
}
