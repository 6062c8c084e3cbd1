import {
  CreateSubnetCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  Tag,
  TagSpecification,
} from "@aws-sdk/client-ec2";
import { CreateHostedZoneCommand, ListHostedZonesByNameCommand, Route53Client } from "@aws-sdk/client-route-53";

/** The image of everything that runs before the stack: one that moto knows. */
export const IMAGE_ID = "ami-12c6146b";

/** The tag by which a thing is found again that is there for the one with this id in a stack's file. */
const STANDS_FOR = "nplusone:stands-for";

/** The tags of a thing that is there for the one with this id. */
export const standsFor = (id: string): Tag[] => [{ Key: STANDS_FOR, Value: id }];

/** Filters that find the thing that is there for the one with this id. */
const standingFor = (id: string) => [{ Name: `tag:${STANDS_FOR}`, Values: [id] }];

/** Makes something, and is content if it is there already. */
export async function unlessThere(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (error) {
    if (!/already|exists|PerInstanceProfile/i.test(String(error))) {
      throw error;
    }
  }
}

/** The id of the subnet that is there for an existing one: in the Region's default VPC, whose upper half is free. */
export async function subnetFor(ec2: EC2Client, id: string): Promise<string> {
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters: standingFor(id) }));
  return Subnets[0]?.SubnetId ?? (await createSubnet(ec2, id));
}

async function createSubnet(ec2: EC2Client, id: string): Promise<string> {
  const VpcId = await defaultVpc(ec2);
  const inVpc = [{ Name: "vpc-id", Values: [VpcId] }];
  const { Subnets = [] } = await ec2.send(new DescribeSubnetsCommand({ Filters: inVpc }));
  const tags: TagSpecification[] = [{ ResourceType: "subnet", Tags: standsFor(id) }];
  const CidrBlock = `172.31.${128 + Subnets.length}.0/24`;
  try {
    const { Subnet } = await ec2.send(new CreateSubnetCommand({ VpcId, CidrBlock, TagSpecifications: tags }));
    return Subnet?.SubnetId ?? "";
  } catch (error) {
    // Another system has just made one of its own.
    if ((error as Error).name === "InvalidSubnet.Conflict") {
      return createSubnet(ec2, id);
    }
    throw error;
  }
}

/** The id of the VPC that moto, like AWS, has in every Region. */
export async function defaultVpc(ec2: EC2Client): Promise<string> {
  const isDefault = [{ Name: "is-default", Values: ["true"] }];
  const { Vpcs = [] } = await ec2.send(new DescribeVpcsCommand({ Filters: isDefault }));
  return Vpcs[0]?.VpcId ?? "";
}

/** The hosted zones that are being made or are there, by name: stacks and systems that ask for one at once get the same. */
const zones = new Map<string, Promise<string>>();

/** The id of the hosted zone that is there for an existing one, to which a domain belongs. */
export function zoneFor(route53: Route53Client, zoneId: string, domainName = "example.com"): Promise<string> {
  const name = domainName.split(".").slice(-2).join(".");
  const zone = zones.get(name) ?? makeZone(route53, zoneId, name);
  zones.set(name, zone);
  return zone;
}

async function makeZone(route53: Route53Client, zoneId: string, Name: string): Promise<string> {
  const { HostedZones: [there] = [] } = await route53.send(new ListHostedZonesByNameCommand({ DNSName: Name }));
  const known = there?.Name === `${Name}.` ? there : undefined;
  const { Id = "" } =
    known ?? (await route53.send(new CreateHostedZoneCommand({ Name, CallerReference: zoneId }))).HostedZone ?? {};
  return Id.split("/").pop() ?? "";
}
