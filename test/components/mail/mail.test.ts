import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { Connections, Offering } from "../../../components/common/connections";
import { Foundation } from "../../../components/common/foundation";
import { deployMail } from "../../../components/mail/deploy";
import { dkimDomain } from "../../../components/mail/dkimDomain";
import { ofType, record, Registered, settled } from "../recorded";

const MAIL = {
  ...{ name: "orders", domainName: "example.com", zoneId: "Z1", from: "orders@example.com" },
  alarms: { bouncePercent: 2, complaintPercent: 0.05 },
};
const PARTNER = { role: "primary", stack: "other", region: "eu-west-1", mode: "warm" } as const;
const OUTPUTS = { "aws:sesv2/emailIdentity:EmailIdentity": { dkimSigningAttributes: { tokens: ["a", "b", "c"] } } };

/** What a stack registers for its mail, and what it offers to services. */
async function deploy(partner: Foundation["partner"]): Promise<{ registered: Registered[]; offering: Offering }> {
  const registered = await record(OUTPUTS);
  const connections = new Connections("vpc-1");
  const shared = { kmsKeyArn: pulumi.output("arn:key"), topicArn: pulumi.output("arn:topic") };
  deployMail([MAIL], { connections, partner, shared } as unknown as Foundation);
  await settled();
  return { registered, offering: connections.mail.to("orders") };
}

const resolved = <T>(value: pulumi.Input<T>) =>
  new Promise<T>((resolve) => pulumi.output(value).apply((v) => resolve(v as T)));

describe("mail", () => {
  let registered: Registered[];
  let offering: Offering;
  before(async () => ({ registered, offering } = await deploy(PARTNER)));
  const only = (type: string) => ofType(registered, type)[0]?.inputs ?? {};

  it("is sent over TLS alone, with its reputation watched and without those who don't want it", () => {
    const set = only("aws:sesv2/configurationSet:ConfigurationSet");
    assert.deepEqual(set["deliveryOptions"], { tlsPolicy: "REQUIRE" });
    assert.deepEqual(set["reputationOptions"], { reputationMetricsEnabled: true });
    assert.deepEqual(set["suppressionOptions"], { suppressedReasons: ["BOUNCE", "COMPLAINT"] });
    assert.equal(only("aws:sesv2/emailIdentity:EmailIdentity")["configurationSetName"], set["configurationSetName"]);
  });

  it("is known by records in the hosted zone: three keys, and where bounces go", () => {
    const records = ofType(registered, "aws:route53/record:Record").map(({ inputs }) => inputs);
    const of = (type: string) => records.filter((r) => r["type"] === type).map((r) => [r["name"], r["records"]]);
    assert.deepEqual(
      of("CNAME"),
      ["a", "b", "c"].map((token) => [`${token}._domainkey.example.com`, [`${token}.dkim.amazonses.com`]]),
    );
    const bounces = "bounce-us-east-1.example.com";
    assert.deepEqual(of("MX"), [[bounces, ["10 feedback-smtp.us-east-1.amazonses.com"]]]);
    assert.deepEqual(of("TXT"), [[bounces, ["v=spf1 include:amazonses.com -all"]]]);
    assert.equal(
      only("aws:sesv2/emailIdentityMailFromAttributes:EmailIdentityMailFromAttributes")["mailFromDomain"],
      bounces,
    );
  });

  it("has bounces and complaints go to an encrypted topic to which its own set alone may publish", () => {
    assert.equal(only("aws:sns/topic:Topic")["kmsMasterKeyId"], "arn:key");
    const { Statement } = JSON.parse(String(only("aws:sns/topicPolicy:TopicPolicy")["policy"])) as {
      Statement: { Principal: object; Condition: object }[];
    };
    assert.deepEqual(
      Statement.map((s) => [s.Principal, s.Condition]),
      [
        [
          { Service: "ses.amazonaws.com" },
          {
            StringEquals: {
              "AWS:SourceAccount": "123456789012",
              "AWS:SourceArn": "arn:aws:ses:us-east-1:123456789012:configuration-set/nplusone-test-orders",
            },
          },
        ],
      ],
    );
  });

  it("has people told before SES stops the account", () => {
    const alarms = ofType(registered, "aws:cloudwatch/metricAlarm:MetricAlarm").map(({ inputs }) => inputs);
    assert.deepEqual(
      alarms.map((a) => [a["metricName"], a["threshold"], a["alarmActions"]]),
      [
        ["Reputation.BounceRate", 0.02, ["arn:topic"]],
        ["Reputation.ComplaintRate", 0.0005, ["arn:topic"]],
      ],
    );
  });

  it("is offered in both Regions, by exact ARNs and from one address", async () => {
    const environment = await resolved(offering.environment);
    assert.deepEqual(environment, {
      MAIL_FROM: "orders@example.com",
      MAIL_REGION: "us-east-1",
      MAIL_CONFIGURATION_SET: "nplusone-test-orders",
      MAIL_FALLBACK_REGION: "eu-west-1",
      MAIL_FALLBACK_CONFIGURATION_SET: "nplusone-other-orders",
    });
    const [statement] = (await resolved(offering.statements)) as { Resource: string[]; Condition: object }[];
    const of = (region: string, stack: string) => [
      `arn:aws:ses:${region}:123456789012:identity/example.com`,
      `arn:aws:ses:${region}:123456789012:configuration-set/nplusone-${stack}-orders`,
    ];
    assert.deepEqual(statement?.Resource, [...of("us-east-1", "test"), ...of("eu-west-1", "other")]);
    assert.deepEqual(statement.Condition, { StringEquals: { "ses:FromAddress": "orders@example.com" } });
  });

  it("is sent in one Region by a stack without a partner", async () => {
    const alone = (await deploy(undefined)).offering;
    assert.deepEqual(Object.keys(alone.environment), ["MAIL_FROM", "MAIL_REGION", "MAIL_CONFIGURATION_SET"]);
    const [statement] = (await resolved(alone.statements)) as { Resource: string[] }[];
    assert.equal(statement?.Resource.length, 2);
  });

  it("has its keys where the Region has them", () => {
    assert.deepEqual(["eu-west-1", "eu-south-1"].map(dkimDomain), [
      "dkim.amazonses.com",
      "dkim.eu-south-1.amazonses.com",
    ]);
  });
});
