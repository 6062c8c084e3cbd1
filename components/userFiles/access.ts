import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Offering } from "../common/connections";

/** One Region's bucket as tasks see it. */
export interface Reach {
  readonly region: pulumi.Input<string>;
  readonly bucketName: pulumi.Input<string>;
  readonly bucketArn: pulumi.Input<string>;
  /** The key: its own ARN, or all of the Region's keys that an alias belongs to. */
  readonly key: { readonly arn: pulumi.Input<string>; readonly alias?: pulumi.Input<string> };
}

/**
 * What a task needs: its own Region's bucket to read from and write to, and the other Region's to read what hasn't come yet.
 */
export function accessTo(own: Reach, other: Reach | undefined): Offering {
  return {
    environment: {
      USER_FILES_BUCKET: own.bucketName,
      USER_FILES_REGION: own.region,
      ...(other && { USER_FILES_PARTNER_BUCKET: other.bucketName, USER_FILES_PARTNER_REGION: other.region }),
    },
    statements: [
      ...statementsOf(
        own,
        ["s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload"],
        ["kms:Decrypt", "kms:GenerateDataKey"],
      ),
      ...(other ? statementsOf(other, ["s3:GetObject"], ["kms:Decrypt"]) : []),
    ],
  };
}

function statementsOf(
  { bucketArn, key, region }: Reach,
  onObjects: string[],
  onKey: string[],
): aws.iam.PolicyStatement[] {
  return [
    { Effect: "Allow", Action: onObjects, Resource: pulumi.interpolate`${bucketArn}/*` },
    // Without it, S3 says of a file that isn't there that access is denied.
    { Effect: "Allow", Action: "s3:ListBucket", Resource: bucketArn },
    {
      Effect: "Allow",
      Action: onKey,
      Resource: key.arn,
      Condition: {
        StringEquals: { "kms:ViaService": pulumi.interpolate`s3.${region}.amazonaws.com` },
        ...(key.alias === undefined ? {} : { "ForAnyValue:StringEquals": { "kms:ResourceAliases": key.alias } }),
      },
    },
  ];
}
