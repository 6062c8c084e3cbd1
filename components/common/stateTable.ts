import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of `StateTable`. */
export interface StateTableArgs {
  /** ARN of the KMS key that encrypts the table. */
  readonly kmsKeyArn: pulumi.Input<string>;
}

/** What callbacks do with the table. A transaction needs what it is made of. */
export type StateTableAction = "GetItem" | "Query" | "UpdateItem";

/**
 * The DynamoDB table in which a stack's callbacks remember what people have been told and which outage is being worked
 * on: partition key `system`, sort key `subject`, time to live `expiresAt` (seconds since 1970). On demand and nearly
 * idle: cents a month.
 */
export class StateTable extends pulumi.ComponentResource {
  /** Name of the table. */
  readonly tableName: pulumi.Output<string>;
  /** ARN of the table. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: StateTableArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:StateTable", name, {}, opts);
    const table = new aws.dynamodb.Table(
      `${name}-table`,
      {
        billingMode: "PAY_PER_REQUEST",
        attributes: [
          { name: "system", type: "S" },
          { name: "subject", type: "S" },
        ],
        hashKey: "system",
        rangeKey: "subject",
        ttl: { attributeName: "expiresAt", enabled: true },
        pointInTimeRecovery: { enabled: true },
        serverSideEncryption: { enabled: true, kmsKeyArn: args.kmsKeyArn },
      },
      { parent: this },
    );
    this.tableName = table.name;
    this.arn = table.arn;
    this.registerOutputs({ tableName: this.tableName, arn: this.arn });
  }

  /** Allows actions on what some systems remember, and on nothing else that is in the table. */
  statements(systems: readonly string[], actions: readonly StateTableAction[]): aws.iam.PolicyStatement[] {
    return [
      {
        Effect: "Allow",
        Action: actions.map((action) => `dynamodb:${action}`),
        Resource: this.arn,
        Condition: { "ForAllValues:StringEquals": { "dynamodb:LeadingKeys": [...systems] } },
      },
    ];
  }
}
