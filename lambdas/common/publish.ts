import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";

/** Publishes a message; 100 characters is what SNS allows for a subject, without line breaks. */
export function publishToTopic(topicArn: string, subject: string, body: string, sns: SNSClient): Promise<unknown> {
  return sns.send(new PublishCommand({ TopicArn: topicArn, Subject: subject.slice(0, 100), Message: body }));
}
