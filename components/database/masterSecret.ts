import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { randomBytes } from "node:crypto";
import { rotationClients } from "../../lambdas/database/clients";
import { rotate, RotationEvent } from "../../lambdas/database/rotate";
import { Callback } from "../common/callback";
import { arn, placeOf } from "../common/place";

/** Arguments of `MasterSecret`. */
export interface MasterSecretArgs {
  /** Identifier of the instance whose master password it holds. */
  readonly identifier: string;
  /** The master user's name, which the secret holds too. */
  readonly masterUsername: string;
  /** ARN of the KMS key of the secret. */
  readonly keyArn: pulumi.Input<string>;
  /** ARN of the KMS key of the rotation's logs. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** ARN of the topic that hears of rotations that fail. */
  readonly topicArn: pulumi.Input<string>;
  /** Days after which the password is rotated. */
  readonly rotationDays: number;
  /** Where the secret is replicated to, and the key that encrypts it there. @default nowhere */
  readonly partner?: { readonly region: string; readonly kmsKeyArn: pulumi.Input<string> } | undefined;
}

/** Seconds within which RDS has to have taken over a new password, which takes it a minute as a rule. */
const ROTATION_TIMEOUT_SECONDS = 600;

/**
 * A database's own master password: a secret, replicated to the partner Region, that a function rotates at once and then
 * regularly. The password that the instance is made with is random, encrypted in Pulumi's state, and void after the first
 * rotation. A month: the secret and its replica 2 × $0.40, an alarm $0.10, so $0.90.
 *
 * @example
 * const secret = new MasterSecret("orders-master", {
 *   identifier: "prod-orders", masterUsername: "dbadmin", rotationDays: 30,
 *   keyArn: key.arn, kmsKeyArn: key.arn, topicArn: topic.arn,
 * });
 * secret.rotateFor(new aws.rds.Instance("orders", { ...inputs, password: secret.firstPassword }));
 */
export class MasterSecret extends pulumi.ComponentResource {
  /** ARN of the secret: `{"username": …, "password": …}`, as in those that RDS makes. */
  readonly secretArn: pulumi.Output<string>;
  /** What the instance is made with. */
  readonly firstPassword: pulumi.Output<string>;

  private readonly version: aws.secretsmanager.SecretVersion;

  constructor(
    private readonly name: string,
    private readonly args: MasterSecretArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:MasterSecret", name, {}, opts);
    this.firstPassword = pulumi.secret(randomBytes(16).toString("hex"));

    const secret = this.createSecret();
    this.version = this.createFirstVersion(secret);

    this.secretArn = secret.arn;
    this.registerOutputs({ secretArn: this.secretArn });
  }

  private createSecret(): aws.secretsmanager.Secret {
    const { identifier, keyArn, partner } = this.args;
    return new aws.secretsmanager.Secret(
      `${this.name}-secret`,
      {
        description: `Master user of ${identifier}`,
        kmsKeyId: keyArn,
        replicas: partner && [{ region: partner.region, kmsKeyId: partner.kmsKeyArn }],
      },
      { parent: this },
    );
  }

  private createFirstVersion(secret: aws.secretsmanager.Secret): aws.secretsmanager.SecretVersion {
    const { masterUsername: username } = this.args;
    return new aws.secretsmanager.SecretVersion(
      `${this.name}-first`,
      { secretId: secret.id, secretString: pulumi.jsonStringify({ username, password: this.firstPassword }) },
      // Each run makes up another password; the function owns it after the first.
      { parent: this, ignoreChanges: ["secretString"] },
    );
  }

  /** Rotates the password of the instance, for the first time as soon as it is there. */
  rotateFor(instance: aws.rds.Instance): void {
    const { rotationDays } = this.args;
    const callback = this.createCallback();
    const permission = new aws.lambda.Permission(
      `${this.name}-permission`,
      {
        function: callback.functionName,
        action: "lambda:InvokeFunction",
        principal: "secretsmanager.amazonaws.com",
        sourceAccount: placeOf(this).account,
      },
      { parent: this },
    );
    new aws.secretsmanager.SecretRotation(
      `${this.name}-rotation`,
      {
        secretId: this.version.secretId,
        rotationLambdaArn: callback.arn,
        rotationRules: { automaticallyAfterDays: rotationDays },
        rotateImmediately: true,
      },
      { parent: this, dependsOn: [permission, instance] },
    );
    this.createAlarm(callback);
  }

  private createCallback(): Callback<RotationEvent, { identifier: string }> {
    const { identifier, keyArn, kmsKeyArn } = this.args;
    return new Callback(
      `${this.name}-rotate`,
      {
        description: `Rotates the master password of ${identifier}`,
        settings: { identifier },
        clients: rotationClients,
        handler: rotate,
        statements: [
          {
            Effect: "Allow",
            Action: [
              "secretsmanager:DescribeSecret",
              "secretsmanager:GetSecretValue",
              "secretsmanager:PutSecretValue",
              "secretsmanager:UpdateSecretVersionStage",
            ],
            Resource: this.secretArn,
          },
          // It knows no resources.
          { Effect: "Allow", Action: "secretsmanager:GetRandomPassword", Resource: "*" },
          { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: keyArn },
          {
            Effect: "Allow",
            Action: ["rds:DescribeDBInstances", "rds:ModifyDBInstance"],
            Resource: arn(placeOf(this), "rds", `db:${identifier}`),
          },
        ],
        kmsKeyArn,
        timeoutSeconds: ROTATION_TIMEOUT_SECONDS,
      },
      { parent: this },
    );
  }

  /** Secrets Manager tries again by itself, and tells nobody. */
  private createAlarm(callback: Callback): void {
    const { identifier, topicArn } = this.args;
    new aws.cloudwatch.MetricAlarm(
      `${this.name}-rotation-fails`,
      {
        alarmDescription: `The master password of ${identifier} could not be rotated; docs/runbooks/database.md says what to do`,
        namespace: "AWS/Lambda",
        metricName: "Errors",
        dimensions: { FunctionName: callback.functionName },
        statistic: "Sum",
        period: 300,
        evaluationPeriods: 1,
        threshold: 0,
        comparisonOperator: "GreaterThanThreshold",
        treatMissingData: "notBreaching",
        alarmActions: [topicArn],
        okActions: [topicArn],
      },
      { parent: this },
    );
  }
}
