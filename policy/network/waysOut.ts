import { make, ref } from "../core/example";
import { NAT_GATEWAY, ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET } from "../core/graph";
import { Rule } from "../core/rule";
import { sharedWaysOut } from "./egress";

const subnet = (zone: string) =>
  make(SUBNET, `private-${zone}`, { vpcId: "vpc-1", availabilityZone: `us-east-1${zone}` });
const nat = (zone: string) => [
  make(SUBNET, `public-${zone}`, { vpcId: "vpc-1", availabilityZone: `us-east-1${zone}` }),
  make(NAT_GATEWAY, `nat-${zone}`, { subnetId: ref(`public-${zone}`), allocationId: `eipalloc-${zone}` }),
];
const routed = (zone: string, by: string) => [
  make(ROUTE_TABLE, `private-${zone}-table`, { vpcId: "vpc-1" }),
  make(ROUTE_TABLE_ASSOCIATION, `private-${zone}-association`, {
    subnetId: ref(`private-${zone}`),
    routeTableId: ref(`private-${zone}-table`),
  }),
  make(ROUTE, `private-${zone}-route`, {
    routeTableId: ref(`private-${zone}-table`),
    destinationCidrBlock: "0.0.0.0/0",
    natGatewayId: ref(`nat-${by}`),
  }),
];

/** Each zone of a VPC has a way out of its own. */
export const waysOut: Rule = {
  name: "private-subnets-use-own-zone-gateway",
  what: "A private subnet's default route to a NAT gateway or gateway instance leads to one in its own zone; each gateway instance has a group of exactly one.",
  why: "With one gateway for all zones, the loss of its zone cuts off all of them; and traffic across zones is paid for.",
  mend: "Put a gateway into each zone, and point each zone's route tables at its own. A regional NAT gateway or a transit gateway needs no more.",
  pages: ["https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html"],
  examples: {
    fails: [subnet("a"), subnet("b"), ...nat("a"), ...routed("a", "a"), ...routed("b", "a")],
    passes: [subnet("a"), subnet("b"), ...nat("a"), ...nat("b"), ...routed("a", "a"), ...routed("b", "b")],
  },
  find: sharedWaysOut,
};
