import assert from "node:assert/strict";
import fc from "fast-check";
import { EventPattern, InvalidEventPattern, Json, matchesEventPattern } from "../../model/eventPattern";

const EVENT: Json = {
  source: "aws.ec2",
  "detail-type": "EC2 Instance State-change Notification",
  resources: ["arn:aws:ec2:us-east-1:123456789012:instance/i-1", "arn:other"],
  detail: {
    state: "stopping",
    count: 5,
    spot: false,
    owner: null,
    empty: "",
    address: "10.0.0.9",
    items: [
      { key: "a", value: 1 },
      { key: "b", value: 2 },
    ],
  },
};

describe("EventBridge's patterns", () => {
  const detail = (pattern: EventPattern): EventPattern => ({ detail: pattern });
  const cases: [what: string, pattern: EventPattern, matches: boolean][] = [
    ["exactly one of the values", detail({ state: ["stopped", "stopping"] }), true],
    ["all fields, not one", { source: ["aws.ec2"], detail: { state: ["stopped"] } }, false],
    ["texts with case", { source: ["AWS.EC2"] }, false],
    ["numbers", detail({ count: [5] }), true],
    ["numbers are no texts", detail({ count: ["5"] }), false],
    ["booleans", detail({ spot: [false] }), true],
    ["null", detail({ owner: [null] }), true],
    ["null is not absence", detail({ nothing: [null] }), false],
    ["the empty text", detail({ empty: [""] }), true],
    ["an element of a list", { resources: ["arn:other"] }, true],
    ["prefix of an element of a list", { resources: [{ prefix: "arn:aws:ec2" }] }, true],
    ["prefix", detail({ state: [{ prefix: "stop" }] }), true],
    ["prefix without case", detail({ state: [{ prefix: { "equals-ignore-case": "STOP" } }] }), true],
    ["suffix", detail({ state: [{ suffix: "ped" }] }), false],
    ["equals-ignore-case", { source: [{ "equals-ignore-case": "AWS.ec2" }] }, true],
    ["wildcard", detail({ state: [{ wildcard: "st*p*g" }] }), true],
    ["? is no wildcard", detail({ state: [{ wildcard: "stoppin?" }] }), false],
    ["anything-but a value", detail({ state: [{ "anything-but": "stopping" }] }), false],
    ["anything-but a list", detail({ state: [{ "anything-but": ["running", "pending"] }] }), true],
    ["anything-but a number", detail({ count: [{ "anything-but": 6 }] }), true],
    ["anything-but a prefix", detail({ state: [{ "anything-but": { prefix: "stop" } }] }), false],
    ["anything-but prefixes", detail({ state: [{ "anything-but": { prefix: ["run", "pend"] } }] }), true],
    ["anything-but a suffix", detail({ state: [{ "anything-but": { suffix: "ping" } }] }), false],
    ["anything-but a wildcard", detail({ state: [{ "anything-but": { wildcard: "s*g" } }] }), false],
    ["anything-but without case", detail({ state: [{ "anything-but": { "equals-ignore-case": "STOPPING" } }] }), false],
    ["anything-but needs a value", detail({ nothing: [{ "anything-but": "x" }] }), false],
    ["exists", detail({ state: [{ exists: true }] }), true],
    ["exists: false of what is there", detail({ state: [{ exists: false }] }), false],
    ["exists: false of what isn't", detail({ errorCode: [{ exists: false }] }), true],
    ["objects are no leaves", { detail: [{ exists: true }] }, false],
    ["numeric", detail({ count: [{ numeric: [">", 0, "<=", 5] }] }), true],
    ["numeric outside", detail({ count: [{ numeric: ["<", 5] }] }), false],
    ["numeric of a text", detail({ state: [{ numeric: [">", 0] }] }), false],
    ["cidr", detail({ address: [{ cidr: "10.0.0.0/29" }] }), false],
    ["cidr around", detail({ address: [{ cidr: "10.0.0.0/24" }] }), true],
    ["an object in a list as a whole", detail({ items: { key: ["a"], value: [1] } }), true],
    ["not half of two objects", detail({ items: { key: ["a"], value: [2] } }), false],
    ["$or", { $or: [{ source: ["x"] }, { detail: { state: ["stopping"] } }] }, true],
    ["$or of none", { $or: [{ source: ["x"] }, { detail: { state: ["x"] } }] }, false],
    ["$or beside another field", { source: ["x"], $or: [{ source: ["aws.ec2"] }, { source: ["y"] }] }, false],
    ["a nested field of what is no object", { source: { deep: ["x"] } }, false],
  ];
  for (const [what, pattern, matches] of cases) {
    it(`${what}: ${matches ? "matches" : "doesn't match"}`, () => {
      assert.equal(matchesEventPattern(pattern, EVENT), matches);
    });
  }

  const invalid: [what: string, pattern: unknown][] = [
    ["nothing", {}],
    ["an empty list", { source: [] }],
    ["a value without its list", { source: "aws.ec2" }],
    ["a list in a list", { source: [["a"]] }],
    ["an unknown operator", { source: [{ like: "a" }] }],
    ["two operators at once", { source: [{ prefix: "a", suffix: "b" }] }],
    ["numeric without a comparison", { a: [{ numeric: [5] }] }],
    ["numeric with three", { a: [{ numeric: [">", 1, "<", 2, "<", 3] }] }],
    ["exists with a text", { a: [{ exists: "true" }] }],
    ["cidr that is none", { a: [{ cidr: "10.0.0.0/33" }] }],
    ["anything-but with cidr", { a: [{ "anything-but": { cidr: "10.0.0.0/8" } }] }],
  ];
  for (const [what, pattern] of invalid) {
    it(`refuse ${what}`, () => {
      assert.throws(() => matchesEventPattern(pattern as EventPattern, {}), InvalidEventPattern);
    });
  }

  const leaf = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
  const event = fc.dictionary(fc.constantFrom("a", "b", "c"), leaf, { minKeys: 1 });

  it("property: an event matches the pattern of its own values, and another value in any place doesn't", () => {
    fc.assert(
      fc.property(event, (fields) => {
        const own = Object.fromEntries(Object.entries(fields).map(([k, v]) => [k, [v]]));
        assert.equal(matchesEventPattern(own, fields), true);
        for (const [field, value] of Object.entries(fields)) {
          assert.equal(matchesEventPattern({ ...own, [field]: [`not ${String(value)}`] }, fields), false);
        }
      }),
    );
  });

  it("property: of a value, anything-but is the opposite of equality", () => {
    const value = fc.oneof(fc.constantFrom("x", "y"), fc.integer({ min: 0, max: 1 }));
    fc.assert(
      fc.property(value, value, (a, b) => {
        const butting = matchesEventPattern({ f: [{ "anything-but": b }] }, { f: a });
        assert.equal(butting, !matchesEventPattern({ f: [b] }, { f: a }));
      }),
    );
  });
});
