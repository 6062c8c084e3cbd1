import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, placeOf } from "../common/place";

/** Arguments of `OutpostServer`. */
export interface OutpostServerArgs {
  /** Id (`op-…`) or ARN of the Outpost. An id is taken for one of this account and Region. */
  readonly outpost: string;
  /** Existing subnets on the server. */
  readonly subnetIds: readonly string[];
  /**
   * A subnet to make on the server: its range and the zone that the Outpost is anchored to. Instances there can have a
   * local network interface, with device index 1. @default none
   */
  readonly subnet?: { readonly cidrBlock: string; readonly availabilityZone: string };
  /** The VPC of the subnet to make. */
  readonly vpcId: pulumi.Input<string>;
  /** How many instances of each type the server holds. */
  readonly capacity: Readonly<Record<string, number>>;
}

/**
 * The device index of instances' local network interfaces in subnets made here: the second one, as in AWS's examples.
 * https://docs.aws.amazon.com/outposts/latest/server-userguide/local-network-interface.html
 */
const LOCAL_INTERFACE_INDEX = 1;

/**
 * An Outposts server that workloads run on: what the pairs need to know of it, and its subnet if it has none. Free.
 *
 * @example
 * new OutpostServer("store-a", {
 *   outpost: "op-0a1b2c3d4e5f60718",
 *   subnet: { cidrBlock: "10.20.192.0/20", availabilityZone: "us-east-1a" },
 *   subnetIds: [],
 *   vpcId: vpc.id,
 *   capacity: { "c6id.large": 6 },
 * });
 */
export class OutpostServer extends pulumi.ComponentResource {
  /** Name in the configuration. */
  readonly serverName: string;
  /** Id or ARN, as configured: the Outposts API finds another account's only by its ARN. */
  readonly outpost: string;
  readonly outpostId: string;
  readonly outpostArn: pulumi.Output<string>;
  readonly subnetIds: readonly pulumi.Output<string>[];
  readonly capacity: Readonly<Record<string, number>>;

  constructor(name: string, args: OutpostServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:OutpostServer", name, {}, opts);
    this.serverName = name;
    this.outpost = args.outpost;
    this.outpostId = args.outpost.split("/").pop() ?? args.outpost;
    this.capacity = args.capacity;
    this.outpostArn = this.arnOf(args.outpost);
    const made = args.subnet ? [this.createSubnet(name, args, args.subnet).id] : [];
    this.subnetIds = [...made, ...args.subnetIds.map((id) => pulumi.output(id))];
    this.registerOutputs({ outpostArn: this.outpostArn, subnetIds: this.subnetIds });
  }

  private arnOf(outpost: string): pulumi.Output<string> {
    if (outpost.startsWith("arn:")) {
      return pulumi.output(outpost);
    }
    return arn(placeOf(this), "outposts", `outpost/${outpost}`);
  }

  private createSubnet(
    name: string,
    args: OutpostServerArgs,
    subnet: NonNullable<OutpostServerArgs["subnet"]>,
  ): aws.ec2.Subnet {
    return new aws.ec2.Subnet(
      `${name}-outpost`,
      {
        vpcId: args.vpcId,
        cidrBlock: subnet.cidrBlock,
        availabilityZone: subnet.availabilityZone,
        outpostArn: this.outpostArn,
        enableLniAtDeviceIndex: LOCAL_INTERFACE_INDEX,
        mapPublicIpOnLaunch: false,
        tags: { Name: `${name}-outpost`, SubnetType: "Outpost" },
      },
      { parent: this },
    );
  }
}
