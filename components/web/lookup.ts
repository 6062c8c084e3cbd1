import { DescribeImagesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { ec2Client } from "../common/ec2Client";
import { architectureOf } from "../common/image";
import { ConfigProblem } from "../common/problems";

/** What of a tier's configuration AWS has to have. */
export interface TierNames {
  readonly imageId?: string;
  readonly instanceType: string;
}

/**
 * Asks EC2, before anything is registered, whether the images that tiers name are there and run on their instance types.
 * @returns what is wrong, all of it. Never throws.
 */
export async function lookUpTiers(tiers: readonly TierNames[]): Promise<ConfigProblem[]> {
  if (tiers.every(({ imageId }) => imageId === undefined)) {
    return [];
  }
  const ec2 = await ec2Client();
  const found = await Promise.all(tiers.map((tier) => problemOf(tier, ec2)));
  return found.flatMap((problem, i) =>
    problem === undefined ? [] : [{ path: ["web", i, problem.property], message: problem.message }],
  );
}

async function problemOf(
  { imageId, instanceType }: TierNames,
  ec2: EC2Client,
): Promise<{ property: keyof TierNames; message: string } | undefined> {
  if (imageId === undefined) {
    return undefined;
  }
  try {
    const { Images: [image] = [] } = await ec2.send(new DescribeImagesCommand({ ImageIds: [imageId] }));
    if (image === undefined) {
      return { property: "imageId", message: notThere(imageId) };
    }
    const offered = architectureOf(instanceType);
    return image.Architecture === offered
      ? undefined
      : {
          property: "instanceType",
          message: `expected a type of ${imageId}'s architecture ${image.Architecture}: ${instanceType} is ${offered}`,
        };
  } catch (error) {
    const { name, message } = error as Error;
    return {
      property: "imageId",
      message: /^InvalidAMIID/.test(name) ? notThere(imageId) : `${imageId} can't be looked up: ${message}`,
    };
  }
}

const notThere = (imageId: string) =>
  `expected an image that is there and shared with this account: there is no ${imageId} in this Region`;
