import { PolicyResource } from "@pulumi/policy";
import { GROUP, INTERNET_GATEWAY, NAT_GATEWAY, NETWORK_INTERFACE, ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET } from "../../policy/core/graph"; // prettier-ignore
import { waysOut as rule } from "../../policy/network/waysOut";
import { breaks, cannotTell, holds } from "./find";
import { gatewayStack } from "./gatewayStack";
import { resource } from "./graph";
import { unknownCheckingProxy, unknownStringValue as UNKNOWN } from "./unknowns";

const THREE = ["us-east-1a", "us-east-1b", "us-east-1c"];

describe("private-subnets-use-own-zone-gateway", () => {
  it("holds for a gateway in each zone, in a preview where no id is known", () => holds(rule, gatewayStack(THREE)));
  it("breaks if gateways stand in one zone only", () => {
    const stack = gatewayStack(THREE, { route: { "us-east-1b": "us-east-1a", "us-east-1c": "us-east-1a" } });
    breaks(rule, stack, /gateways stand in 1 zone/);
  });
  it("breaks if a private subnet has been forgotten", () => {
    const stack = gatewayStack(THREE, { without: ["us-east-1b", "us-east-1c"] });
    breaks(rule, stack, /no default route: point one at the gateway in us-east-1b/, "Private-us-east-1b");
  });
  it("breaks if a route leads to another zone's gateway", () => {
    const stack = gatewayStack(THREE, { route: { "us-east-1a": "us-east-1c" } });
    breaks(rule, stack, /the gateway in us-east-1c: point it at .* us-east-1a/, "private-us-east-1a");
  });
  it("breaks if a group may have more than one instance, or none", () =>
    breaks(rule, gatewayStack(THREE, { maxSize: 2 }), /set minSize and maxSize to 1/, "group-us-east-1a"));
  it("breaks if a group runs in another zone than its interface", () => {
    const stack = gatewayStack(THREE, { groupIn: { "us-east-1a": "us-east-1b" } });
    breaks(rule, stack, /runs in us-east-1b, but its interface is in us-east-1a/, "group-us-east-1a");
  });
  it("breaks if a gateway has no group", () => {
    const stack = gatewayStack(THREE).filter((r) => r.name !== "group-us-east-1a");
    breaks(rule, stack, /attached by 0 Auto Scaling groups/, "gateway-us-east-1a");
  });
  it("can't tell a route whose target isn't the stack's", () => {
    const stack = gatewayStack(THREE)
      .filter((r) => !(r.type === GROUP && r.name === "group-us-east-1a"))
      .filter((r) => !(r.type === NETWORK_INTERFACE && r.name === "gateway-us-east-1a"))
      .map((r) =>
        r.type === ROUTE && r.name === "private-us-east-1a"
          ? {
              ...r,
              props: { destinationCidrBlock: "0.0.0.0/0", networkInterfaceId: "eni-elsewhere" },
              propertyDependencies: { routeTableId: r.propertyDependencies["routeTableId"] ?? [] },
            }
          : r,
      );
    cannotTell(rule, stack, /private-us-east-1a of subnet Private-us-east-1a stays in its zone/, "private-us-east-1a");
  });
  it("finds what literal ids refer to", () => {
    const stack = gatewayStack(["us-east-1a", "us-east-1b"], { route: { "us-east-1a": "us-east-1b" } }).map((r) => {
      if (r.type === NETWORK_INTERFACE) {
        return {
          ...r,
          props: unknownCheckingProxy({ sourceDestCheck: false, subnetId: UNKNOWN, id: `eni-${r.name}` }),
        };
      }
      const isMoved = r.type === ROUTE && r.name === "private-us-east-1a";
      return isMoved
        ? {
            ...r,
            props: { destinationCidrBlock: "0.0.0.0/0", networkInterfaceId: "eni-gateway-us-east-1b" },
            propertyDependencies: { routeTableId: r.propertyDependencies["routeTableId"] ?? [] },
          }
        : r;
    });
    breaks(rule, stack, /private-us-east-1a of subnet/, "private-us-east-1a");
  });

  describe("in any VPC", () => {
    const vpc = resource("aws:ec2/vpc:Vpc", "main", {});
    const subnet = (name: string, zone: string) =>
      resource(SUBNET, name, { availabilityZone: zone, vpcId: UNKNOWN }, { vpcId: vpc });
    const nat = (zone: string, props: object = {}) => {
      const place = subnet(`public-${zone}`, zone);
      return [
        resource(NAT_GATEWAY, `nat-${zone}`, { subnetId: UNKNOWN, ...props }, { subnetId: place }),
        place,
      ] as const;
    };
    /** Three private subnets, each with a table of its own whose default route is made by the function. */
    const routed = (route: (zone: string) => [props: object, to: Record<string, PolicyResource>]) =>
      THREE.flatMap((zone) => {
        const place = subnet(`app-${zone}`, zone);
        const table = resource(ROUTE_TABLE, zone, {}, { vpcId: vpc });
        const [props, to] = route(zone);
        return [
          place,
          table,
          resource(ROUTE_TABLE_ASSOCIATION, zone, {}, { subnetId: place, routeTableId: table }),
          resource(ROUTE, zone, { destinationCidrBlock: "0.0.0.0/0", ...props }, { routeTableId: table, ...to }),
        ];
      });

    it("breaks for one NAT gateway for three zones", () => {
      const one = nat("us-east-1a");
      const stack = [vpc, ...one, ...routed(() => [{ natGatewayId: UNKNOWN }, { natGatewayId: one[0] }])];
      breaks(rule, stack, /VPC main in 3 zones all go out by us-east-1a: the gateways stand in 1 zone/, "main");
      breaks(rule, stack, /leads to nat-us-east-1a, the gateway in us-east-1a: point it at .*us-east-1b/, "us-east-1b");
    });
    it("holds for a NAT gateway in each zone", () => {
      const all = new Map(THREE.map((zone) => [zone, nat(zone)]));
      const by = (zone: string) => (all.get(zone) as readonly PolicyResource[])[0] as PolicyResource;
      const stack = routed((zone) => [{ natGatewayId: UNKNOWN }, { natGatewayId: by(zone) }]);
      holds(rule, [vpc, ...[...all.values()].flat(), ...stack]);
    });
    it("holds for a regional NAT gateway, a transit gateway, and no way out at all", () => {
      const [regional, place] = nat("us-east-1a", { availabilityMode: "regional" });
      holds(rule, [vpc, regional, place, ...routed(() => [{ natGatewayId: UNKNOWN }, { natGatewayId: regional }])]);
      const transit = resource("aws:ec2transitgateway/transitGateway:TransitGateway", "hub", {});
      holds(rule, [vpc, ...routed(() => [{ transitGatewayId: UNKNOWN }, { transitGatewayId: transit }])]);
      holds(rule, [vpc, ...THREE.map((zone) => subnet(`app-${zone}`, zone))]);
    });
    it("holds for an appliance with its check off to which no default route leads", () => {
      const place = subnet("vpn", "us-east-1a");
      const appliance = resource(
        NETWORK_INTERFACE,
        "vpn",
        { sourceDestCheck: false, subnetId: UNKNOWN },
        { subnetId: place },
      );
      const to = { destinationCidrBlock: "10.9.0.0/16", networkInterfaceId: UNKNOWN };
      const table = resource(ROUTE_TABLE, "vpn", {});
      const route = resource(ROUTE, "vpn", to, { routeTableId: table, networkInterfaceId: appliance });
      holds(rule, [vpc, place, appliance, table, route]);
    });
    it("reads routes that stand inline in their table", () => {
      const place = { ...nat("us-east-1a")[0], props: { id: "nat-1", subnetId: "subnet-a" } };
      const subnets = THREE.map((zone) =>
        resource(SUBNET, zone, { availabilityZone: zone, id: `subnet-${zone.slice(-1)}` }),
      );
      const routes = [{ cidrBlock: "0.0.0.0/0", natGatewayId: "nat-1" }];
      const tables = subnets.flatMap((s) => {
        const table = resource(ROUTE_TABLE, s.name, { routes });
        return [table, resource(ROUTE_TABLE_ASSOCIATION, s.name, {}, { subnetId: s, routeTableId: table })];
      });
      breaks(
        rule,
        [place, ...subnets, ...tables],
        /default route us-east-1b of subnet us-east-1b leads to nat-us-east-1a/,
      );
    });
    it("leaves public subnets alone", () => {
      const internet = resource(INTERNET_GATEWAY, "internet", {});
      holds(rule, [vpc, internet, ...routed(() => [{ gatewayId: UNKNOWN }, { gatewayId: internet }])]);
    });
  });
});
