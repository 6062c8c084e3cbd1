import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { NetworkZone } from "../common/foundation";
import { placeOf } from "../common/place";
import { planSubnets, SubnetCidrBlocks } from "./cidrPlan";
import { NetworkAcls } from "./networkAcls";

/** Arguments of `Network`. */
export interface NetworkArgs {
  /** IPv4 range of the VPC, a /16 to /22. */
  readonly cidrBlock: string;
  /** Names of 2 to 6 Availability Zones. Their order is the order in which zones back each other up. */
  readonly availabilityZones: readonly string[];
  /** Subnet ranges, one a zone for each kind. @default the VPC's range cut by `planSubnets` */
  readonly subnetCidrBlocks?: SubnetCidrBlocks;
  /** Services reached by a gateway endpoint, e.g. `s3` and `dynamodb`: free. */
  readonly gatewayEndpoints: readonly string[];
  /** Services reached by an interface endpoint in every zone, e.g. `ssm`: about $7.50 a zone a month. */
  readonly interfaceEndpoints: readonly string[];
  /** What network ACLs admit. @default there are none: everything may pass that security groups admit */
  readonly networkAcls?: {
    /** TCP ports of the public subnets that can be reached from outside. */
    readonly publicPorts: readonly number[];
  };
  /** Days that flow logs are kept. */
  readonly flowLogRetentionDays: number;
  /** ARN of the KMS key that encrypts the flow logs. */
  readonly kmsKeyArn: pulumi.Input<string>;
}

/** The kinds of subnet in each zone, in the order in which awsx makes them. */
const SUBNET_TYPES = ["Public", "Private", "Isolated"] as const;

/**
 * A VPC over several Availability Zones with a public, a private and an isolated subnet in each, without NAT gateways:
 * private subnets have a route table of their own whose default route is left to a gateway. The VPC's default security
 * group admits nothing. Flow logs cost $0.50 a GB, which is about 10 million flows; an interface endpoint $0.01 an hour
 * in each zone, so 730 h x $0.01 x 3 zones = $21.90 a month; gateway endpoints and the rest are free.
 *
 * @example
 * const network = new Network("net", {
 *   cidrBlock: "10.20.0.0/16",
 *   availabilityZones: ["us-east-1a", "us-east-1b"],
 *   kmsKeyArn: key.arn,
 * });
 */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly cidrBlock: string;
  /** One entry a zone, in the order of `availabilityZones`. */
  readonly zones: readonly NetworkZone[];

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:Network", name, {}, opts);
    this.cidrBlock = args.cidrBlock;

    const vpc = this.createVpc(name, args);
    this.vpcId = vpc.vpcId;
    this.zones = this.zonesOf(vpc, args.availabilityZones);
    this.closeDefaultSecurityGroup(name);
    this.createNetworkAcls(name, args);
    this.createFlowLogs(name, args);
    this.createGatewayEndpoints(name, args);
    this.createInterfaceEndpoints(name, args);

    this.registerOutputs({ vpcId: this.vpcId, zones: this.zones });
  }

  private createVpc(name: string, args: NetworkArgs): awsx.ec2.Vpc {
    const blocks = args.subnetCidrBlocks ?? planSubnets(args.cidrBlock, args.availabilityZones.length);
    const ranges = { Public: blocks.public, Private: blocks.private, Isolated: blocks.isolated };
    return new awsx.ec2.Vpc(
      name,
      {
        cidrBlock: args.cidrBlock,
        availabilityZoneNames: [...args.availabilityZones],
        enableDnsHostnames: true,
        enableDnsSupport: true,
        natGateways: { strategy: awsx.ec2.NatGatewayStrategy.None },
        subnetStrategy: awsx.ec2.SubnetAllocationStrategy.Auto,
        subnetSpecs: SUBNET_TYPES.map((type) => ({
          type: awsx.ec2.SubnetType[type],
          name: type.toLowerCase(),
          cidrBlocks: [...ranges[type]],
        })),
      },
      { parent: this },
    );
  }

  /** awsx lists subnets and route tables zone by zone, in the order of the specs. */
  private zonesOf(vpc: awsx.ec2.Vpc, availabilityZones: readonly string[]): NetworkZone[] {
    const index = (zone: number, type: (typeof SUBNET_TYPES)[number]) =>
      zone * SUBNET_TYPES.length + SUBNET_TYPES.indexOf(type);
    return availabilityZones.map((availabilityZone, i) => ({
      availabilityZone,
      publicSubnetId: idAt(vpc.subnets, index(i, "Public")),
      privateSubnetId: idAt(vpc.subnets, index(i, "Private")),
      isolatedSubnetId: idAt(vpc.subnets, index(i, "Isolated")),
      privateRouteTableId: idAt(vpc.routeTables, index(i, "Private")),
    }));
  }

  /** It can't be deleted, and what is started without a group gets it: it admits nothing and lets nothing out. */
  private closeDefaultSecurityGroup(name: string): void {
    new aws.ec2.DefaultSecurityGroup(`${name}-default`, { vpcId: this.vpcId }, { parent: this });
  }

  private createNetworkAcls(name: string, { cidrBlock, networkAcls }: NetworkArgs): void {
    if (networkAcls !== undefined) {
      const subnetIds = {
        public: this.zones.map((z) => z.publicSubnetId),
        private: this.zones.map((z) => z.privateSubnetId),
        isolated: this.zones.map((z) => z.isolatedSubnetId),
      };
      const { publicPorts } = networkAcls;
      new NetworkAcls(`${name}-acls`, { vpcId: this.vpcId, cidrBlock, publicPorts, subnetIds }, { parent: this });
    }
  }

  private createFlowLogs(name: string, args: NetworkArgs): void {
    const logGroup = new aws.cloudwatch.LogGroup(
      `${name}-flow-logs`,
      { retentionInDays: args.flowLogRetentionDays, kmsKeyId: args.kmsKeyArn },
      { parent: this },
    );
    const role = new aws.iam.Role(
      `${name}-flow-logs-role`,
      { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "vpc-flow-logs.amazonaws.com" }) },
      { parent: this },
    );
    new aws.iam.RolePolicy(
      `${name}-flow-logs-policy`,
      {
        role: role.id,
        policy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Action: ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"],
              Resource: [logGroup.arn, pulumi.interpolate`${logGroup.arn}:*`],
            },
          ],
        }),
      },
      { parent: role },
    );
    new aws.ec2.FlowLog(
      `${name}-flow-log`,
      {
        vpcId: this.vpcId,
        trafficType: "ALL",
        logDestinationType: "cloud-watch-logs",
        logDestination: logGroup.arn,
        iamRoleArn: role.arn,
      },
      { parent: this },
    );
  }

  private createGatewayEndpoints(name: string, args: NetworkArgs): void {
    const { region } = placeOf(this);
    for (const service of args.gatewayEndpoints) {
      new aws.ec2.VpcEndpoint(
        `${name}-${service}`,
        {
          vpcId: this.vpcId,
          vpcEndpointType: "Gateway",
          serviceName: pulumi.interpolate`com.amazonaws.${region}.${service}`,
          routeTableIds: this.zones.map((z) => z.privateRouteTableId),
        },
        { parent: this },
      );
    }
  }

  private createInterfaceEndpoints(name: string, args: NetworkArgs): void {
    const services = args.interfaceEndpoints;
    if (services.length === 0) {
      return;
    }
    const { region } = placeOf(this);
    const securityGroup = new aws.ec2.SecurityGroup(
      `${name}-endpoints`,
      {
        vpcId: this.vpcId,
        description: "Interface endpoints: HTTPS from within the VPC",
        ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: [this.cidrBlock], description: "HTTPS" }],
      },
      { parent: this },
    );
    for (const service of services) {
      new aws.ec2.VpcEndpoint(
        `${name}-${service}`,
        {
          vpcId: this.vpcId,
          vpcEndpointType: "Interface",
          serviceName: pulumi.interpolate`com.amazonaws.${region}.${service}`,
          subnetIds: this.zones.map((z) => z.privateSubnetId),
          securityGroupIds: [securityGroup.id],
          privateDnsEnabled: true,
        },
        { parent: this },
      );
    }
  }
}

/**
 * The id of one of a component's resources, depending on that resource alone. An output that is merely picked from the
 * list would depend on all of it, and then neither Pulumi nor a policy could tell which zone's resource is meant. The
 * list itself is always known: awsx returns references to its resources in previews too.
 */
function idAt(list: pulumi.Output<pulumi.CustomResource[]>, index: number): pulumi.Output<string> {
  const one = new Promise<pulumi.CustomResource>((resolve, reject) => {
    list.apply((all) => {
      const resource = all[index];
      if (resource === undefined) {
        reject(new Error(`awsx made ${all.length} resources, but number ${index + 1} is needed`));
      } else {
        resolve(resource);
      }
    });
  });
  return pulumi.output(one).apply((resource) => resource.id);
}
