/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever the engine sends */
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import * as provider from "@pulumi/pulumi/provider";

/**
 * Stands in for `awsx.ec2.Vpc` where the CIDR blocks are given and there are no NAT gateways: the same children under
 * the same names (`net-private-1`), and the outputs that the program reads.
 */
class Vpc extends pulumi.ComponentResource {
  readonly state: pulumi.Inputs;

  constructor(name: string, args: any, opts: pulumi.ComponentResourceOptions) {
    super("awsx:ec2:Vpc", name, {}, opts);
    const vpc = new aws.ec2.Vpc(
      name,
      {
        cidrBlock: args.cidrBlock,
        enableDnsHostnames: args.enableDnsHostnames,
        enableDnsSupport: args.enableDnsSupport,
        tags: { Name: name, ...args.tags },
      },
      { parent: this },
    );
    const internetGateway = new aws.ec2.InternetGateway(
      name,
      { vpcId: vpc.id, tags: { Name: name, ...args.tags } },
      { parent: vpc, dependsOn: [vpc] },
    );
    const zones: string[] = args.availabilityZoneNames;
    const parts = zones.flatMap((zone, i) =>
      args.subnetSpecs.map((spec: any) => subnet(name, vpc, internetGateway, zone, i, spec)),
    );
    const idsOf = (type: string) => parts.filter((p) => p.type === type).map((p) => p.subnet.id);
    this.state = {
      vpc,
      vpcId: vpc.id,
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
  vpc: aws.ec2.Vpc,
  internetGateway: aws.ec2.InternetGateway,
  availabilityZone: string,
  index: number,
  spec: any,
) {
  const name = `${vpcName}-${spec.name}-${index + 1}`;
  const tags = { Name: name, SubnetType: spec.type, ...spec.tags };
  const part = new aws.ec2.Subnet(
    name,
    {
      vpcId: vpc.id,
      availabilityZone,
      cidrBlock: spec.cidrBlocks[index],
      mapPublicIpOnLaunch: spec.type === "Public",
      tags,
    },
    { parent: vpc, dependsOn: [vpc] },
  );
  const routeTable = new aws.ec2.RouteTable(name, { vpcId: vpc.id, tags }, { parent: part, dependsOn: [part] });
  const association = new aws.ec2.RouteTableAssociation(
    name,
    { routeTableId: routeTable.id, subnetId: part.id },
    { parent: routeTable, dependsOn: [routeTable] },
  );
  const toInternet = () =>
    new aws.ec2.Route(
      name,
      { routeTableId: routeTable.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: internetGateway.id },
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

const plugin: provider.Provider = {
  version: "3.9.0",
  async construct(name, type, inputs, options) {
    if (type !== "awsx:ec2:Vpc") {
      throw new Error(`the rehearsal doesn't know ${type}: add it to local/plugins/awsx/main.ts`);
    }
    const vpc = new Vpc(name, await plain(inputs), options);
    return { urn: vpc.urn, state: vpc.state };
  },
};

/** The inputs of `awsx.ec2.Vpc` that the program gives are plain values in an output's clothing. */
async function plain(inputs: pulumi.Inputs): Promise<any> {
  return (pulumi.output(inputs) as any).promise();
}

void provider.main(plugin, process.argv.slice(2));
