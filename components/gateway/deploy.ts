import { Foundation, StackOutputs } from "../common/foundation";
import { ManagementTrail } from "../common/managementTrail";
import { HaGateway, HaGatewayArgs } from "./haGateway";

/** A stack's `gateway`: what of the component's arguments is configured. */
export interface GatewayConfig extends Omit<
  HaGatewayArgs,
  keyof Foundation["shared"] | "vpcId" | "vpcCidrBlock" | "zones"
> {
  /** `create` a trail, by which EventBridge hears of API calls, or rely on one that the account has. */
  readonly cloudTrail: "create" | "existing";
}

/** A gateway in each zone of the network. */
export function deployGateway({ cloudTrail, ...args }: GatewayConfig, { network, shared }: Foundation): StackOutputs {
  if (cloudTrail === "create") {
    new ManagementTrail("management", { kmsKeyArn: shared.kmsKeyArn });
  }
  const gateway = new HaGateway("gateway", {
    ...args,
    ...shared,
    vpcId: network.vpcId,
    vpcCidrBlock: network.cidrBlock,
    zones: network.zones.map((zone) => ({ ...zone, routeTableIds: [zone.privateRouteTableId] })),
  });
  return { gatewayPublicIps: gateway.publicIps };
}
