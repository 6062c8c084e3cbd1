import { PolicyResource } from "@pulumi/policy";
import assert from "node:assert/strict";
import { misplacedGateways, unattendedGateways } from "../../policy/gateways";
import { Finding, Graph, GROUP, INTERNET_GATEWAY, LAUNCH_TEMPLATE, NETWORK_INTERFACE, ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET } from "../../policy/graph"; // prettier-ignore
import { publicAddresses } from "../../policy/instances";
import { confinedWorkloads } from "../../policy/zones";
import { ATTACHED, gatewayStack, LAUNCHED, TERMINATED, TERMINATING } from "./gatewayStack";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

type Rule = (graph: Graph) => Finding[];
const THREE = ["us-east-1a", "us-east-1b", "us-east-1c"];
const LOAD_BALANCER = "aws:lb/loadBalancer:LoadBalancer";

const holds = (rule: Rule, resources: PolicyResource[]) => assert.deepEqual(rule(new Graph(resources)), []);

/** Expects a violation that matches, on the resource named. */
function breaks(rule: Rule, resources: PolicyResource[], message: RegExp, on?: string): void {
  const findings = rule(new Graph(resources));
  const found = findings.find((f) => message.test(f.message) && (on === undefined || f.urn?.endsWith(`::${on}`)));
  assert.ok(found, `no ${message} on ${on} among ${JSON.stringify(findings, undefined, 2)}`);
}

describe("private-subnets-use-own-zone-gateway", () => {
  it("holds for a gateway in each zone, in a preview where no id is known", () =>
    holds(misplacedGateways, gatewayStack(THREE)));
  it("holds for a stack that has no gateway at all", () =>
    holds(misplacedGateways, gatewayStack(THREE, { without: THREE })));
  it("breaks if gateways stand in one zone only", () => {
    const stack = gatewayStack(THREE, { without: ["us-east-1b", "us-east-1c"] });
    breaks(misplacedGateways, stack, /gateways stand in 1 zone/);
    breaks(misplacedGateways, stack, /no default route: point one at the gateway in us-east-1b/, "Private-us-east-1b");
  });
  it("breaks if a route leads to another zone's gateway", () => {
    const stack = gatewayStack(THREE, { route: { "us-east-1a": "us-east-1c" } });
    breaks(
      misplacedGateways,
      stack,
      /leads to the gateway in us-east-1c: point it at .* us-east-1a/,
      "private-us-east-1a",
    );
  });
  it("breaks if a group may have more than one instance, or none", () =>
    breaks(misplacedGateways, gatewayStack(THREE, { maxSize: 2 }), /set minSize and maxSize to 1/, "group-us-east-1a"));
  it("breaks if a group runs in another zone than its interface", () => {
    const stack = gatewayStack(THREE, { groupIn: { "us-east-1a": "us-east-1b" } });
    breaks(misplacedGateways, stack, /runs in us-east-1b, but its interface is in us-east-1a/, "group-us-east-1a");
  });
  it("breaks if a gateway has no group", () => {
    const stack = gatewayStack(THREE).filter((r) => r.name !== "group-us-east-1a");
    breaks(misplacedGateways, stack, /attached by 0 Auto Scaling groups/, "gateway-us-east-1a");
  });
  it("doesn't fail open if a route's target can't be determined", () => {
    const stack = gatewayStack(THREE).filter((r) => r.name !== "gateway-us-east-1a" || r.type !== NETWORK_INTERFACE);
    breaks(misplacedGateways, stack, /leads to no gateway that can be determined/, "private-us-east-1a");
  });
  it("finds what literal ids refer to", () => {
    const stack = gatewayStack(["us-east-1a", "us-east-1b"], { route: { "us-east-1a": "us-east-1b" } }).map((r) => {
      if (r.type === NETWORK_INTERFACE) {
        return { ...r, props: { sourceDestCheck: false, arn: `arn:aws:ec2:::network-interface/eni-${r.name}` } };
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
    // The copies replaced the originals that others refer to, so the groups no longer match; the route does.
    breaks(misplacedGateways, stack, /private-us-east-1a of private subnet/, "private-us-east-1a");
  });
});

describe("gateways-fail-over-and-back", () => {
  it("holds for a gateway with all its targets, in a preview", () => holds(unattendedGateways, gatewayStack(THREE)));
  for (const [detailType, what] of [
    [TERMINATING, "failover"],
    [TERMINATED, "failover"],
    [LAUNCHED, "restore"],
    [ATTACHED, "restore"],
  ] as const) {
    it(`breaks without the ${what} target for ${detailType}`, () =>
      breaks(unattendedGateways, gatewayStack(THREE, { noRule: detailType }), new RegExp(`no ${what} target`), "gateway-us-east-1a")); // prettier-ignore
  }
  it("breaks if the rule is disabled", () =>
    breaks(unattendedGateways, gatewayStack(THREE, { disabled: LAUNCHED }), /is disabled: enable it/));
  it("breaks if the rule may not invoke the function", () =>
    breaks(unattendedGateways, gatewayStack(THREE, { noPermission: TERMINATING }), /add a permission/));
  it("breaks if the target has no dead-letter queue", () =>
    breaks(unattendedGateways, gatewayStack(THREE, { noDeadLetters: LAUNCHED }), /set deadLetterConfig/));

  describe("with a queue in front of the function", () => {
    it("holds if the queue leads to it", () => holds(unattendedGateways, gatewayStack(THREE, { queue: "whole" })));
    it("breaks if the rules may not send to the queue", () =>
      breaks(unattendedGateways, gatewayStack(THREE, { queue: "no policy" }), /may not send to events: name it in a/));
    it("breaks if nothing reads the queue", () =>
      breaks(unattendedGateways, gatewayStack(THREE, { queue: "no mapping" }), /no function reads queue events/));
    it("breaks if what reads the queue is disabled", () =>
      breaks(unattendedGateways, gatewayStack(THREE, { queue: "disabled mapping" }), /is disabled: enable it/));
    it("breaks if the target has no dead-letter queue", () =>
      breaks(unattendedGateways, gatewayStack(THREE, { queue: "whole", noDeadLetters: LAUNCHED }), /set deadLetterConfig/)); // prettier-ignore
  });
});

describe("workloads-span-zones", () => {
  const subnets = THREE.map((zone) => resource(SUBNET, `private-${zone}`, { availabilityZone: zone }));
  const balancer = (...to: PolicyResource[]) => resource(LOAD_BALANCER, "web", { subnets: [UNKNOWN] }, { subnets: to });
  const group = (props: object, ...to: PolicyResource[]) =>
    resource(
      GROUP,
      "app",
      { minSize: 2, maxSize: 4, vpcZoneIdentifiers: [UNKNOWN], ...props },
      { vpcZoneIdentifiers: to },
    );

  it("holds for two zones", () => holds(confinedWorkloads, [...subnets, balancer(...subnets), group({}, ...subnets)]));
  it("breaks for a load balancer in one zone", () =>
    breaks(confinedWorkloads, [...subnets, balancer(...subnets.slice(0, 1))], /web runs only in us-east-1a/, "web"));
  it("breaks for two subnets in the same zone", () => {
    const twin = resource(SUBNET, "twin", { availabilityZone: "us-east-1a" });
    breaks(
      confinedWorkloads,
      [...subnets, twin, group({}, twin, ...subnets.slice(0, 1))],
      /app runs only in us-east-1a/,
    );
  });
  it("breaks for a group of one that is no gateway's", () =>
    breaks(
      confinedWorkloads,
      [...subnets, group({ minSize: 1, maxSize: 1 }, ...subnets.slice(0, 1))],
      /two or more zones/,
    ));
  it("lets a gateway's group of one be", () => holds(confinedWorkloads, gatewayStack(THREE)));
  it("doesn't fail open if the zones can't be known", () => {
    const unknown = resource(SUBNET, "unknown", { availabilityZone: UNKNOWN });
    breaks(confinedWorkloads, [unknown, balancer(unknown)], /in no zone that can be determined/, "web");
    breaks(confinedWorkloads, [group({})], /in no zone that can be determined/, "app");
  });
});

describe("private-workloads-have-no-public-ip", () => {
  const subnet = (name: string, props: object = {}) =>
    resource(SUBNET, name, { availabilityZone: "us-east-1a", ...props });
  /** Resources that make a subnet public. */
  const published = (of: PolicyResource) => {
    const table = resource(ROUTE_TABLE, of.name, {});
    const gateway = resource(INTERNET_GATEWAY, "internet", {});
    const route = { destinationCidrBlock: "0.0.0.0/0", gatewayId: UNKNOWN };
    return [
      of,
      table,
      gateway,
      resource(ROUTE_TABLE_ASSOCIATION, of.name, {}, { subnetId: of, routeTableId: table }),
      resource(ROUTE, of.name, route, { routeTableId: table, gatewayId: gateway }),
    ];
  };
  const group = (asks: string, place: PolicyResource) => {
    const template = resource(LAUNCH_TEMPLATE, "t", {
      networkInterfaces: [{ associatePublicIpAddress: asks }],
      userData: UNKNOWN,
    });
    return [template, resource(GROUP, "app", {}, { launchTemplate: template, vpcZoneIdentifiers: place })];
  };

  it("holds for a group without public addresses", () => {
    const place = subnet("private");
    holds(publicAddresses, [place, ...group("false", place)]);
  });
  it("holds for public addresses in a public subnet", () => {
    const place = subnet("public", { mapPublicIpOnLaunch: true });
    holds(publicAddresses, [...published(place), ...group("true", place)]);
  });
  it("holds for the gateways", () => holds(publicAddresses, gatewayStack(THREE)));
  it("breaks for a public address in a private subnet", () => {
    const place = subnet("private");
    breaks(
      publicAddresses,
      [place, ...group("true", place)],
      /app runs in private but asks for a public address/,
      "app",
    );
  });
  it("breaks for a private subnet that gives public addresses", () =>
    breaks(
      publicAddresses,
      [subnet("private", { mapPublicIpOnLaunch: true })],
      /set mapPublicIpOnLaunch to false/,
      "private",
    ));
  it("doesn't fail open if the subnet can't be determined", () => {
    const [template = subnet("")] = group("true", subnet("private"));
    const lost = resource(GROUP, "app", { vpcZoneIdentifiers: [UNKNOWN] }, { launchTemplate: template });
    breaks(publicAddresses, [template, lost], /subnets that can't be determined/, "app");
  });
});
