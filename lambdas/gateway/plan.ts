import { Health } from "./judge";
import { GatewaySettings } from "./settings";

/** Where a route table's default route points now. */
export type RouteTarget =
  /** At the network interface of this zone's gateway. */
  | { readonly kind: "gateway"; readonly availabilityZone: string }
  /** There is none, or it points at a network interface that no longer exists. */
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

/** The nearest passing gateway in ring order from a zone on, itself first. */
export function nearestPassing(
  zones: readonly string[],
  availabilityZone: string,
  health: ReadonlyMap<string, Health>,
): string | undefined {
  return ringFrom(zones, availabilityZone).find((z) => health.get(z) === "passing");
}

/** The nearest gateway in ring order that can carry a zone's traffic: an unproven one only if none is passing. */
export function nearestLive(
  zones: readonly string[],
  availabilityZone: string,
  health: ReadonlyMap<string, Health>,
): string | undefined {
  const ring = ringFrom(zones, availabilityZone);
  return nearestPassing(zones, availabilityZone, health) ?? ring.find((z) => health.get(z) === "unproven");
}

/** Decides which routes to write, for each table by itself: either it fails over, or it is restored, or it stays. */
export function planMoves(
  settings: GatewaySettings,
  health: ReadonlyMap<string, Health>,
  tables: readonly RouteTableState[],
): Move[] {
  const zones = settings.zones.map((z) => z.availabilityZone);
  return tables.flatMap((table) => {
    const { target, availabilityZone, routeTableId } = table;
    if (target.kind === "foreign") {
      return [];
    }
    const from = target.kind === "gateway" ? target.availabilityZone : undefined;
    const to = failoverOf(zones, availabilityZone, from, health) ?? restoreOf(availabilityZone, from, health);
    if (to === undefined || to === from) {
      return [];
    }
    return [{ routeTableId, availabilityZone, from, to, routeExists: target.kind === "gateway" || target.routeExists }];
  });
}

/**
 * Where a zone's route goes if its carrier can't be relied on: from a dead one, or none, to the nearest live one; from
 * an unproven one only to a passing one. With none to go to it stays: a dead target is no better than another.
 */
export function failoverOf(
  zones: readonly string[],
  availabilityZone: string,
  carrier: string | undefined,
  health: ReadonlyMap<string, Health>,
): string | undefined {
  switch (carrier === undefined ? "dead" : health.get(carrier)) {
    case "passing":
      return undefined;
    case "unproven":
      return nearestPassing(zones, availabilityZone, health);
    default:
      return nearestLive(zones, availabilityZone, health);
  }
}

/** Where a zone's route goes from another zone's passing gateway: home, once its own passes too. */
export function restoreOf(
  availabilityZone: string,
  carrier: string | undefined,
  health: ReadonlyMap<string, Health>,
): string | undefined {
  const bothPass = [carrier, availabilityZone].every((z) => z !== undefined && health.get(z) === "passing");
  return bothPass ? availabilityZone : undefined;
}

/** The tables as they are once moves have been made. */
export function afterMoves(tables: readonly RouteTableState[], moves: readonly Move[]): RouteTableState[] {
  const moved = new Map(moves.map((m) => [m.routeTableId, m.to]));
  return tables.map((table) => {
    const availabilityZone = moved.get(table.routeTableId);
    return availabilityZone === undefined ? table : { ...table, target: { kind: "gateway", availabilityZone } };
  });
}

/**
 * The zone that carries each zone's traffic, or `none`: what people are told and the metric shows. A zone whose tables
 * disagree is carried by the farthest from home, since that is what needs attention; one whose tables have all been
 * deleted has no traffic, and is not there.
 */
export function carriers(
  settings: GatewaySettings,
  health: ReadonlyMap<string, Health>,
  tables: readonly RouteTableState[],
): ReadonlyMap<string, string> {
  const zones = settings.zones.map((z) => z.availabilityZone);
  return new Map(
    zones.flatMap((zone) => {
      const ring = ringFrom(zones, zone);
      const targets = tables.filter((t) => t.availabilityZone === zone).map((t) => describeTarget(t.target, health));
      const rank = (target: string) => (ring.includes(target) ? ring.indexOf(target) : ring.length);
      const [farthest] = targets.sort((a, b) => rank(b) - rank(a));
      return farthest === undefined ? [] : [[zone, farthest] as const];
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
