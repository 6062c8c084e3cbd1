import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Offering } from "../common/connections";
import type { Partner } from "../common/foundation";
import { arn, placeOf } from "../common/place";
import { dkimDomain } from "./dkimDomain";

/** Arguments of `MailDomain`. */
export interface MailDomainArgs {
  /** What services call it. */
  readonly mail: string;
  /** The domain that mail is from. */
  readonly domainName: string;
  /** The public hosted zone of the domain. */
  readonly zoneId: string;
  /** The address that mail is from. */
  readonly from: string;
  /** When people are told. */
  readonly alarms: {
    /** Percent of bounces. */
    readonly bouncePercent: number;
    /** Percent of complaints. */
    readonly complaintPercent: number;
  };
  /** The stack in the other Region, which sends if this one can't. @default none */
  readonly partner?: Pick<Partner, "stack" | "region"> | undefined;
  /** ARN of the KMS key that encrypts the topic. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** ARN of the topic that people are told through. */
  readonly topicArn: pulumi.Input<string>;
}

/** Easy DKIM's number of keys, of which SES signs with one. */
const DKIM_KEYS = 3;

/**
 * A domain that SES sends mail from in the stack's Region: an identity, verified and signed by records in the hosted zone,
 * and a configuration set that demands TLS, keeps to the suppression list and sends bounces and complaints to an encrypted
 * topic. The partner's stack has its own; services may use both, under names that both stacks compute, so that mail goes
 * out as long as one Region has SES. People are told before SES stops an account for its bounces or complaints. $0.80 a
 * month, and $0.10 for 1,000 mails: $0.20 for two alarms, $0.60 for the set's two metrics.
 *
 * @example
 * new MailDomain("orders-mail", {
 *   mail: "orders", domainName: "example.com", zoneId: "Z0123456789ABCDEFGHIJ", from: "orders@example.com",
 *   alarms: { bouncePercent: 2, complaintPercent: 0.05 },
 *   partner: { stack: "prod-eu-west-1", region: "eu-west-1" }, kmsKeyArn: key.arn, topicArn: topic.arn,
 * });
 */
export class MailDomain extends pulumi.ComponentResource {
  /** What a service needs to send mail. */
  readonly offering: Offering;
  /** ARN of the topic with bounces and complaints, to which applications may subscribe. */
  readonly feedbackTopicArn: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: MailDomainArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:MailDomain", name, {}, opts);

    const set = this.createConfigurationSet();
    const identity = this.createIdentity(set);
    this.createDkimRecords(identity);
    this.createMailFrom(identity);
    this.feedbackTopicArn = this.createFeedback(set);
    this.createAlarms(set);

    this.offering = { environment: this.environment(), statements: [this.statement()] };
    this.registerOutputs({ feedbackTopicArn: this.feedbackTopicArn });
  }

  private createConfigurationSet(): aws.sesv2.ConfigurationSet {
    return new aws.sesv2.ConfigurationSet(
      `${this.name}-set`,
      {
        configurationSetName: setName(pulumi.getStack(), this.args.mail),
        deliveryOptions: { tlsPolicy: "REQUIRE" },
        reputationOptions: { reputationMetricsEnabled: true },
        sendingOptions: { sendingEnabled: true },
        suppressionOptions: { suppressedReasons: ["BOUNCE", "COMPLAINT"] },
      },
      { parent: this },
    );
  }

  private createIdentity(set: aws.sesv2.ConfigurationSet): aws.sesv2.EmailIdentity {
    return new aws.sesv2.EmailIdentity(
      `${this.name}-identity`,
      { emailIdentity: this.args.domainName, configurationSetName: set.configurationSetName },
      { parent: this },
    );
  }

  /** SES has other keys in each Region, so the partner's records are other ones. */
  private createDkimRecords(identity: aws.sesv2.EmailIdentity): void {
    const { domainName, zoneId } = this.args;
    const { region } = placeOf(this);
    const tokens = identity.dkimSigningAttributes.apply((dkim) => dkim.tokens ?? []);
    for (let i = 0; i < DKIM_KEYS; i += 1) {
      const token = tokens.apply((all) => all[i] ?? "");
      new aws.route53.Record(
        `${this.name}-dkim-${i + 1}`,
        {
          zoneId,
          name: pulumi.interpolate`${token}._domainkey.${domainName}`,
          type: "CNAME",
          ttl: 3600,
          records: [pulumi.interpolate`${token}.${region.apply(dkimDomain)}`],
        },
        { parent: this },
      );
    }
  }

  /**
   * Where bounces go: a name of the Region's own below the domain, by which receivers find that SES may send for it (SPF).
   * Without its MX record SES sends all the same, by a name of its own.
   * https://docs.aws.amazon.com/ses/latest/dg/mail-from.html
   */
  private createMailFrom(identity: aws.sesv2.EmailIdentity): void {
    const { domainName, zoneId } = this.args;
    const { region } = placeOf(this);
    const mailFromDomain = pulumi.interpolate`bounce-${region}.${domainName}`;
    const record = (type: string, value: pulumi.Input<string>) =>
      new aws.route53.Record(
        `${this.name}-mail-from-${type.toLowerCase()}`,
        { zoneId, name: mailFromDomain, type, ttl: 3600, records: [value] },
        { parent: this },
      );
    record("MX", pulumi.interpolate`10 feedback-smtp.${region}.amazonses.com`);
    record("TXT", "v=spf1 include:amazonses.com -all");
    new aws.sesv2.EmailIdentityMailFromAttributes(
      `${this.name}-mail-from`,
      { emailIdentity: identity.emailIdentity, mailFromDomain, behaviorOnMxFailure: "USE_DEFAULT_VALUE" },
      { parent: this },
    );
  }

  /** @returns the ARN of a topic of its own: bounces come by the hundred, and are for the application. */
  private createFeedback(set: aws.sesv2.ConfigurationSet): pulumi.Output<string> {
    const topic = new aws.sns.Topic(`${this.name}-feedback`, { kmsMasterKeyId: this.args.kmsKeyArn }, { parent: this });
    const policy = new aws.sns.TopicPolicy(
      `${this.name}-feedback-policy`,
      { arn: topic.arn, policy: pulumi.jsonStringify(this.feedbackPolicy(topic.arn)) },
      { parent: this },
    );
    new aws.sesv2.ConfigurationSetEventDestination(
      `${this.name}-feedback-events`,
      {
        configurationSetName: set.configurationSetName,
        eventDestinationName: "feedback",
        eventDestination: {
          enabled: true,
          matchingEventTypes: ["BOUNCE", "COMPLAINT", "REJECT"],
          snsDestination: { topicArn: topic.arn },
        },
      },
      // SES tries whether it may.
      { parent: this, dependsOn: [policy] },
    );
    return topic.arn;
  }

  /** https://docs.aws.amazon.com/ses/latest/dg/configure-sns-notifications.html */
  private feedbackPolicy(topicArn: pulumi.Output<string>): aws.iam.PolicyDocument {
    const place = placeOf(this);
    const set = `configuration-set/${setName(pulumi.getStack(), this.args.mail)}`;
    return {
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "Mail",
          Effect: "Allow",
          Principal: { Service: "ses.amazonaws.com" },
          Action: "sns:Publish",
          Resource: topicArn,
          Condition: { StringEquals: { "AWS:SourceAccount": place.account, "AWS:SourceArn": arn(place, "ses", set) } },
        },
      ],
    };
  }

  private createAlarms(set: aws.sesv2.ConfigurationSet): void {
    const { alarms, domainName, topicArn } = this.args;
    const rates = [
      { suffix: "bounces", metricName: "Reputation.BounceRate", percent: alarms.bouncePercent },
      { suffix: "complaints", metricName: "Reputation.ComplaintRate", percent: alarms.complaintPercent },
    ];
    for (const { suffix, metricName, percent } of rates) {
      new aws.cloudwatch.MetricAlarm(
        `${this.name}-${suffix}`,
        {
          alarmDescription: `More than ${percent} % of the mail from ${domainName} are ${suffix}: see docs/runbooks/region.md.`,
          namespace: "AWS/SES",
          metricName,
          dimensions: { "ses:configuration-set": set.configurationSetName },
          statistic: "Average",
          comparisonOperator: "GreaterThanThreshold",
          threshold: percent / 100,
          // SES computes the rates of a representative volume of mail, some hours' or days'.
          period: 3600,
          evaluationPeriods: 1,
          treatMissingData: "ignore",
          alarmActions: [topicArn],
          okActions: [topicArn],
        },
        { parent: this },
      );
    }
  }

  /** How the application sends: in its own Region, and if that fails in the partner's. */
  private environment(): Offering["environment"] {
    const { from, mail, partner } = this.args;
    return {
      MAIL_FROM: from,
      MAIL_REGION: placeOf(this).region,
      MAIL_CONFIGURATION_SET: setName(pulumi.getStack(), mail),
      ...(partner === undefined
        ? {}
        : {
            MAIL_FALLBACK_REGION: partner.region,
            MAIL_FALLBACK_CONFIGURATION_SET: setName(partner.stack, mail),
          }),
    };
  }

  /** SendRawEmail is what SES v2 asks for when a mail with attachments is sent. */
  private statement(): aws.iam.PolicyStatement {
    const { domainName, from, mail, partner } = this.args;
    const place = placeOf(this);
    const sending = [
      { ...place, stack: pulumi.getStack() },
      ...(partner === undefined ? [] : [{ ...place, region: pulumi.output(partner.region), stack: partner.stack }]),
    ];
    return {
      Effect: "Allow",
      Action: ["ses:SendEmail", "ses:SendRawEmail"],
      Resource: sending.flatMap(({ stack, ...where }) => [
        arn(where, "ses", `identity/${domainName}`),
        arn(where, "ses", `configuration-set/${setName(stack, mail)}`),
      ]),
      Condition: { StringEquals: { "ses:FromAddress": from } },
    };
  }
}

/** The name of a stack's configuration set, which its partner knows. SES allows no periods. */
const setName = (stack: string, mail: string) =>
  `${pulumi.getProject()}-${stack.replaceAll(".", "_")}-${mail}`.slice(-64);
