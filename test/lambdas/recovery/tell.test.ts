import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { mockClient } from "aws-sdk-client-mock";
import assert from "node:assert/strict";
import { duration, recoveryMessage, ExecutionData } from "../../../lambdas/recovery/message";
import { opsgenieAlert, pagerdutyEvent } from "../../../lambdas/recovery/pager";
import { Chat, Pager, RecoveryTarget } from "../../../lambdas/recovery/settings";
import { pageSomebody } from "../../../lambdas/recovery/pageSomebody";
import { reportOutcome } from "../../../lambdas/recovery/reportOutcome";

const TARGET: RecoveryTarget = {
  name: "reports",
  instanceId: "i-1",
  url: "https://reports.example.com/",
  urlTimeoutSeconds: 6,
  healthCheckId: "hc",
  ssh: { host: "10.0.0.1", port: 22 },
};
const GOOD = { passed: true, detail: "fine" };
const BAD = { passed: false, detail: "broken" };
const run = (over: object = {}) => ({ url: GOOD, healthCheck: GOOD, ssh: GOOD, cpu: GOOD, ...over });
const RESTARTED = { outcome: "restarted", reason: "restarted at 10:01", at: "2026-11-21T10:01:00Z" } as const;
const STATE: ExecutionData = {
  target: "reports",
  alarm: "cpu",
  outage: "2026-11-21T10:00:00.000+0000",
  system: { verdict: "ok", detail: "running" },
  first: run({ url: BAD }),
};
const ORIGIN = { execution: "arn:execution", region: "eu-west-1", now: new Date("2026-11-21T10:06:10Z") };
const message = (over: Partial<ExecutionData>) => recoveryMessage({ ...STATE, ...over }, TARGET, ORIGIN);

describe("recoveryMessage", () => {
  it("says what failed, what was done, how long it took, and where to look", () => {
    const { title, text, severity } = message({ restart: RESTARTED, second: run() });
    assert.equal(title, "reports is healthy again after a restart");
    assert.equal(severity, "warning");
    for (const part of [
      "First run, URL: FAILED, broken",
      "First run, SSH: good, fine",
      "Restart: restarted at 10:01",
      "Second run, URL: good, fine",
      "Time since the alarm: 6 min 10 s",
      "executions/details/arn:execution",
      "docs/runbooks/recovery.md",
    ]) {
      assert.ok(text.includes(part), part);
    }
    assert.doesNotMatch(text, /undefined/);
  });
  it("has a headline for each way in which an execution can go", () => {
    const refused = { outcome: "refused", reason: "of a group", at: null } as const;
    const headlines: [Partial<ExecutionData>, string, string][] = [
      [{ restart: RESTARTED, second: run({ ssh: BAD }) }, "reports still fails after a restart", "critical"],
      [{ restart: RESTARTED }, "reports doesn't pass its status checks after a restart", "critical"],
      [{ restart: refused }, "reports is failing and was not restarted", "critical"],
      [{ system: { verdict: "system-impaired" } }, "reports: left to EC2's own recovery", "warning"],
      [{ system: { verdict: "not-running" } }, "reports: not running, left alone", "warning"],
      [{ restart: { outcome: "not-running" } }, "reports: not running, left alone", "warning"],
      [{ restart: RESTARTED, status: { verdict: "not-running" } }, "reports: not running, left alone", "warning"],
      [
        { system: { verdict: "impaired" }, first: run() },
        "reports: serves, but fails its instance status check",
        "warning",
      ],
      [{ system: { verdict: "impaired" }, restart: refused }, "reports is failing and was not restarted", "critical"],
      [
        { restart: { ...RESTARTED, outcome: "unanswered" }, second: run() },
        "reports is healthy again after a restart that EC2 didn't confirm",
        "warning",
      ],
      [
        { restart: { ...RESTARTED, outcome: "unanswered" }, second: run({ url: BAD }) },
        "reports still fails after a restart that EC2 didn't confirm",
        "critical",
      ],
      [{ error: { Error: "Boom" } }, "reports: the recovery workflow failed (Boom)", "critical"],
      [
        { restart: RESTARTED, second: run(), error: { Error: "Refused" } },
        "reports: the recovery workflow failed (Refused)",
        "warning",
      ],
    ];
    for (const [state, title, severity] of headlines) {
      const found = message(state);
      assert.deepEqual([found.title, found.severity], [title, severity]);
    }
  });
  it("shows a function's error without its stack", () => {
    const Cause = JSON.stringify({ errorType: "X", errorMessage: "the reason", trace: ["at secret place"] });
    const { text } = message({ error: { Error: "X", Cause } });
    assert.match(text, /^Error: X: the reason$/m);
    assert.doesNotMatch(text, /secret place/);
  });
  it("makes do with next to nothing", () => {
    const { title, text } = recoveryMessage({}, TARGET, ORIGIN);
    assert.equal(title, "reports is failing and was not restarted");
    assert.doesNotMatch(text, /undefined|NaN/);
  });
  it("writes durations for people", () =>
    assert.deepEqual([-5, 0, 59_400, 60_000, 3_725_000].map(duration), [
      "0 s",
      "0 s",
      "59 s",
      "1 min 0 s",
      "62 min 5 s",
    ]));
});

describe("pages", () => {
  const incident = { alias: "i-1/T", instanceId: "i-1", message: message({}) };
  it("keep within OpsGenie's and PagerDuty's limits, and name team, alias and urgency", () => {
    const long = { ...incident, alias: "a".repeat(600), message: { ...incident.message, title: "t".repeat(2000) } };
    const alert = opsgenieAlert("team", long);
    assert.deepEqual([alert.message.length, alert.alias.length, alert.priority], [130, 512, "P1"]);
    assert.deepEqual(alert.responders, [{ id: "team", type: "team" }]);
    const event = pagerdutyEvent("key", long);
    assert.deepEqual([event.dedup_key.length, event.payload.summary.length], [255, 1024]);
    assert.deepEqual([event.payload.severity, event.event_action], ["critical", "trigger"]);
  });
});

describe("report and page", () => {
  const region = "us-east-1";
  const clients = {
    dynamoDb: new DynamoDBClient({ region }),
    secrets: new SecretsManagerClient({ region }),
    sns: new SNSClient({ region }),
  };
  const [dynamoDb, secrets, sns] = [mockClient(clients.dynamoDb), mockClient(clients.secrets), mockClient(clients.sns)];
  const realFetch = globalThis.fetch;
  let sent: { url: string; headers: Record<string, string>; body: Record<string, unknown> }[] = [];
  let answer: () => Response;

  beforeEach(() => {
    [dynamoDb, secrets, sns].forEach((m) => m.reset());
    dynamoDb.on(UpdateItemCommand).resolves({});
    secrets.on(GetSecretValueCommand, { SecretId: "arn:secret" }).resolves({ SecretString: "https://hook/S3CRET\n" });
    sns.on(PublishCommand).resolves({});
    sent = [];
    answer = () => Response.json({ ok: true });
    globalThis.fetch = async (url, init) => {
      const headers = init?.headers as Record<string, string>;
      sent.push({ url: String(url), headers, body: JSON.parse(String(init?.body)) as Record<string, unknown> });
      return answer();
    };
  });
  after(() => (globalThis.fetch = realFetch));

  const shared = { targets: { reports: TARGET }, stateTable: "state", region: "eu-west-1" };
  const event = { execution: "arn:execution", state: STATE };
  const reportTo = (channel: Chat) => reportOutcome(event, { ...shared, channel }, clients);
  const pageTo = (channel: Pager) => pageSomebody(event, { ...shared, channel }, clients);
  const SLACK: Chat = { type: "slack", channel: "C0123456789", secretArn: "arn:secret" };
  const OPSGENIE: Pager = { type: "opsgenie", region: "eu", teamId: "team", secretArn: "arn:secret" };

  it("post to Slack with the token, and with its special characters escaped", async () => {
    const odd = { ...STATE, first: { url: { passed: false, detail: "<script> & co" } } };
    await reportOutcome({ ...event, state: odd }, { ...shared, channel: SLACK }, clients);
    const [{ url, headers, body } = { url: "", headers: {}, body: {} }] = sent;
    assert.equal(url, "https://slack.com/api/chat.postMessage");
    assert.equal((headers as Record<string, string>)["authorization"], "Bearer https://hook/S3CRET");
    assert.equal(body["channel"], "C0123456789");
    assert.match(String(body["text"]), /&lt;script&gt; &amp; co/);
  });
  it("understand that Slack refuses with status 200, and what of that may pass", async () => {
    answer = () => Response.json({ ok: false, error: "channel_not_found" });
    await assert.rejects(reportTo(SLACK), { name: "Refused", message: "Slack says channel_not_found" });
    answer = () => Response.json({ ok: false, error: "ratelimited" });
    await assert.rejects(reportTo(SLACK), { name: "TransientError" });
    answer = () => new Response("<html>");
    await assert.rejects(reportTo(SLACK), { name: "Refused" });
  });
  it("post to a webhook whose URL is the secret, and never say that URL", async () => {
    await reportTo({ type: "webhook", secretArn: "arn:secret" });
    assert.equal(sent[0]?.url, "https://hook/S3CRET");
    assert.deepEqual(Object.keys(sent[0]?.body ?? {}), ["title", "text", "severity"]);
    for (const fail of [() => Promise.reject(new TypeError("Failed to parse URL from https://hook/S3CRET"))]) {
      globalThis.fetch = fail;
      await assert.rejects(
        reportTo({ type: "webhook", secretArn: "arn:secret" }),
        (e: Error) => !/S3CRET/.test(String(e)),
      );
    }
  });
  it("publish to SNS", async () => {
    await reportTo({ type: "sns", topicArn: "arn:topic" });
    const { TopicArn, Subject } = sns.commandCalls(PublishCommand)[0]?.args[0].input ?? {};
    assert.deepEqual([TopicArn, Subject], ["arn:topic", "reports is failing and was not restarted"]);
  });
  it("page OpsGenie and PagerDuty in their Regions, with an alias of instance and outage", async () => {
    const alias = "i-1/2026-11-21T10:00:00.000Z";
    await pageTo(OPSGENIE);
    assert.equal(sent[0]?.url, "https://api.eu.opsgenie.com/v2/alerts");
    assert.equal(sent[0]?.headers["authorization"], "GenieKey https://hook/S3CRET");
    assert.equal(sent[0]?.body["alias"], alias);
    await pageTo({ type: "pagerduty", region: "us", secretArn: "arn:secret" });
    assert.equal(sent[1]?.url, "https://events.pagerduty.com/v2/enqueue");
    assert.deepEqual([sent[1]?.body["routing_key"], sent[1]?.body["dedup_key"]], ["https://hook/S3CRET", alias]);
  });
  it("say what may pass: 429 and 5xx do, 4xx don't", async () => {
    for (const [status, name] of [
      [429, "TransientError"],
      [500, "TransientError"],
      [401, "Refused"],
      [422, "Refused"],
    ] as const) {
      answer = () => new Response("no", { status });
      await assert.rejects(pageTo(OPSGENIE), { name });
    }
  });
  it("fail for a secret without a text, and send nothing", async () => {
    secrets.on(GetSecretValueCommand).resolves({ SecretString: " " });
    await assert.rejects(pageTo(OPSGENIE), { name: "NoSecret" });
    assert.equal(sent.length, 0);
  });
  it("give the claim back when sending fails, so that the next attempt tells", async () => {
    answer = () => new Response("no", { status: 500 });
    await assert.rejects(pageTo(OPSGENIE));
    const updates = dynamoDb.commandCalls(UpdateItemCommand).map((c) => c.args[0].input.UpdateExpression);
    assert.deepEqual(updates, [
      "SET claimed = :state, claimedBy = :run, claimedUntil = :until",
      "REMOVE claimedBy, claimedUntil",
    ]);
  });
  it("send nothing that has been told, and don't take what another run is telling for told", async () => {
    const conflict = (Item: object) =>
      Object.assign(new Error("no"), { name: "ConditionalCheckFailedException", Item });
    dynamoDb.on(UpdateItemCommand).rejects(conflict({ told: { S: "2026-11-21T10:00:00.000Z" } }));
    assert.deepEqual(await pageTo(OPSGENIE), { outcome: "told before" });
    dynamoDb.on(UpdateItemCommand).rejects(conflict({ told: { S: "2026-11-20T10:00:00.000Z" } }));
    await assert.rejects(pageTo(OPSGENIE), { name: "TransientError" });
    assert.equal(sent.length, 0);
  });
  it("refuse input without an execution, and make do with one without a time", async () => {
    await assert.rejects(pageSomebody({ state: STATE }, { ...shared, channel: OPSGENIE }, clients), {
      name: "MalformedInput",
    });
    const odd = { execution: "arn:execution", state: { ...STATE, outage: "yesterday", first: "x", system: 5 } };
    await pageSomebody(odd, { ...shared, channel: OPSGENIE }, clients);
    assert.equal(sent[0]?.body["alias"], "i-1/arn:execution");
  });
  it("refuse input that names none of their instances", async () => {
    for (const bad of [null, {}, { state: null }, { state: { target: "other" } }]) {
      await assert.rejects(reportOutcome(bad, { ...shared, channel: SLACK }, clients), { name: "UnknownTarget" });
    }
  });
});
