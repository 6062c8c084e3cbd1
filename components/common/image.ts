import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** What instances can be of: AWS's own words. */
export type Architecture = "arm64" | "x86_64";

/**
 * The architecture of an instance type, by its name: Graviton types have a g behind the generation.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
export function architectureOf(instanceType: string): Architecture {
  return /^(a1|[a-z]+\d+g[a-z]*)\./.test(instanceType) ? "arm64" : "x86_64";
}

/** A launch template's image, and the options that keep it. */
export interface PinnedImage {
  readonly imageId: pulumi.Input<string>;
  /** For the launch template's options. */
  readonly ignoreChanges: string[];
}

/** Names the SSM parameter by which AWS publishes an image. */
export type ImageParameter = (architecture: Architecture) => string;

/** Amazon Linux 2023. */
export const AMAZON_LINUX: ImageParameter = (architecture) =>
  `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${architecture}`;

/**
 * The image of a launch template: the one given, or AWS's own as it was when the template was made. The parameter names
 * another image every few weeks; ignoring that is what keeps an unrelated `pulumi up` from replacing every instance. To
 * go on to another image, give it.
 */
export function pinnedImage(
  { imageId, instanceType }: { readonly imageId?: string; readonly instanceType: string },
  parameter: ImageParameter,
  parent: pulumi.Resource,
): PinnedImage {
  if (imageId !== undefined) {
    return { imageId, ignoreChanges: [] };
  }
  const name = parameter(architectureOf(instanceType));
  return { imageId: aws.ssm.getParameterOutput({ name }, { parent }).value, ignoreChanges: ["imageId"] };
}
