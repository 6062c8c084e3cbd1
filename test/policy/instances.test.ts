import assert from "node:assert/strict";
import { PolicyResource } from "@pulumi/policy";
import { GROUP, INSTANCE, INTERNET_GATEWAY, LAUNCH_TEMPLATE, ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET } from "../../policy/core/graph"; // prettier-ignore
import { imdsv2 } from "../../policy/instances/imdsv2";
import { publicAddresses as rule } from "../../policy/instances/publicAddresses";
import { breaks, cannotTell, holds } from "./find";
import { gatewayStack } from "./gatewayStack";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

describe("instances-require-imdsv2", () => {
  it("holds if tokens are required, though the user data is unknown", () => {
    const props = { metadataOptions: { httpTokens: "required" }, userData: UNKNOWN };
    holds(imdsv2, [resource(LAUNCH_TEMPLATE, "x", props)]);
  });
  it("holds if nobody answers at all", () =>
    holds(imdsv2, [resource(INSTANCE, "x", { metadataOptions: { httpEndpoint: "disabled" } })]));
  for (const metadataOptions of [undefined, {}, { httpTokens: "optional" }]) {
    it(`breaks for ${JSON.stringify(metadataOptions)}`, () =>
      breaks(imdsv2, [resource(INSTANCE, "x", { metadataOptions })], /set it to "required"/, "x"));
  }
  it("can't tell an unknown value, and doesn't fail open", () =>
    cannotTell(
      imdsv2,
      [resource(INSTANCE, "x", { metadataOptions: { httpTokens: UNKNOWN } })],
      /isn't known before the update/,
    ));
  it("has nothing to say of other types", () => {
    assert.equal(imdsv2.eachResource, true);
    holds(imdsv2, [resource("aws:sns/topic:Topic", "x", {})]);
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
    holds(rule, [place, ...group("false", place)]);
  });
  it("holds for public addresses in a public subnet", () => {
    const place = subnet("public", { mapPublicIpOnLaunch: true });
    holds(rule, [...published(place), ...group("true", place)]);
  });
  it("holds for the gateways", () => holds(rule, gatewayStack(["us-east-1a", "us-east-1b"])));
  it("breaks for a public address in a private subnet", () => {
    const place = subnet("private");
    breaks(rule, [place, ...group("true", place)], /app runs in private but asks for a public address/, "app");
  });
  it("breaks for a private subnet that gives public addresses", () =>
    breaks(rule, [subnet("private", { mapPublicIpOnLaunch: true })], /set mapPublicIpOnLaunch to false/, "private"));
  it("can't tell if the subnet can't be determined, and doesn't fail open", () => {
    const [template = subnet("")] = group("true", subnet("private"));
    const lost = resource(GROUP, "app", { vpcZoneIdentifiers: [UNKNOWN] }, { launchTemplate: template });
    cannotTell(rule, [template, lost], /whether its subnets are public can't be determined/, "app");
  });
});
