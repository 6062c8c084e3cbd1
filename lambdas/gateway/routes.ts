import { CreateRouteCommand, EC2Client, ReplaceRouteCommand } from "@aws-sdk/client-ec2";
import { Move } from "./plan";
import { DEFAULT_ROUTE, GatewaySettings } from "./settings";

/** What became of a set of moves. */
export interface MoveResult {
  readonly made: readonly Move[];
  /** The first error met, if any. */
  readonly error: unknown;
}

/** Writes all routes in parallel: one that fails neither stops nor delays the others. */
export async function makeMoves(
  moves: readonly Move[],
  settings: GatewaySettings,
  ec2: EC2Client,
): Promise<MoveResult> {
  const outcomes = await Promise.allSettled(moves.map((move) => makeMove(move, settings, ec2)));
  return {
    made: moves.filter((_, i) => outcomes[i]?.status === "fulfilled"),
    error: outcomes.find((o) => o.status === "rejected")?.reason,
  };
}

async function makeMove(move: Move, settings: GatewaySettings, ec2: EC2Client): Promise<void> {
  const target = settings.zones.find((z) => z.availabilityZone === move.to);
  const route = {
    RouteTableId: move.routeTableId,
    DestinationCidrBlock: DEFAULT_ROUTE,
    NetworkInterfaceId: target?.networkInterfaceId,
  };
  await (move.routeExists ? ec2.send(new ReplaceRouteCommand(route)) : ec2.send(new CreateRouteCommand(route)));
}
