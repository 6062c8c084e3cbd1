import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { EventCallback } from "./eventCallback";

/** Arguments of `CallbackTrigger`: either an event pattern or a schedule. */
export interface CallbackTriggerArgs {
  /** What sets it off, in a sentence. */
  readonly description: string;
  /** The callback that is run. */
  readonly callback: EventCallback;
  /** EventBridge event pattern. @default none */
  readonly eventPattern?: pulumi.Input<Record<string, unknown>>;
  /** EventBridge schedule, e.g. `rate(1 minute)`. @default none */
  readonly scheduleExpression?: string;
  /** The event that the callback gets. @default what EventBridge says */
  readonly input?: pulumi.Input<Record<string, unknown>>;
}

/**
 * An EventBridge rule that runs a callback: rule, permission for exactly this rule, and a target that retries and then
 * keeps the event in the callback's dead-letter queue. AWS's own events and schedules cost nothing.
 *
 * @example
 * new CallbackTrigger("hourly", { description: "Every hour", callback, scheduleExpression: "rate(1 hour)" });
 */
export class CallbackTrigger extends pulumi.ComponentResource {
  /** ARN of the rule. */
  readonly ruleArn: pulumi.Output<string>;

  constructor(name: string, args: CallbackTriggerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:CallbackTrigger", name, {}, opts);
    const parent = { parent: this };

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
        input: args.input && pulumi.jsonStringify(args.input),
        deadLetterConfig: { arn: args.callback.deadLetterQueueArn },
        // An hour: after that what AWS says now has long been acted upon, and a person should look.
        retryPolicy: { maximumEventAgeInSeconds: 3600, maximumRetryAttempts: 10 },
      },
      { ...parent, dependsOn: [permission] },
    );

    this.ruleArn = rule.arn;
    this.registerOutputs({ ruleArn: this.ruleArn });
  }
}
