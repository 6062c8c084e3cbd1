import { GatewaySettings, GatewayZone } from "./settings";

/**
 * How a zone's gateway is doing:
 * - `passing`: its network interface is attached to a running, in-service instance that passes its status checks and
 *   forwards;
 * - `unproven`: attached to a running instance, but something doesn't confirm (yet) that it forwards;
 * - `dead`: no running instance behind the network interface, or one that is failing its checks or on its way out.
 */
export type Health = "passing" | "unproven" | "dead";

/** What was read about one running instance in a gateway's subnets. */
export interface InstanceEvidence {
  readonly instanceId: string;
  /** The network interfaces whose attachment is complete. */
  readonly attachedNetworkInterfaceIds: readonly string[];
}

/** What the AWS APIs said, read in one parallel round. `undefined`: that read failed. */
export interface Evidence {
  /** Running instances in the gateway's subnets. */
  readonly running: readonly InstanceEvidence[];
  /** Instances whose status checks are not all ok: `impaired`, or without a verdict yet (`initializing` and the like). */
  readonly failingChecks: ReadonlyMap<string, "impaired" | "no verdict"> | undefined;
  /** Auto Scaling lifecycle state by instance id, e.g. `InService`, `Terminating:Wait`, `Pending:Wait`. */
  readonly lifecycleStates: ReadonlyMap<string, string> | undefined;
  /** By zone, whether its instance last said of itself that it forwards; a zone of which nothing is known is not there. */
  readonly forwarding: ReadonlyMap<string, boolean> | undefined;
}

/** The running instance that holds a zone's network interface. */
export function holderOf(zone: GatewayZone, { running }: Evidence): string | undefined {
  return running.find((i) => i.attachedNetworkInterfaceIds.includes(zone.networkInterfaceId))?.instanceId;
}

/**
 * Judges each zone's gateway.
 * @param leaving ids of instances that events announce the end of. One counts as dead if it still holds its network
 *   interface; an instance that has been replaced holds nothing, so a stale event changes nothing.
 */
export function judgeGateways(
  settings: GatewaySettings,
  evidence: Evidence,
  leaving: ReadonlySet<string> = new Set(),
): ReadonlyMap<string, Health> {
  return new Map(settings.zones.map((zone) => [zone.availabilityZone, judge(zone, evidence, leaving)]));
}

function judge(zone: GatewayZone, evidence: Evidence, leaving: ReadonlySet<string>): Health {
  const holder = holderOf(zone, evidence);
  if (holder === undefined || leaving.has(holder)) {
    return "dead";
  }
  const { failingChecks, lifecycleStates } = evidence;
  const checks = failingChecks?.get(holder);
  const lifecycleState = lifecycleStates?.get(holder);
  if (checks === "impaired" || lifecycleState?.startsWith("Terminating")) {
    return "dead";
  }
  // `Pending…`: the boot script has attached the network interface but not yet proven that it forwards.
  const doubtful = checks === "no verdict" || lifecycleState?.startsWith("Pending") || !forwards(zone, evidence);
  return doubtful || !failingChecks || !lifecycleStates ? "unproven" : "passing";
}

/**
 * Whether a zone's instance says that it forwards. One that says nothing while others do may have no way out to say it
 * by. If none says anything, it is the metric that is missing (CloudWatch is out, or all instances are older than it).
 * A "no" makes no gateway dead: it may be its predecessor's, and nobody's word is better than a route that leads nowhere.
 */
function forwards({ availabilityZone }: GatewayZone, { forwarding }: Evidence): boolean {
  return forwarding === undefined || forwarding.size === 0 || forwarding.get(availabilityZone) === true;
}
