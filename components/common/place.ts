import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Where resources are made: what their ARNs begin with. */
export interface Place {
  /** `aws`, `aws-us-gov` or `aws-cn`. */
  readonly partition: pulumi.Output<string>;
  /** E.g. `eu-west-1`. */
  readonly region: pulumi.Output<string>;
  /** Twelve digits. */
  readonly account: pulumi.Output<string>;
}

const places = new WeakMap<object, Place>();

/** Where a component's resources are made. AWS is asked once for each stack and provider. */
export function placeOf(component: pulumi.Resource): Place {
  const provider = component.getProvider("aws:index/getRegion:getRegion");
  // Unit tests have no stack: there every component asks.
  const owner = provider ?? pulumi.runtime.getStackResource() ?? component;
  const place = places.get(owner) ?? lookUp(provider);
  places.set(owner, place);
  return place;
}

function lookUp(provider: pulumi.ProviderResource | undefined): Place {
  return {
    partition: aws.getPartitionOutput({}, { provider }).partition,
    region: aws.getRegionOutput({}, { provider }).region,
    account: aws.getCallerIdentityOutput({}, { provider }).accountId,
  };
}

/** The ARN of something in a place's account and Region. */
export function arn(
  { partition, region, account }: Place,
  service: string,
  resource: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.interpolate`arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** The ARN of something that belongs to no account of ours: public images, health checks. */
export function publicArn(
  { partition }: Place,
  service: string,
  region: pulumi.Input<string>,
  resource: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.interpolate`arn:${partition}:${service}:${region}::${resource}`;
}
