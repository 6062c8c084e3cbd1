import * as pulumi from "@pulumi/pulumi";
import { Callback, CallbackArgs } from "./callback";
import { DeadLetterQueue } from "./deadLetterQueue";

/** Arguments of `EventCallback`. */
export interface EventCallbackArgs<Event, Settings, Clients> extends Omit<
  CallbackArgs<Event, Settings, Clients>,
  "deadLetterQueueArn"
> {
  /** ARN of the topic that hears of dead letters. */
  readonly alarmTopicArn: pulumi.Input<string>;
}

/**
 * A `Callback` that events run, with nobody waiting for the result: events that fail three times end in a dead-letter
 * queue with an alarm, which `CallbackTrigger` uses too. $0.10 a month when idle (the alarm), plus the runs.
 *
 * @example
 * const callback = new EventCallback("greet", { ...args, alarmTopicArn: topic.arn });
 * new CallbackTrigger("hourly", { description: "Every hour", callback, scheduleExpression: "rate(1 hour)" });
 */
export class EventCallback<Event = never, Settings = never, Clients = never> extends pulumi.ComponentResource {
  /** ARN of the function. */
  readonly arn: pulumi.Output<string>;
  /** Name of the function. */
  readonly functionName: pulumi.Output<string>;
  /** ARN of the dead-letter queue. */
  readonly deadLetterQueueArn: pulumi.Output<string>;

  constructor(name: string, args: EventCallbackArgs<Event, Settings, Clients>, opts?: pulumi.ComponentResourceOptions) {
    super("nplusone:index:EventCallback", name, {}, opts);
    const { alarmTopicArn, ...callbackArgs } = args;
    const queue = new DeadLetterQueue(
      `${name}-dead-letters`,
      { of: name, kmsKeyArn: args.kmsKeyArn, alarmTopicArn },
      { parent: this },
    );
    const callback = new Callback(name, { ...callbackArgs, deadLetterQueueArn: queue.arn }, { parent: this });

    this.arn = callback.arn;
    this.functionName = callback.functionName;
    this.deadLetterQueueArn = queue.arn;
    this.registerOutputs({
      arn: this.arn,
      functionName: this.functionName,
      deadLetterQueueArn: this.deadLetterQueueArn,
    });
  }
}
