import * as pulumi from "@pulumi/pulumi";
import { createPrivateBucket, PrivateBucket, PrivateBucketArgs } from "./privateBucket";

/** Arguments of `createLogBucket`. */
export interface LogBucketArgs extends Pick<PrivateBucketArgs, "kmsKeyArn"> {
  /** Days that log files are kept. */
  readonly retentionDays: number;
  /** Who may deliver, and what else the bucket's policy says. */
  readonly statements: NonNullable<PrivateBucketArgs["statements"]>;
}

/** Days for which a log file that was deleted or overwritten can still be had back. */
const NONCURRENT_DAYS = 30;

/** Makes a private bucket for log files, which end. What delivers into it has to wait for its policy. */
export function createLogBucket(
  name: string,
  { retentionDays: days, ...args }: LogBucketArgs,
  opts: pulumi.CustomResourceOptions,
): Pick<PrivateBucket, "bucket" | "policy"> {
  const lifecycle = {
    id: "expire",
    status: "Enabled",
    filter: {},
    expiration: { days },
    noncurrentVersionExpiration: { noncurrentDays: NONCURRENT_DAYS },
    abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
  };
  return createPrivateBucket(name, { ...args, lifecycle }, opts);
}
