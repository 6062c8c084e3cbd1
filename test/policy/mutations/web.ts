import * as t from "../../../policy/core/graph";
import { ExportedResource } from "./deployment";
import { Mutation, set, Where } from "./mutate";

const list = (value: unknown): readonly Record<string, unknown>[] => (value ?? []) as Record<string, unknown>[];

const TIER: Where = { type: t.GROUP, is: (r) => list(r.outputs?.["targetGroupArns"]).length > 0 };
const TEMPLATE: Where = { type: t.LAUNCH_TEMPLATE, name: /-instances-template$/ };
const BALANCER: Where = { type: "aws:lb/loadBalancer:LoadBalancer" };
const admitsRanges = (r: ExportedResource) =>
  list(r.outputs?.["ingress"]).some(({ fromPort, cidrBlocks }) => fromPort === 22 && list(cidrBlocks).length > 0);
const BASTION_DOOR: Where = { type: "aws:ec2/securityGroup:SecurityGroup", is: admitsRanges };
const BASTION: Where = { type: t.GROUP, name: /bastion/ };

const NEED = "nplusone:required-instances";
const needs = (tags: unknown, value: unknown) => ({
  tags: list(tags).map((tag) => (tag["key"] === NEED ? { ...tag, value: String(value) } : tag)),
});
const door = (change: object) => ({
  ingress: [{ protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["203.0.113.0/24"], ...change }],
});
const first = (ids: unknown) => (ids as string[]).slice(0, 1);

/** Ways to break a web tier and its bastion. */
export const web: readonly Mutation[] = [
  { what: "a tier that doesn't say what it needs", rule: "groups-survive-the-loss-of-a-zone", says: /tag it nplusone:required-instances/, change: set(TIER, ({ tags }) => ({ tags: list(tags).filter(({ key }) => key !== NEED) })) }, // prettier-ignore
  { what: "a tier that needs all that it has", rule: "groups-survive-the-loss-of-a-zone", says: /carry the load: set minSize/, change: set(TIER, ({ tags, minSize }) => needs(tags, minSize)) }, // prettier-ignore
  { what: "a tier that needs nothing", rule: "groups-survive-the-loss-of-a-zone", says: /whole number, 1 or more/, change: set(TIER, ({ tags }) => needs(tags, 0)) }, // prettier-ignore
  { what: "a tier that may shrink to two", rule: "groups-survive-the-loss-of-a-zone", says: /left with 1 of 2 instances/, change: set(TIER, () => ({ minSize: 2 })) }, // prettier-ignore
  { what: "a tier that may shrink to one", rule: "enough-instances", says: /minSize 1/, change: set(TIER, () => ({ minSize: 1 })) }, // prettier-ignore
  { what: "a tier in one zone", rule: "workloads-span-zones", says: /Auto Scaling group .* runs only in/, change: set(TIER, ({ vpcZoneIdentifiers }) => ({ vpcZoneIdentifiers: first(vpcZoneIdentifiers) })) }, // prettier-ignore
  { what: "a tier that keeps what its balancer finds unhealthy", rule: "unhealthy-targets-are-replaced", says: /set it to "ELB"/, change: set(TIER, () => ({ healthCheckType: "EC2" })) }, // prettier-ignore
  { what: "instances with public addresses", rule: "private-workloads-have-no-public-ip", says: /asks for a public address/, change: set(TEMPLATE, () => ({ networkInterfaces: [{ deviceIndex: 0, associatePublicIpAddress: "true" }] })) }, // prettier-ignore
  { what: "instances that answer metadata without a token", rule: "instances-require-imdsv2", says: /httpTokens/, change: set(TEMPLATE, () => ({ metadataOptions: { httpTokens: "optional" } })) }, // prettier-ignore
  { what: "a balancer in one zone", rule: "workloads-span-zones", says: /load balancer .* runs only in/, change: set(BALANCER, ({ subnets }) => ({ subnets: first(subnets), subnetMappings: undefined })) }, // prettier-ignore
  { what: "a balancer that can be deleted", rule: "deletion-is-protected", says: /enableDeletionProtection/, change: set(BALANCER, () => ({ enableDeletionProtection: false })) }, // prettier-ignore
  { what: "a bastion that lets everybody in", rule: "internet-reaches-no-instance", says: /lets 0\.0\.0\.0\/0 in to tcp 22/, change: set(BASTION_DOOR, () => door({ cidrBlocks: ["0.0.0.0/0"] })) }, // prettier-ignore
  { what: "a bastion that lets half of everybody in", rule: "internet-reaches-no-instance", says: /lets 128\.0\.0\.0\/1 in/, change: set(BASTION_DOOR, () => door({ cidrBlocks: ["128.0.0.0/1"] })) }, // prettier-ignore
  { what: "a bastion that serves a page", rule: "enough-instances", says: /bastion.* has minSize 1/, change: set(BASTION_DOOR, () => door({ fromPort: 443, toPort: 443 })) }, // prettier-ignore
  { what: "a bastion in one zone", rule: "workloads-span-zones", says: /bastion.* runs only in/, change: set(BASTION, ({ vpcZoneIdentifiers }) => ({ vpcZoneIdentifiers: first(vpcZoneIdentifiers) })) }, // prettier-ignore
];
