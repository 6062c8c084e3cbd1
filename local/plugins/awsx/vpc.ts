/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever the engine sends */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Within a zone awsx lists subnets in this order, whatever the order of the specs. */
const TYPES = ["Public", "Private", "Isolated"];

/** The specs of a zone's subnets in awsx's order. */
export const inOrder = (specs: readonly any[]): any[] =>
  [...specs].sort((a, b) => TYPES.indexOf(a.type) - TYPES.indexOf(b.type));

/**
 * The tags of a subnet and of its route table: as for everything of the VPC, but `Name` and `SubnetType` are awsx's own,
 * and only the subnet gets its spec's.
 */
export function subnetTags(vpcName: string, tags: object | undefined, name: string, spec: any) {
  const shared = { Name: vpcName, ...tags };
  const own = { Name: name, SubnetType: spec.type };
  return { subnet: { ...shared, ...spec.tags, ...own }, routeTable: { ...shared, ...own } };
}

/** @throws if the arguments ask for something that the stand-in doesn't make. */
function refuseUnknown(name: string, args: any): void {
  const strategy = args.natGateways?.strategy ?? "OnePerAz";
  const unknown = [
    ...(strategy === "None" ? [] : [`natGateways.strategy ${strategy}`]),
    ...(args.availabilityZoneNames ? [] : ["no availabilityZoneNames"]),
    ...(args.vpcEndpointSpecs?.length ? ["vpcEndpointSpecs"] : []),
    ...((args.subnetSpecs ?? []).every((s: any) => s.cidrBlocks) && args.subnetSpecs
      ? []
      : ["subnets without cidrBlocks"]),
  ];
  if (unknown.length > 0) {
    throw new Error(
      `the rehearsal doesn't make awsx.ec2.Vpc ${name} with ${unknown.join(", ")}: add it to local/plugins/awsx/vpc.ts`,
    );
  }
}

/**
 * Stands in for `awsx.ec2.Vpc` where the CIDR blocks are given and there are no NAT gateways: the same children under
 * the same names (`net-private-1`) with the same properties, in the same order, and the outputs that the program reads.
 * As in awsx (github.com/pulumi/pulumi-awsx, awsx/ec2/vpc.ts).
 */
export class Vpc extends pulumi.ComponentResource {
  readonly state: pulumi.Inputs;

  constructor(name: string, args: any, opts: pulumi.ComponentResourceOptions) {
    super("awsx:ec2:Vpc", name, {}, opts);
    refuseUnknown(name, args);
    const { region } = args;
    const tags = { Name: name, ...args.tags };
    const vpc = new aws.ec2.Vpc(name, { ...args, tags }, { parent: this });
    const internetGateway = new aws.ec2.InternetGateway(
      name,
      { vpcId: vpc.id, region, tags },
      { parent: vpc, dependsOn: [vpc] },
    );
    const zones: string[] = args.availabilityZoneNames;
    const parts = zones.flatMap((zone, i) =>
      inOrder(args.subnetSpecs).map((spec) => subnet(name, args, vpc, internetGateway, zone, i, spec)),
    );
    const idsOf = (type: string) => parts.filter((p) => p.type === type).map((p) => p.subnet.id);
    this.state = {
      vpc,
      // Whoever needs the VPC waits for its subnets.
      vpcId: pulumi.all([vpc.id, ...parts.map((p) => p.subnet.id)]).apply(([id]) => id),
      internetGateway,
      subnets: parts.map((p) => p.subnet),
      routeTables: parts.map((p) => p.routeTable),
      routeTableAssociations: parts.map((p) => p.association),
      routes: parts.flatMap((p) => p.routes),
      publicSubnetIds: idsOf("Public"),
      privateSubnetIds: idsOf("Private"),
      isolatedSubnetIds: idsOf("Isolated"),
      natGateways: [],
      eips: [],
      vpcEndpoints: [],
    };
    this.registerOutputs(this.state);
  }
}

function subnet(
  vpcName: string,
  { region, tags: vpcTags }: any,
  vpc: aws.ec2.Vpc,
  internetGateway: aws.ec2.InternetGateway,
  availabilityZone: string,
  index: number,
  spec: any,
) {
  const name = `${vpcName}-${spec.name ?? spec.type.toLowerCase()}-${index + 1}`;
  const tags = subnetTags(vpcName, vpcTags, name, spec);
  const part = new aws.ec2.Subnet(
    name,
    {
      vpcId: vpc.id,
      region,
      availabilityZone,
      cidrBlock: spec.cidrBlocks[index],
      mapPublicIpOnLaunch: spec.type === "Public",
      assignIpv6AddressOnCreation: spec.assignIpv6AddressOnCreation ?? false,
      tags: tags.subnet,
    },
    { parent: vpc, dependsOn: [vpc] },
  );
  const routeTable = new aws.ec2.RouteTable(
    name,
    { vpcId: vpc.id, region, tags: tags.routeTable },
    { parent: part, dependsOn: [part] },
  );
  const association = new aws.ec2.RouteTableAssociation(
    name,
    { routeTableId: routeTable.id, subnetId: part.id, region },
    { parent: routeTable, dependsOn: [routeTable] },
  );
  const toInternet = () =>
    new aws.ec2.Route(
      name,
      { routeTableId: routeTable.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: internetGateway.id, region },
      { parent: routeTable, dependsOn: [routeTable] },
    );
  return {
    type: spec.type,
    subnet: part,
    routeTable,
    association,
    routes: spec.type === "Public" ? [toInternet()] : [],
  };
}
