import { EC2Client } from "@aws-sdk/client-ec2";
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** An EC2 client for what the provider can't look up, configured as the provider is. */
export async function ec2Client(): Promise<EC2Client> {
  const { region } = await aws.getRegion();
  return new EC2Client({ region, profile: new pulumi.Config("aws").get("profile") });
}
