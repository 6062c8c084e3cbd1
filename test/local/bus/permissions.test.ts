import assert from "node:assert/strict";
import { refusal } from "../../../local/bus/permissions";

const RULE = { Arn: "arn:aws:events:us-east-1:123456789012:rule/lost" };
const FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:f";

describe("what EventBridge may do for a rule", () => {
  const policy = (over: object) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: "events.amazonaws.com" },
          Action: "lambda:InvokeFunction",
          Resource: FUNCTION,
          Condition: { ArnLike: { "AWS:SourceArn": RULE.Arn } },
          ...over,
        },
      ],
    });
  const asked = (document: string) => refusal(document, "lambda:InvokeFunction", FUNCTION, RULE, "no");

  it("what the function's policy says", () => {
    assert.equal(asked(policy({})), undefined);
    assert.equal(asked(""), "no");
  });

  const others: [string, object][] = [
    ["another rule's permission", { Condition: { ArnLike: { "AWS:SourceArn": `${RULE.Arn}-other` } } }],
    ["a rule whose name begins the same", { Condition: { ArnLike: { "AWS:SourceArn": RULE.Arn.slice(0, -1) } } }],
    ["another service's permission", { Principal: { Service: "sns.amazonaws.com" } }],
    ["another function's permission", { Resource: `${FUNCTION}-other` }],
    ["another action's permission", { Action: "lambda:GetFunction" }],
    ["a denial", { Effect: "Deny" }],
    ["another account's rules", { Condition: { StringEquals: { "AWS:SourceAccount": "210987654321" } } }],
  ];
  for (const [what, over] of others) {
    it(`not ${what}`, () => assert.equal(asked(policy(over)), "no"));
  }

  it("not what can't be determined, and why", () => {
    assert.match(asked(policy({ Condition: { Odd: { a: "b" } } })) ?? "", /^no, as far as can be said: .*Odd/);
  });
});
