import * as pulumi from "@pulumi/pulumi";
import { EncryptionKey } from "./encryptionKey";
import { Notifications } from "./notifications";

/** The topic that a stack has in its own Region. */
export interface OwnTopic {
  /** The stack's Region, if it is known to the program. */
  readonly region: string | undefined;
  readonly topicArn: pulumi.Output<string>;
}

/**
 * Topics by Region: an alarm can tell only a topic of its own Region, and some metrics are in one Region alone. Another
 * than the stack's own, with a key that encrypts it, is made when it is first asked for: $1 a month.
 */
export class Topics {
  private readonly arns = new Map<string, pulumi.Output<string>>();

  /** @param emails those who are told */
  constructor(
    own: OwnTopic,
    private readonly emails: readonly string[],
  ) {
    if (own.region !== undefined) {
      this.arns.set(own.region, own.topicArn);
    }
  }

  /** ARN of the topic that people are told through from a Region. */
  in(region: string): pulumi.Output<string> {
    const arn = this.arns.get(region) ?? this.create(region);
    this.arns.set(region, arn);
    return arn;
  }

  private create(region: string): pulumi.Output<string> {
    const name = `notifications-${region}`;
    const key = new EncryptionKey(name, { description: `The stack's notifications from ${region}`, region });
    return new Notifications(name, { emails: this.emails, kmsKeyArn: key.arn, region }).topicArn;
  }
}
