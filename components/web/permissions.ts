import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { SESSION_STATEMENT } from "../common/instanceRole";
import { arn, Place } from "../common/place";

/** The secret of a database, and the key that encrypts it. */
export interface SecretToRead {
  readonly secretArn: pulumi.Input<string>;
  readonly secretKmsKeyArn: pulumi.Input<string>;
}

/** An instance of a tier: sessions, its own memory and disk, and its database's secret. */
export function instanceStatements(database: SecretToRead | undefined): aws.iam.PolicyStatement[] {
  return [
    SESSION_STATEMENT,
    {
      // Knows no resource-level permissions.
      Effect: "Allow",
      Action: "cloudwatch:PutMetricData",
      Resource: "*",
      Condition: { StringEquals: { "cloudwatch:namespace": "CWAgent" } },
    },
    // The agent learns its group's name by the instance's tags. Knows no resource-level permissions.
    { Effect: "Allow", Action: "ec2:DescribeTags", Resource: "*" },
    ...(database === undefined
      ? []
      : [
          { Effect: "Allow" as const, Action: "secretsmanager:GetSecretValue", Resource: database.secretArn },
          { Effect: "Allow" as const, Action: "kms:Decrypt", Resource: database.secretKmsKeyArn },
        ]),
  ];
}

/** A bastion: sessions, and its own address for itself. */
export function bastionStatements(
  place: Place,
  allocationId: pulumi.Input<string>,
  tag: { readonly key: string; readonly value: string },
): aws.iam.PolicyStatement[] {
  return [
    SESSION_STATEMENT,
    {
      Effect: "Allow",
      Action: "ec2:AssociateAddress",
      Resource: arn(place, "ec2", pulumi.interpolate`elastic-ip/${allocationId}`),
    },
    {
      Effect: "Allow",
      Action: "ec2:AssociateAddress",
      Resource: [arn(place, "ec2", "instance/*"), arn(place, "ec2", "network-interface/*")],
      Condition: { StringEquals: { [`aws:ResourceTag/${tag.key}`]: tag.value } },
    },
  ];
}
