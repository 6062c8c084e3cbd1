import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DeadLetterQueue } from "../common/deadLetterQueue";
import { placeOf } from "../common/place";
import { machineStatements } from "./permissions";
import { StateMachineDefinition } from "./stateLanguage";

/** Arguments of `RecoveryMachine`. */
export interface RecoveryMachineArgs {
  /** The machine's name in Step Functions; functions that ask about its executions have to know it beforehand. */
  readonly machineName: string;
  /** The definition. It names functions by name, so that policies can read it in a preview. */
  readonly definition: pulumi.Input<StateMachineDefinition<string>>;
  /** ARNs of all functions that it may call. */
  readonly functionArns: pulumi.Input<string>[];
  /** ARN of the topic that hears of executions that don't end well, and of pages that no pager took. */
  readonly topicArn: pulumi.Input<string>;
  /** ARN of the KMS key for the executions' data, the logs and the dead letters. */
  readonly kmsKeyArn: pulumi.Input<string>;
}

/** How an execution can end without having told anybody, and what CloudWatch calls that. */
const BAD_ENDS = { failed: "ExecutionsFailed", "timed-out": "ExecutionsTimedOut", aborted: "ExecutionsAborted" };

/** Days that the machine's logs are kept. */
const LOG_RETENTION_DAYS = 90;

/**
 * A STANDARD state machine with logs of errors (without the executions' data), X-Ray, encryption by a named key, alarms
 * on executions that fail, time out or are aborted, and what EventBridge needs to start it. A month: 4 alarms × $0.10 =
 * $0.40; an execution of about 25 transitions × $0.025 / 1,000 = $0.0006.
 *
 * @example
 * new RecoveryMachine("recovery", { machineName: "prod-recovery", definition, functionArns: [check.arn], topicArn: topic.arn, kmsKeyArn: key.arn });
 */
export class RecoveryMachine extends pulumi.ComponentResource {
  readonly arn: pulumi.Output<string>;
  /** ARN of the role with which EventBridge rules start executions. */
  readonly startRoleArn: pulumi.Output<string>;
  /** ARN of the queue for events that could not start one. */
  readonly deadLetterQueueArn: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: RecoveryMachineArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:RecoveryMachine", name, {}, opts);
    const machine = this.createMachine();
    this.createAlarms(machine);
    this.arn = machine.arn;
    this.startRoleArn = this.createStartRole(machine);
    this.deadLetterQueueArn = this.createDeadLetterQueue();
    this.registerOutputs({ arn: this.arn });
  }

  private createMachine(): aws.sfn.StateMachine {
    const { machineName, definition, functionArns, topicArn, kmsKeyArn } = this.args;
    const logGroup = new aws.cloudwatch.LogGroup(
      `${this.name}-logs`,
      {
        // Under this prefix all log groups share one line of the resource policy, whose length is limited.
        name: `/aws/vendedlogs/states/${machineName}`,
        retentionInDays: LOG_RETENTION_DAYS,
        kmsKeyId: kmsKeyArn,
      },
      { parent: this },
    );
    const { role, policy } = this.createRole(
      "role",
      "states.amazonaws.com",
      machineStatements(functionArns, topicArn, kmsKeyArn),
    );
    return new aws.sfn.StateMachine(
      `${this.name}-machine`,
      {
        name: machineName,
        type: "STANDARD",
        definition: pulumi.jsonStringify(definition),
        roleArn: role.arn,
        loggingConfiguration: {
          level: "ERROR",
          includeExecutionData: false,
          logDestination: pulumi.interpolate`${logGroup.arn}:*`,
        },
        tracingConfiguration: { enabled: true },
        encryptionConfiguration: {
          type: "CUSTOMER_MANAGED_KMS_KEY",
          kmsKeyId: kmsKeyArn,
          kmsDataKeyReusePeriodSeconds: 300,
        },
      },
      { parent: this, dependsOn: [policy] },
    );
  }

  private createRole(
    suffix: string,
    service: string,
    statements: pulumi.Input<pulumi.Input<aws.iam.PolicyStatement>[]>,
  ) {
    const { account } = placeOf(this);
    const role = new aws.iam.Role(
      `${this.name}-${suffix}`,
      {
        assumeRolePolicy: pulumi.jsonStringify({
          Version: "2012-10-17",
          Statement: [
            {
              Effect: "Allow",
              Principal: { Service: service },
              Action: "sts:AssumeRole",
              Condition: { StringEquals: { "aws:SourceAccount": account } },
            },
          ],
        }),
      },
      { parent: this },
    );
    const policy = new aws.iam.RolePolicy(
      `${this.name}-${suffix}-policy`,
      { role: role.id, policy: pulumi.jsonStringify({ Version: "2012-10-17", Statement: statements }) },
      { parent: role },
    );
    return { role, policy };
  }

  private createAlarms(machine: aws.sfn.StateMachine): void {
    for (const [end, metricName] of Object.entries(BAD_ENDS)) {
      new aws.cloudwatch.MetricAlarm(
        `${this.name}-${end}`,
        {
          alarmDescription: pulumi.interpolate`An execution of ${machine.name} has ${end.replace("-", " ")}: an instance may need a person. See docs/runbooks/recovery.md.`,
          namespace: "AWS/States",
          metricName,
          dimensions: { StateMachineArn: machine.arn },
          statistic: "Sum",
          period: 60,
          evaluationPeriods: 1,
          comparisonOperator: "GreaterThanThreshold",
          threshold: 0,
          treatMissingData: "notBreaching",
          alarmActions: [this.args.topicArn],
        },
        { parent: machine },
      );
    }
  }

  private createStartRole(machine: aws.sfn.StateMachine): pulumi.Output<string> {
    const { role } = this.createRole("start-role", "events.amazonaws.com", [
      { Effect: "Allow", Action: "states:StartExecution", Resource: machine.arn },
      { Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: this.args.kmsKeyArn },
    ]);
    return role.arn;
  }

  private createDeadLetterQueue(): pulumi.Output<string> {
    const args = { of: this.name, kmsKeyArn: this.args.kmsKeyArn, alarmTopicArn: this.args.topicArn };
    return new DeadLetterQueue(`${this.name}-dead-letters`, args, { parent: this }).arn;
  }
}
