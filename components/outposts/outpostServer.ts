import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { arn, placeOf } from "../common/place";

/** Arguments of `OutpostServer`. */
export interface OutpostServerArgs {
  /** Id (`op-…`) or ARN of the Outpost. An id is taken for one of this account and Region. */
  readonly outpost: string;
  /** Existing subnets on the server. */
  readonly subnetIds: readonly string[];
  /** A subnet to make on the server: its range and the zone that the Outpost is anchored to. @default none */
  readonly subnet?: { readonly cidrBlock: string; readonly availabilityZone: string };
  /** The VPC of the subnet to make. */
  readonly vpcId: pulumi.Input<string>;
  /** How many instances of each type the server holds. */
  readonly capacity: Readonly<Record<string, number>>;
}

/** An Outposts server that workloads run on: what the pairs need to know of it, and its subnet if it has none. Free. */
export class OutpostServer extends pulumi.ComponentResource {
  /** Name in the configuration. */
  readonly serverName: string;
  readonly outpostId: string;
  readonly outpostArn: pulumi.Output<string>;
  readonly subnetIds: readonly pulumi.Output<string>[];
  readonly capacity: Readonly<Record<string, number>>;

  constructor(name: string, args: OutpostServerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:OutpostServer", name, {}, opts);
    this.serverName = name;
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
        mapPublicIpOnLaunch: false,
        tags: { Name: `${name}-outpost`, SubnetType: "Outpost" },
      },
      { parent: this },
    );
  }
}
