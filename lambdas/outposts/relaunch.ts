import { announce } from "../common/announce";
import { throwFirstError } from "../common/settled";
import { RelaunchClients } from "./clients";
import { AlarmEvent, outageOf } from "./events";
import { Launched, launchAll } from "./launch";
import { isDisconnected, readInstances, readOffered, readPassing, readSourceAlarm } from "./observe";
import { claimOutage, readOutage, releaseLease, renewLease, setPhase } from "./outage";
import { InstanceState, planRelaunch, sourceInstances } from "./plan";
import { relaunchMessage, Status } from "./report";
import { RelaunchSettings } from "./settings";
import { moveMembership } from "./targetGroups";

/**
 * Relaunches the source's applications on the destination when the source's alarm goes off. Two round trips in
 * sequence until the last RunInstances: the lock and all reads, then all launches. Then it waits for the new instances
 * to pass their checks, moves target-group membership to them, and reports. Run every five minutes too, to take up what
 * a run that died has left unfinished.
 * @throws if the event is an alarm's but says not when, or a call fails that may succeed later; running it again is safe.
 */
export async function relaunch(
  received: AlarmEvent | null,
  settings: RelaunchSettings,
  clients: RelaunchClients,
): Promise<void> {
  const outage = outageOf(received ?? {});
  if (outage !== undefined) {
    await relaunchFor(outage, settings, clients);
  } else if (received?.["detail-type"] === "Scheduled Event") {
    const last = await readOutage(settings, clients.dynamoDb);
    if (last?.phase === "relaunching" && last.leaseUntil * 1000 < Date.now()) {
      await relaunchFor(last.id, settings, clients);
    }
  } else {
    throw new Error(`no outage can be told from this event: ${JSON.stringify(received)}`);
  }
}

/** Takes the lock for an outage, or leaves it to the run that has it; relaunches, tells, and notes that it is done. */
async function relaunchFor(outage: string, settings: RelaunchSettings, clients: RelaunchClients): Promise<void> {
  const now = new Date();
  const [claimed, ...reads] = await Promise.allSettled([
    claimOutage(outage, settings, clients.dynamoDb, now),
    readInstances(settings, clients),
    isDisconnected(settings, clients, now),
    readOffered(settings, clients),
    readSourceAlarm(settings, clients),
  ] as const);
  throwFirstError([claimed]);
  if (claimed.status === "fulfilled" && !claimed.value) {
    console.log(JSON.stringify({ outage, message: "a duplicate or late event, or another run is at it" }));
    return;
  }
  try {
    throwFirstError(reads);
    const [instances, disconnected, offered, alarm] = reads.map((r) =>
      r.status === "fulfilled" ? r.value : undefined,
    ) as [InstanceState[], boolean, Set<string> | undefined, string];
    if (alarm === "OK") {
      // A late event: the source has been back for a while.
      await setPhase(outage, "over", settings, clients.dynamoDb);
      return;
    }
    const statuses = disconnected ? [] : await relaunchAll(outage, settings, clients, instances, offered);
    await tell(outage, statuses, disconnected, settings, clients);
    await setPhase(outage, "relaunched", settings, clients.dynamoDb);
  } catch (error) {
    await releaseLease(settings, clients.dynamoDb);
    throw error;
  }
}

async function relaunchAll(
  outage: string,
  settings: RelaunchSettings,
  clients: RelaunchClients,
  instances: readonly InstanceState[],
  offered: ReadonlySet<string> | undefined,
): Promise<Status[]> {
  const decisions = planRelaunch(settings, outage, instances, offered);
  const launched = await launchAll(decisions, outage, settings, clients);
  const instanceIds = launched.flatMap(allInstanceIds);
  const passing = await waitForChecks(instanceIds, settings, clients);
  await Promise.all(
    launched.map((l) => {
      const { application } = l.decision;
      const dead = sourceInstances(settings, application, instances).map((i) => i.instanceId);
      const alive = allInstanceIds(l).filter((id) => passing.has(id));
      return alive.length === 0 ? undefined : moveMembership(application.targetGroupArns, dead, alive, clients);
    }),
  );
  return launched.map((l) => statusOf(l, passing));
}

function allInstanceIds({ decision, instanceIds }: Launched): string[] {
  return [...decision.existing.map((i) => i.instanceId), ...instanceIds];
}

/** Polls until all instances pass their checks or the deadline has come; renews the lease meanwhile. */
async function waitForChecks(
  instanceIds: readonly string[],
  settings: RelaunchSettings,
  clients: RelaunchClients,
): Promise<Set<string>> {
  const deadline = Date.now() + settings.deadlineSeconds * 1000;
  for (;;) {
    const passing = await readPassing(instanceIds, clients);
    if (passing.size === instanceIds.length || Date.now() >= deadline) {
      return passing;
    }
    await renewLease(settings, clients.dynamoDb);
    await new Promise((resolve) => setTimeout(resolve, settings.pollSeconds * 1000));
  }
}

function statusOf(launched: Launched, passing: ReadonlySet<string>): Status {
  const { decision } = launched;
  return {
    application: decision.application.name,
    wanted: decision.application.count,
    alreadyRunning: decision.existing.length,
    launched: launched.instanceIds,
    notPassing: allInstanceIds(launched).filter((id) => !passing.has(id)),
    refused: decision.refused + launched.refused,
    reason: launched.reason ?? decision.reason,
  };
}

async function tell(
  outage: string,
  statuses: readonly Status[],
  bothDown: boolean,
  settings: RelaunchSettings,
  clients: RelaunchClients,
): Promise<void> {
  const message = relaunchMessage(outage, statuses, bothDown, settings);
  await announce(
    [{ subject: "relaunch", state: outage, initialState: "", message: () => message }],
    settings,
    clients,
    new Date(),
  );
}
