import assert from "node:assert/strict";
import { PolicyResource } from "@pulumi/policy";
import { Graph, GROUP, INSTANCE, INTERNET_GATEWAY, LAUNCH_TEMPLATE, ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET } from "../../policy/core/graph"; // prettier-ignore
import { isBastion } from "../../policy/instances/bastion";
import { internetReachesNoInstance as rule } from "../../policy/instances/internetReachesNoInstance";
import { isInternet, SECURITY_GROUP } from "../../policy/instances/openings";
import { breaks, cannotTell, holds } from "./find";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

const subnet = resource(SUBNET, "public", { mapPublicIpOnLaunch: true });
const table = resource(ROUTE_TABLE, "public", {});
const internet = resource(INTERNET_GATEWAY, "internet", {});
const PUBLIC = [
  subnet,
  table,
  internet,
  resource(ROUTE_TABLE_ASSOCIATION, "public", {}, { subnetId: subnet, routeTableId: table }),
  resource(ROUTE, "out", { destinationCidrBlock: "0.0.0.0/0" }, { routeTableId: table, gatewayId: internet }),
];
const ssh = (...cidrBlocks: string[]) => [{ protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks }];
const admits = (ingress: unknown, refers: Record<string, PolicyResource> = {}) =>
  resource(SECURITY_GROUP, "door", { ingress }, refers);
const server = (door: PolicyResource, props: object = {}) =>
  resource(INSTANCE, "app", { subnetId: UNKNOWN, ...props }, { subnetId: subnet, vpcSecurityGroupIds: door });

describe("internet-reaches-no-instance", () => {
  const judged = (door: PolicyResource, props?: object) => [...PUBLIC, door, server(door, props)];

  it("breaks if everybody gets in at a public address, and says by which door", () => {
    breaks(rule, judged(admits(ssh("10.0.0.0/8", "0.0.0.0/0"))), /door lets 0\.0\.0\.0\/0 in to tcp 22: name/, "app");
    const all = [{ protocol: "-1", fromPort: 0, toPort: 0, ipv6CidrBlocks: ["::/0"] }];
    breaks(rule, judged(admits(all)), /lets ::\/0 in to all traffic/, "app");
  });
  it("holds for known ranges, other groups, pings, and what is some resource's own range", () => {
    holds(rule, judged(admits(ssh("198.51.100.0/24"))));
    holds(rule, judged(admits([{ protocol: "tcp", fromPort: 0, toPort: 65535, securityGroups: ["sg-1"] }])));
    holds(rule, judged(admits([{ protocol: "icmp", fromPort: 3, toPort: 4, cidrBlocks: ["0.0.0.0/0"] }])));
    holds(rule, judged(admits(ssh(UNKNOWN))));
    holds(rule, judged(admits(undefined)));
    holds(rule, judged(admits(UNKNOWN)));
  });
  it("holds without a public address, and where no route leads to the internet", () => {
    holds(rule, judged(admits(ssh("0.0.0.0/0")), { associatePublicIpAddress: false }));
    const open = admits(ssh("0.0.0.0/0"));
    holds(rule, [subnet, open, server(open, { associatePublicIpAddress: true })]);
  });
  it("sees an Elastic IP, of the instance or of its interface", () => {
    const door = admits(ssh("0.0.0.0/0"));
    const app = server(door, { associatePublicIpAddress: false });
    const address = resource("aws:ec2/eip:Eip", "address", {}, { instance: app });
    breaks(rule, [...PUBLIC, door, app, address], /can be reached by everybody/, "app");
    const nic = resource("aws:ec2/networkInterface:NetworkInterface", "nic", {}, { securityGroups: door });
    const template = resource(LAUNCH_TEMPLATE, "t", { networkInterfaces: [{}] }, { networkInterfaces: nic });
    const refers = { launchTemplate: template, vpcZoneIdentifiers: subnet };
    const group = resource(GROUP, "group", { launchTemplate: {} }, refers);
    const association = resource("aws:ec2/eipAssociation:EipAssociation", "a", {}, { networkInterfaceId: nic });
    breaks(rule, [...PUBLIC, door, nic, template, group, association], /can be reached by everybody/, "group");
  });
  it("can't tell groups that aren't this stack's, and lists that aren't known", () => {
    const foreign = resource(INSTANCE, "app", { vpcSecurityGroupIds: ["sg-1"] }, { subnetId: subnet });
    cannotTell(rule, [...PUBLIC, foreign], /sg-1 isn't this stack's: read it by aws\.ec2\.SecurityGroup\.get/, "app");
    const made = admits(UNKNOWN, { ingress: internet });
    cannotTell(rule, judged(made), /ingress of door isn't known before the update/, "app");
  });
  it("knows the whole internet when it is cut into pieces", () => {
    assert.deepEqual(["0.0.0.0/0", "128.0.0.0/1", "::/0", "2000::/3"].map(isInternet), [true, true, true, true]);
    assert.deepEqual(["10.0.0.0/8", "198.51.100.0/24", "2001:db8::/32"].map(isInternet), [false, false, false]);
  });
});

describe("a bastion", () => {
  const is = (ingress: unknown, props: object = {}) => {
    const door = admits(ingress);
    const template = resource(LAUNCH_TEMPLATE, "t", {}, { vpcSecurityGroupIds: door });
    const refers = { launchTemplate: template, vpcZoneIdentifiers: subnet };
    const group = resource(GROUP, "bastion", { minSize: 1, maxSize: 1, ...props }, refers);
    return isBastion(new Graph([...PUBLIC, door, template, group]), group);
  };
  it("is one of one to log on to, by whomever", () => {
    assert.ok(is(ssh("198.51.100.0/24")));
    assert.ok(is(ssh("0.0.0.0/0")));
  });
  it("is nothing that serves others, lets nobody in, or is more than one", () => {
    assert.ok(!is([{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["198.51.100.0/24"] }]));
    assert.ok(!is([{ protocol: "tcp", fromPort: 22, toPort: 443, cidrBlocks: ["198.51.100.0/24"] }]));
    assert.ok(!is([]));
    assert.ok(!is(ssh("198.51.100.0/24"), { maxSize: 2 }));
    assert.ok(!is(ssh("198.51.100.0/24"), { targetGroupArns: ["arn:tg"] }));
  });
});
