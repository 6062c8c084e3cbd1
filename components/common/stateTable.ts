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
 * on: partition key `system`, sort key `subject`, time to live `expiresAt` (seconds since 1970). Without it a second
 * restart or relaunch for the same outage could happen, so it is protected twice: Pulumi doesn't destroy it, and DynamoDB
 * refuses its deletion (docs/decisions.md says how to get rid of it). On demand: $0.125 for a million reads and $0.625
 * for a million writes; a gateway reads once a minute, 43,800 x $0.125 / 1,000,000 = $0.006 a month.
 *
 * @example
 * const stateTable = new StateTable("state", { kmsKeyArn: key.arn });
 * const statements = stateTable.statements(["gateway/main"], ["Query", "UpdateItem"]);
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
        deletionProtectionEnabled: true,
      },
      { parent: this, protect: true },
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
