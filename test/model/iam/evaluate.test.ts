import assert from "node:assert/strict";
import fc from "fast-check";
import { PolicyDocument, Statement } from "../../../model/iam/document";
import {
  Decision,
  evaluateIdentityPolicies,
  evaluateResourcePolicy,
  evaluateWithinAccount,
} from "../../../model/iam/evaluate";
import { Principal, RequestContext } from "../../../model/iam/request";

const TABLE = "arn:aws:ec2:us-east-1:123456789012:route-table/rtb-1";
const named = (...statements: Statement[]) => ({
  name: "policy",
  document: { Version: "2012-10-17", Statement: statements } satisfies PolicyDocument,
});

function decide(statements: Statement[], action: string, resource = TABLE, context: RequestContext = {}): Decision {
  return evaluateIdentityPolicies([named(...statements)], { action, resource, context });
}

describe("IAM: the policies of a principal", () => {
  const allow: Statement = { Effect: "Allow", Action: "ec2:ReplaceRoute", Resource: TABLE };
  const cases: [what: string, statements: Statement[], action: string, resource: string, effect: string][] = [
    ["deny without a statement", [], "ec2:ReplaceRoute", TABLE, "denied"],
    ["allow what a statement names", [allow], "ec2:ReplaceRoute", TABLE, "allowed"],
    ["compare actions without case", [allow], "EC2:replaceroute", TABLE, "allowed"],
    ["compare resources with case", [allow], "ec2:ReplaceRoute", TABLE.replace("rtb", "RTB"), "denied"],
    ["deny another resource", [allow], "ec2:ReplaceRoute", `${TABLE}1`, "denied"],
    ["deny another action", [allow], "ec2:CreateRoute", TABLE, "denied"],
    ["know wildcards in actions", [{ ...allow, Action: "ec2:*Route" }], "ec2:CreateRoute", TABLE, "allowed"],
    ["know ? in resources", [{ ...allow, Resource: TABLE.replace("1", "?") }], "ec2:ReplaceRoute", TABLE, "allowed"],
    [
      "take all but NotAction",
      [{ Effect: "Allow", NotAction: ["iam:*"], Resource: "*" }],
      "ec2:ReplaceRoute",
      TABLE,
      "allowed",
    ],
    [
      "not take NotAction",
      [{ Effect: "Allow", NotAction: ["ec2:*"], Resource: "*" }],
      "ec2:ReplaceRoute",
      TABLE,
      "denied",
    ],
    [
      "take all but NotResource",
      [{ Effect: "Allow", Action: "ec2:*", NotResource: TABLE }],
      "ec2:ReplaceRoute",
      TABLE,
      "denied",
    ],
    [
      "let an explicit denial win",
      [allow, { Effect: "Deny", Action: "ec2:*", Resource: "*" }],
      "ec2:ReplaceRoute",
      TABLE,
      "denied",
    ],
    [
      "keep wildcards within a segment of an ARN",
      [{ ...allow, Resource: "arn:aws:ec2:*:route-table/rtb-1" }],
      "ec2:ReplaceRoute",
      TABLE,
      "denied",
    ],
    [
      "let a last wildcard reach on",
      [{ ...allow, Resource: "arn:aws:ec2:us-east-1:*" }],
      "ec2:ReplaceRoute",
      TABLE,
      "allowed",
    ],
    [
      "let a resource's own colons be",
      [{ ...allow, Action: "states:*", Resource: "arn:aws:states:us-east-1:123456789012:execution:m:*" }],
      "states:DescribeExecution",
      "arn:aws:states:us-east-1:123456789012:execution:m:a:b",
      "allowed",
    ],
  ];
  for (const [what, statements, action, resource, effect] of cases) {
    it(what, () => assert.equal(decide(statements, action, resource).effect, effect));
  }

  it("say which statement decided", () => {
    const decision = decide([{ ...allow, Action: "ec2:CreateRoute" }, allow], "ec2:ReplaceRoute");
    assert.ok(decision.effect === "allowed");
    assert.deepEqual([decision.by.policy, decision.by.index], ["policy", 1]);
  });

  it("replace variables, and don't apply a statement whose variable has no value", () => {
    const own = { ...allow, Resource: "arn:aws:ec2:us-east-1:123456789012:route-table/${aws:PrincipalTag/table}" };
    const asked = (context: RequestContext) => decide([own], "ec2:ReplaceRoute", TABLE, context).effect;
    assert.equal(asked({ "aws:principaltag/table": ["rtb-1"] }), "allowed");
    assert.equal(asked({ "aws:PrincipalTag/table": ["*"] }), "denied");
    assert.equal(asked({}), "denied");
    const otherwise = own.Resource.replace("}", ", 'rtb-1'}");
    assert.equal(decide([{ ...own, Resource: otherwise }], "ec2:ReplaceRoute").effect, "allowed");
  });

  it("property: an explicit denial of everything leaves nothing allowed", () => {
    const text = fc.constantFrom("*", "ec2:*", "ec2:ReplaceRoute", "sns:Publish");
    const statement = fc.record({ Effect: fc.constantFrom("Allow" as const, "Deny" as const), Action: text });
    fc.assert(
      fc.property(fc.array(statement), text, (statements, action) => {
        const all = statements.map((s) => ({ ...s, Resource: "*" }));
        const deny: Statement = { Effect: "Deny", Action: "*", Resource: "*" };
        assert.equal(decide([...all, deny], action).effect, "denied");
        // Without it, an answer needs a statement that says so.
        const decision = decide(all, action);
        if (decision.effect === "allowed") {
          assert.equal(all[decision.by.index]?.Effect, "Allow");
          assert.ok(
            !all.some((s) => s.Effect === "Deny" && decide([{ ...s, Effect: "Allow" }], action).effect === "allowed"),
          );
        }
      }),
    );
  });
});

describe("IAM: conditions", () => {
  const holds = (condition: Statement["Condition"], context: RequestContext): string =>
    decide([{ Effect: "Allow", Action: "*", Resource: "*", Condition: condition }], "ec2:ReplaceRoute", TABLE, context)
      .effect;
  const cases: [operator: string, policy: string | string[], request: string[] | undefined, effect: string][] = [
    ["StringEquals", ["a", "b"], ["b"], "allowed"],
    ["StringEquals", "a*", ["ab"], "denied"],
    ["StringEquals", "a", undefined, "denied"],
    ["StringEqualsIfExists", "a", undefined, "allowed"],
    ["StringNotEquals", ["a", "b"], ["b"], "denied"],
    ["StringNotEquals", "a", undefined, "allowed"],
    ["StringEqualsIgnoreCase", "A", ["a"], "allowed"],
    ["StringNotEqualsIgnoreCase", "A", ["a"], "denied"],
    ["StringLike", "a*c?", ["abcd"], "allowed"],
    ["StringLike", "a${*}c", ["abc"], "denied"],
    ["StringLike", "a${*}c", ["a*c"], "allowed"],
    ["StringNotLike", "a*", ["ab"], "denied"],
    ["ArnLike", "arn:aws:sns:*:1:t*", ["arn:aws:sns:us-east-1:1:topic"], "allowed"],
    ["ArnEquals", "arn:aws:sns:*:1:t*", ["arn:aws:sns:us-east-1:1:topic"], "allowed"],
    ["ArnNotLike", "arn:aws:sns:*:1:t*", ["arn:aws:sns:us-east-1:1:topic"], "denied"],
    ["Bool", "false", ["false"], "allowed"],
    ["Bool", "true", ["false"], "denied"],
    ["NumericLessThanEquals", "10", ["10"], "allowed"],
    ["NumericGreaterThan", "10", ["9"], "denied"],
    ["DateGreaterThan", "2026-01-01T00:00:00Z", ["2026-11-21T00:00:00Z"], "allowed"],
    ["DateLessThan", "2026-01-01T00:00:00Z", ["1700000000"], "allowed"],
    ["IpAddress", ["10.0.0.0/8", "2001:db8::/32"], ["10.1.2.3"], "allowed"],
    ["IpAddress", "2001:db8::/32", ["2001:db8:1::1"], "allowed"],
    ["NotIpAddress", "10.0.0.0/8", ["10.1.2.3"], "denied"],
    ["Null", "true", undefined, "allowed"],
    ["Null", "false", undefined, "denied"],
    ["ForAllValues:StringEquals", ["a", "b"], ["a", "b", "a"], "allowed"],
    ["ForAllValues:StringEquals", ["a", "b"], ["a", "c"], "denied"],
    ["ForAllValues:StringEquals", "a", undefined, "allowed"],
    ["ForAnyValue:StringEquals", "a", ["b", "a"], "allowed"],
    ["ForAnyValue:StringEquals", "a", undefined, "denied"],
    ["StringEquals", "a", ["a", "b"], "undetermined"],
    ["StringSoundsLike", "a", ["a"], "undetermined"],
    ["NumericEquals", "ten", ["10"], "undetermined"],
  ];
  for (const [operator, policy, request, effect] of cases) {
    it(`${operator} ${JSON.stringify(policy)} and ${JSON.stringify(request ?? "no key")}: ${effect}`, () => {
      assert.equal(holds({ [operator]: { "aws:Key": policy } }, request ? { "AWS:key": request } : {}), effect);
    });
  }

  it("what can't be determined is never an allowance, and blocks one only if it would deny", () => {
    const odd = { StringSoundsLike: { "aws:Key": "a" } };
    const all = { Action: "*", Resource: "*" } as const;
    const effects = (...statements: Statement[]) => decide(statements, "ec2:ReplaceRoute").effect;
    assert.equal(effects({ ...all, Effect: "Allow", Condition: odd }), "undetermined");
    assert.equal(effects({ ...all, Effect: "Allow", Condition: odd }, { ...all, Effect: "Allow" }), "allowed");
    assert.equal(effects({ ...all, Effect: "Deny", Condition: odd }, { ...all, Effect: "Allow" }), "undetermined");
    const also = { ...odd, StringEquals: { "aws:Other": "b" } };
    assert.equal(effects({ ...all, Effect: "Allow", Condition: also }), "denied");
  });
});

describe("IAM: the policies of resources", () => {
  const QUEUE = "arn:aws:sqs:us-east-1:123456789012:queue";
  const rule = "arn:aws:events:us-east-1:123456789012:rule/lost";
  const EVENTS: Principal = { type: "Service", name: "events.amazonaws.com" };
  const ROLE: Principal = { type: "AWS", arn: "arn:aws:iam::123456789012:role/r", account: "123456789012" };
  const send: Statement = {
    Effect: "Allow",
    Principal: { Service: "events.amazonaws.com" },
    Action: "sqs:SendMessage",
    Resource: QUEUE,
    Condition: { ArnEquals: { "aws:SourceArn": rule } },
  };
  const asked = (statement: Statement, principal: Principal, source = rule) =>
    evaluateResourcePolicy(named(statement), {
      action: "sqs:SendMessage",
      resource: QUEUE,
      principal,
      context: { "aws:SourceArn": [source] },
    }).effect;

  it("ask for the principal and its conditions", () => {
    assert.equal(asked(send, EVENTS), "allowed");
    assert.equal(asked(send, EVENTS, `${rule}-other`), "denied");
    assert.equal(asked(send, { type: "Service", name: "sns.amazonaws.com" }), "denied");
    assert.equal(asked({ ...send, Principal: "*" }, EVENTS), "allowed");
    assert.equal(asked({ ...send, Principal: { AWS: "*" } }, EVENTS), "denied");
  });

  it("don't hold without a principal, and need no resource", () => {
    const { Principal: _, Resource: __, ...open } = send;
    assert.equal(asked(open, EVENTS), "denied");
    assert.equal(asked({ ...open, Principal: { Service: "events.amazonaws.com" } }, EVENTS), "allowed");
    assert.equal(asked({ ...open, NotPrincipal: { Service: "sns.amazonaws.com" } }, EVENTS), "allowed");
  });

  it("name an account by its number or its root", () => {
    for (const name of ["123456789012", "arn:aws:iam::123456789012:root", ROLE.arn]) {
      assert.equal(asked({ ...send, Principal: { AWS: [name] } }, ROLE), "allowed", name);
    }
    assert.equal(asked({ ...send, Principal: { AWS: "210987654321" } }, ROLE), "denied");
  });

  it("within an account either allows, and a denial in either wins", () => {
    const both = (identity: Statement[], resource: Statement) =>
      evaluateWithinAccount([named(...identity)], named(resource), {
        action: "sqs:SendMessage",
        resource: QUEUE,
        principal: ROLE,
        context: {},
      }).effect;
    const mine: Statement = { Effect: "Allow", Action: "sqs:*", Resource: "*" };
    const theirs: Statement = { Effect: "Allow", Action: "sqs:*", Resource: "*", Principal: { AWS: ROLE.arn } };
    assert.equal(both([mine], send), "allowed");
    assert.equal(both([], theirs), "allowed");
    assert.equal(both([], send), "denied");
    assert.equal(both([{ ...mine, Effect: "Deny" }], theirs), "denied");
    assert.equal(both([mine], { ...theirs, Effect: "Deny" }), "denied");
  });
});
