import { DescribeInstanceStatusCommand, EC2Client, InstanceStatus } from "@aws-sdk/client-ec2";
import { CheckSettings } from "./settings";
import { targetOf } from "./task";

/** What EC2's status checks come to. */
export interface StatusResult {
  readonly verdict: "ok" | "initializing" | "impaired" | "system-impaired" | "not-running";
  /** What was found, for people. */
  readonly detail: string;
}

/** Reads the instance's state and its status checks. */
export async function checkStatus(
  event: unknown,
  settings: CheckSettings,
  clients: { readonly ec2: EC2Client },
): Promise<StatusResult> {
  const { instanceId } = targetOf(event, settings);
  return verdictOf(await readStatus(instanceId, clients.ec2));
}

/** The status of an instance, or `undefined` if there is none with this id (any more). */
async function readStatus(instanceId: string, ec2: EC2Client): Promise<InstanceStatus | undefined> {
  try {
    const { InstanceStatuses = [] } = await ec2.send(
      new DescribeInstanceStatusCommand({ InstanceIds: [instanceId], IncludeAllInstances: true }),
    );
    return InstanceStatuses[0];
  } catch (error) {
    if (error instanceof Error && error.name === "InvalidInstanceID.NotFound") {
      return undefined;
    }
    throw error;
  }
}

/** A failing system status check comes first: AWS's own recovery sees to it, and a restart would not help. */
export function verdictOf(status: InstanceStatus | undefined): StatusResult {
  const state = status?.InstanceState?.Name ?? "gone";
  const [system = "unknown", instance = "unknown"] = [status?.SystemStatus?.Status, status?.InstanceStatus?.Status];
  const detail = `instance ${state}, system status check ${system}, instance status check ${instance}`;
  if (state !== "running") {
    return { verdict: "not-running", detail: `instance ${state}` };
  }
  if (system === "impaired") {
    return { verdict: "system-impaired", detail };
  }
  if (system === "ok" && instance === "ok") {
    return { verdict: "ok", detail };
  }
  return { verdict: instance === "impaired" ? "impaired" : "initializing", detail };
}
