import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { lookUpRecovery, RecoveryNames } from "../../../components/recovery/lookup";
import { recovery } from "../../../config/recovery";

/** What AWS has, and whether it answers. */
interface Account {
  readonly ids?: readonly string[];
  readonly monitoring?: boolean;
  readonly healthCheckType?: string;
  readonly kmsKeyId?: string;
  readonly missing?: string;
}

async function lookUp(account: Account, over: object = {}) {
  await pulumi.runtime.setMocks({
    newResource: ({ name, inputs }) => ({ id: name, state: inputs as object }),
    call: ({ token, inputs }) => {
      if (account.missing !== undefined && token.includes(account.missing)) {
        // As gRPC has it, by which the engine answers.
        throw Object.assign(new Error(), { code: 2, details: "ResourceNotFoundException: not there\nsecond line" });
      }
      switch (token.split(":").pop()) {
        case "getInstances":
          return { ids: account.ids ?? ["i-1"] };
        case "getInstance":
          return { monitoring: account.monitoring ?? true, privateIp: "10.0.0.7" };
        case "getResource":
          return { properties: JSON.stringify({ HealthCheckConfig: { Type: account.healthCheckType ?? "HTTPS" } }) };
        case "getSecret":
          return { arn: `${(inputs as { arn: string }).arn}-AbCdEf`, kmsKeyId: account.kmsKeyId ?? "" };
        default:
          return { arn: "arn:aws:kms:us-east-1:123456789012:key/own" };
      }
    },
  });
  const config: RecoveryNames = recovery.parse({
    instances: [
      {
        name: "a",
        tags: { Name: "a" },
        url: "https://a.example.com/",
        healthCheckId: "5f1c2a64-7d0e-4b7e-9a55-1f0c3e8d2a71",
      },
    ],
    ...over,
  });
  const { problems, ...found } = await lookUpRecovery(config);
  return { ...found, problems: problems.map(({ path, message }) => `${path.join(".")}: ${message}`) };
}

const chat = { type: "webhook", secretArn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:hook" };

describe("recovery's look-up before its workflow is registered", () => {
  it("finds instances, their private addresses, and the secrets' full ARNs and keys", async () => {
    const { targets, chat: found, secretKeyArns, problems } = await lookUp({ kmsKeyId: "alias/own" }, { chat });
    assert.deepEqual(problems, []);
    assert.deepEqual([targets[0]?.instanceId, targets[0]?.ssh], ["i-1", { host: "10.0.0.7", port: 22 }]);
    assert.equal(found.type === "webhook" && found.secretArn, `${chat.secretArn}-AbCdEf`);
    assert.deepEqual(secretKeyArns, { chat: "arn:aws:kms:us-east-1:123456789012:key/own", pager: undefined });
  });
  it("says how many instances there are, if not one", async () => {
    const tags = /instances\.0\.tags: expected exactly one instance in this Region, but (\d) have \{"Name":"a"\}/;
    assert.equal(tags.exec((await lookUp({ ids: [] })).problems.join())?.[1], "0");
    assert.equal(tags.exec((await lookUp({ ids: ["i-1", "i-2"] })).problems.join())?.[1], "2");
  });
  it("asks for detailed monitoring where the alarm's period needs it, and says how to turn it on", async () => {
    const basic = { monitoring: false };
    assert.match((await lookUp(basic)).problems.join(), /detailed monitoring.*aws ec2 monitor-instances/);
    assert.deepEqual((await lookUp(basic, { alarm: { periodSeconds: 300 } })).problems, []);
  });
  it("says that a health check doesn't exist, or has no checkers", async () => {
    const missing = (await lookUp({ missing: "getResource" })).problems.join();
    assert.match(missing, /healthCheckId: expected a Route 53 health check that exists: .*ResourceNotFoundException/);
    assert.doesNotMatch(missing, /second line/);
    const calculated = (await lookUp({ healthCheckType: "CALCULATED" })).problems.join();
    assert.match(calculated, /healthCheckId: expected a health check with checkers of its own, .* is CALCULATED/);
  });
  it("says that a secret doesn't exist", async () =>
    assert.match((await lookUp({ missing: "getSecret" }, { chat })).problems.join(), /chat\.secretArn: .*that exists/));
  it("lists all problems at once", async () => {
    const { problems } = await lookUp({ ids: [], missing: "getResource" });
    assert.equal(problems.length, 2);
  });
});
