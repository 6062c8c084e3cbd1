import { RunInstancesCommand } from "@aws-sdk/client-ec2";
import { createHash } from "crypto";
import { mayPass } from "../common/mayPass";
import { RelaunchClients } from "./clients";
import { Decision } from "./plan";
import { Application, OUTAGE, RELAUNCHED_BY, RelaunchSettings, SLOT } from "./settings";

/** What became of one application's launches. */
export interface Launched {
  readonly decision: Decision;
  /** Ids of the instances launched by this run. */
  readonly instanceIds: readonly string[];
  /** How many EC2 refused, and what it said. */
  readonly refused: number;
  readonly reason: string | undefined;
}

/**
 * Launches everything that was decided, in parallel: one call an instance, each with a client token of its own made
 * from the outage, so that a call that is repeated launches nothing twice.
 * @throws the first error that may pass (throttling, 5xx, network), after all launches have been tried.
 */
export async function launchAll(
  decisions: readonly Decision[],
  outage: string,
  settings: RelaunchSettings,
  clients: RelaunchClients,
): Promise<Launched[]> {
  const launched = await Promise.all(decisions.map((decision) => launch(decision, outage, settings, clients)));
  const transient = launched.map((l) => l.transient).find((error) => error !== undefined);
  if (transient !== undefined) {
    throw transient;
  }
  return launched;
}

async function launch(
  decision: Decision,
  outage: string,
  settings: RelaunchSettings,
  { ec2 }: RelaunchClients,
): Promise<Launched & { transient: unknown }> {
  const { application } = decision;
  const outcomes = await Promise.allSettled(
    decision.launch.map((index) => ec2.send(runOne(application, index, outage, settings))),
  );
  const errors: unknown[] = outcomes.flatMap((o) => (o.status === "rejected" ? [o.reason] : []));
  const final = errors.filter((e) => !mayPass(e));
  return {
    decision,
    instanceIds: outcomes.flatMap((o) => (o.status === "fulfilled" ? [o.value.Instances?.[0]?.InstanceId ?? ""] : [])),
    refused: final.length,
    reason: final.length === 0 ? undefined : String(final[0]),
    transient: errors.find(mayPass),
  };
}

function runOne(application: Application, index: number, outage: string, settings: RelaunchSettings) {
  const slot = `${application.name}/${index}`;
  const tags = {
    [RELAUNCHED_BY]: settings.system,
    [OUTAGE]: outage,
    [SLOT]: slot,
    Name: `${application.name}-relaunched`,
  };
  return new RunInstancesCommand({
    ClientToken: clientToken(settings.system, outage, slot),
    LaunchTemplate: { LaunchTemplateId: application.launchTemplateId, Version: application.version },
    InstanceType: application.instanceType as never,
    SubnetId: application.subnetId,
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: [
      { ResourceType: "instance", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    ],
  });
}

/** 64 characters, as many as EC2 allows, the same whenever the same instance of the same outage is launched. */
export function clientToken(system: string, outage: string, slot: string): string {
  return createHash("sha256").update([system, outage, slot].join("|")).digest("hex");
}
