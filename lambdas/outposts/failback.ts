import { TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import { announce } from "../common/announce";
import { RelaunchClients } from "./clients";
import { readInstances, readPassing, readSourceAlarm } from "./observe";
import { Outage, readOutage, setPhase } from "./outage";
import { InstanceState, relaunchedInstances, sourceInstances, sourceServes } from "./plan";
import { returnMessage } from "./report";
import { RelaunchSettings } from "./settings";
import { moveMembership } from "./targetGroups";

/**
 * Once the source is connected and all its instances pass their checks again, tells people or terminates what was
 * relaunched, as configured. Run when the source's alarm is over and every five minutes, because instances pass their
 * checks later than that. What the event says doesn't matter.
 * @throws if a call fails; running it again is safe.
 */
export async function failback(
  _received: unknown,
  settings: RelaunchSettings,
  clients: RelaunchClients,
): Promise<void> {
  const outage = await readOutage(settings, clients.dynamoDb);
  if (outage?.phase === "relaunched") {
    await returnFrom(outage, settings, clients);
  }
}

async function returnFrom(outage: Outage, settings: RelaunchSettings, clients: RelaunchClients): Promise<void> {
  const [alarm, instances] = await Promise.all([readSourceAlarm(settings, clients), readInstances(settings, clients)]);
  if (alarm !== "OK") {
    return;
  }
  const own = settings.applications.flatMap((a) => sourceInstances(settings, a, instances)).map((i) => i.instanceId);
  const passing = await readPassing(own, clients);
  if (!sourceServes(settings, instances, passing)) {
    return;
  }
  const relaunched = relaunchedInstances(settings, instances);
  if (settings.failback === "terminate-relaunched" && relaunched.length > 0) {
    await handBack(settings, clients, instances, relaunched);
  }
  const message = returnMessage(
    relaunched.map((i) => i.instanceId),
    settings,
  );
  await announce(
    [{ subject: "return", state: outage.id, initialState: "", message: () => message }],
    settings,
    clients,
    new Date(),
  );
  await setPhase(outage.id, "over", settings, clients.dynamoDb);
}

/** Moves membership back to the source's instances, and only then terminates the relaunched ones. */
async function handBack(
  settings: RelaunchSettings,
  clients: RelaunchClients,
  instances: readonly InstanceState[],
  relaunched: readonly InstanceState[],
): Promise<void> {
  const leaving = relaunched.map((i) => i.instanceId);
  await Promise.all(
    settings.applications.map((application) => {
      const joining = sourceInstances(settings, application, instances).map((i) => i.instanceId);
      return moveMembership(application.targetGroupArns, leaving, joining, clients);
    }),
  );
  await clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: leaving }));
}
