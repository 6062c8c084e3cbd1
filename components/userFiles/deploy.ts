import * as pulumi from "@pulumi/pulumi";
import { Foundation, StackOutputs } from "../common/foundation";
import { UserFiles } from "./userFiles";
import { UserFilesArgs } from "./userFilesArgs";

/** User files as configured. */
export interface UserFilesConfig extends Omit<UserFilesArgs, "stack" | "partner" | "topicArn"> {
  readonly name: string;
}

/** The user files of a stack, made known to what is deployed after them. */
export function deployUserFiles(
  configs: readonly UserFilesConfig[],
  { connections, partner, shared }: Foundation,
): StackOutputs {
  const buckets = configs.map(({ name, ...config }) => {
    const files = new UserFiles(name, { ...config, partner, stack: pulumi.getStack(), topicArn: shared.topicArn });
    connections.userFiles.offer(name, files.offering);
    return [name, files.bucketName] as const;
  });
  if (partner === undefined) {
    // A preview says it, since nobody would notice before the Region is lost.
    void pulumi.log.info("user files are in one Region alone: nplusone:partner would have them in two");
  }
  return { userFilesBuckets: Object.fromEntries(buckets) };
}
