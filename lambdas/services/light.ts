import { RegisterScalableTargetCommand } from "@aws-sdk/client-application-auto-scaling";
import { DescribeServicesCommand, UpdateServiceCommand } from "@aws-sdk/client-ecs";
import { LightClients } from "./clients";
import { LightSettings } from "./settings";

type LitService = LightSettings["services"][number];

/** How many tasks each service was told to have. */
export type LightResult = Readonly<Record<string, number>>;

/**
 * Lights a pilot light, or puts it out: from then on every service has its minimum of tasks or more, as it scales, or
 * none. It needs nothing of another Region, waits for no task, and is safe to repeat.
 * @param event `{"light": "on"}` or `{"light": "off"}`
 * @throws if the event says neither, or if some service could not be told: it names all of those, and the others have been.
 */
export async function light(event: unknown, settings: LightSettings, clients: LightClients): Promise<LightResult> {
  const { light: wish } = (event ?? {}) as { light?: unknown };
  if (wish !== "on" && wish !== "off") {
    throw new Error(`expected {"light": "on"} or {"light": "off"}, not ${JSON.stringify(event)}`);
  }
  const outcomes = await Promise.allSettled(
    settings.services.map((service) => tell(service, wish === "on", settings.clusterName, clients)),
  );
  const failed = outcomes.flatMap((outcome, i) =>
    outcome.status === "rejected" ? [`${settings.services[i]?.serviceName}: ${String(outcome.reason)}`] : [],
  );
  if (failed.length > 0) {
    throw new Error(`not told, run it again: ${failed.join("; ")}`);
  }
  return Object.fromEntries(
    outcomes.flatMap((outcome, i) =>
      outcome.status === "fulfilled" ? [[settings.services[i]?.serviceName ?? "", outcome.value]] : [],
    ),
  );
}

/** The bounds of its scaling first, or a policy could undo what it is told. */
async function tell(
  { serviceName, minimum, maximum }: LitService,
  isOn: boolean,
  cluster: string,
  { applicationAutoScaling, ecs }: LightClients,
): Promise<number> {
  await applicationAutoScaling.send(
    new RegisterScalableTargetCommand({
      ServiceNamespace: "ecs",
      ScalableDimension: "ecs:service:DesiredCount",
      ResourceId: `service/${cluster}/${serviceName}`,
      MinCapacity: isOn ? minimum : 0,
      MaxCapacity: maximum,
    }),
  );
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster, services: [serviceName] }));
  const now = services?.[0]?.desiredCount ?? 0;
  const desiredCount = isOn ? Math.max(now, minimum) : 0;
  if (desiredCount !== now) {
    await ecs.send(new UpdateServiceCommand({ cluster, service: serviceName, desiredCount }));
  }
  return desiredCount;
}
