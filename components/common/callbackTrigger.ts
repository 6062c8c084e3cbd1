import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Callback } from "./callback";

/** Arguments of `CallbackTrigger`: either an event pattern or a schedule. */
export interface CallbackTriggerArgs<Event> {
  /** What sets it off, in a sentence. */
  readonly description: string;
  /** The callback that is run; not a synchronous one. */
  readonly callback: Callback<Event>;
  /** EventBridge event pattern. @default none */
  readonly eventPattern?: pulumi.Input<Record<string, unknown>>;
  /** EventBridge schedule, e.g. `rate(1 minute)`. @default none */
  readonly scheduleExpression?: string;
}

/**
 * An EventBridge rule that runs a callback: rule, permission for exactly this rule, and a target that retries and then
 * keeps the event in the callback's dead-letter queue. AWS's own events and schedules cost nothing.
 *
 * Throws a `pulumi.InputPropertyError` for a callback without a dead-letter queue.
 */
export class CallbackTrigger<Event> extends pulumi.ComponentResource {
  /** ARN of the rule. */
  readonly ruleArn: pulumi.Output<string>;

  constructor(name: string, args: CallbackTriggerArgs<Event>, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:CallbackTrigger", name, {}, opts);
    const parent = { parent: this };
    const deadLetterQueueArn = args.callback.deadLetterQueueArn;
    if (deadLetterQueueArn === undefined) {
      const reason = "a synchronous callback has no dead-letter queue for the events that it fails at";
      throw new pulumi.InputPropertyError({ propertyPath: "callback", reason });
    }

    const rule = new aws.cloudwatch.EventRule(
      `${name}-rule`,
      {
        description: args.description,
        eventPattern: args.eventPattern && pulumi.jsonStringify(args.eventPattern),
        scheduleExpression: args.scheduleExpression,
        state: "ENABLED",
      },
      parent,
    );
    const permission = new aws.lambda.Permission(
      `${name}-permission`,
      {
        function: args.callback.functionName,
        action: "lambda:InvokeFunction",
        principal: "events.amazonaws.com",
        sourceArn: rule.arn,
      },
      parent,
    );
    new aws.cloudwatch.EventTarget(
      `${name}-target`,
      {
        rule: rule.name,
        arn: args.callback.arn,
        deadLetterConfig: { arn: deadLetterQueueArn },
        // An hour: after that what AWS says now has long been acted upon, and a person should look.
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
      },
      { ...parent, dependsOn: [permission] },
    );

    this.ruleArn = rule.arn;
    this.registerOutputs({ ruleArn: this.ruleArn });
  }
}
