import { GatewaySettings, GatewayZone } from "./settings";

/**
 * How a zone's gateway is doing:
 * - `passing`: network interface attached to a running, in-service instance, status checks ok;
 * - `unproven`: attached to a running instance, but the checks or the group have not confirmed it (yet);
 * - `dead`: no running instance behind the network interface, or one that is failing its checks or on its way out.
 */
export type Health = "passing" | "unproven" | "dead";

/** What was read about one running instance that holds a gateway's network interface. */
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
}

/** Where a route table's default route points now. */
export type RouteTarget =
  /** At the network interface of this zone's gateway. */
  | { readonly kind: "gateway"; readonly availabilityZone: string }
  /** There is none, or it points at something that no longer exists. */
  | { readonly kind: "none"; readonly routeExists: boolean }
  /** At something that is not this gateway's; somebody put it there and owns it. */
  | { readonly kind: "foreign"; readonly target: string };

/** One private route table as it is now. */
export interface RouteTableState {
  readonly routeTableId: string;
  /** The zone whose subnets use the table. */
  readonly availabilityZone: string;
  readonly target: RouteTarget;
}

/** One route to write. */
export interface Move {
  readonly routeTableId: string;
  readonly availabilityZone: string;
  /** The zone whose gateway carried the route, or `undefined` if none did. */
  readonly from: string | undefined;
  /** The zone whose gateway takes over. */
  readonly to: string;
  /** Whether a default route exists that can be replaced; otherwise it has to be created. */
  readonly routeExists: boolean;
}

/**
 * Judges each zone's gateway.
 * @param leaving id of the instance that the event announces the end of. It counts as dead if it still holds its network
 *   interface; an instance that has been replaced holds nothing, so a stale event changes nothing.
 */
export function judgeGateways(
  settings: GatewaySettings,
  evidence: Evidence,
  leaving?: string,
): ReadonlyMap<string, Health> {
  return new Map(settings.zones.map((zone) => [zone.availabilityZone, judge(zone, evidence, leaving)]));
}

function judge(zone: GatewayZone, evidence: Evidence, leaving: string | undefined): Health {
  const holder = evidence.running.find((i) => i.attachedNetworkInterfaceIds.includes(zone.networkInterfaceId));
  if (holder === undefined || holder.instanceId === leaving) {
    return "dead";
  }
  const { failingChecks, lifecycleStates } = evidence;
  const checks = failingChecks?.get(holder.instanceId);
  const lifecycleState = lifecycleStates?.get(holder.instanceId);
  if (checks === "impaired" || lifecycleState?.startsWith("Terminating")) {
    return "dead";
  }
  // `Pending…`: the boot script has attached the network interface but not yet proven that it forwards.
  const unproven = checks === "no verdict" || lifecycleState?.startsWith("Pending");
  return unproven || !failingChecks || !lifecycleStates ? "unproven" : "passing";
}

/**
 * The zones in ring order from `availabilityZone` on, itself first.
 * @throws if the zone is not one of the gateway's.
 */
export function ringFrom(zones: readonly string[], availabilityZone: string): string[] {
  const start = zones.indexOf(availabilityZone);
  if (start < 0) {
    throw new Error(`${availabilityZone} is not a zone of this gateway (${zones.join(", ")})`);
  }
  return [...zones.slice(start), ...zones.slice(0, start)];
}

/** The nearest gateway in ring order that can carry a zone's traffic; a passing one before an unproven one. */
export function nearestLive(
  zones: readonly string[],
  availabilityZone: string,
  health: ReadonlyMap<string, Health>,
): string | undefined {
  const ring = ringFrom(zones, availabilityZone);
  return ring.find((z) => health.get(z) === "passing") ?? ring.find((z) => health.get(z) === "unproven");
}

/**
 * Decides which routes to write. A route leaves a gateway only if that gateway is dead, or, when `giveBack` is set, if
 * the zone's own gateway is passing again. With no live gateway nothing moves: a dead target is no better than another.
 */
export function planMoves(
  settings: GatewaySettings,
  health: ReadonlyMap<string, Health>,
  tables: readonly RouteTableState[],
  giveBack: boolean,
): Move[] {
  const zones = settings.zones.map((z) => z.availabilityZone);
  return tables.flatMap((table) => {
    const { target, availabilityZone, routeTableId } = table;
    if (target.kind === "foreign") {
      return [];
    }
    const from = target.kind === "gateway" ? target.availabilityZone : undefined;
    const carried = from !== undefined && health.get(from) !== "dead";
    const home = giveBack && health.get(availabilityZone) === "passing" ? availabilityZone : undefined;
    const to = carried ? (home ?? from) : nearestLive(zones, availabilityZone, health);
    if (to === undefined || to === from) {
      return [];
    }
    return [{ routeTableId, availabilityZone, from, to, routeExists: target.kind === "gateway" || target.routeExists }];
  });
}

/**
 * The zone that carries each zone's traffic once the moves are made, or `none`: what people are told and the metric
 * shows. A zone whose tables disagree is carried by the farthest from home, since that is what needs attention.
 */
export function carriers(
  settings: GatewaySettings,
  health: ReadonlyMap<string, Health>,
  tables: readonly RouteTableState[],
  moves: readonly Move[],
): ReadonlyMap<string, string> {
  const moved = new Map(moves.map((m) => [m.routeTableId, m.to]));
  const zones = settings.zones.map((z) => z.availabilityZone);
  return new Map(
    zones.map((zone) => {
      const ring = ringFrom(zones, zone);
      const targets = tables
        .filter((t) => t.availabilityZone === zone)
        .map((t) => moved.get(t.routeTableId) ?? describeTarget(t.target, health));
      const rank = (target: string) => (ring.includes(target) ? ring.indexOf(target) : ring.length);
      return [zone, targets.sort((a, b) => rank(b) - rank(a))[0] ?? NO_CARRIER];
    }),
  );
}

/** The carrier of a zone whose default route leads nowhere. */
export const NO_CARRIER = "none";

function describeTarget(target: RouteTarget, health: ReadonlyMap<string, Health>): string {
  switch (target.kind) {
    case "gateway":
      return health.get(target.availabilityZone) === "dead" ? NO_CARRIER : target.availabilityZone;
    case "foreign":
      return target.target;
    case "none":
      return NO_CARRIER;
  }
}
