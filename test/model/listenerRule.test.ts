import assert from "node:assert/strict";
import fc from "fast-check";
import { DescribedRule, targetGroupsFor } from "../../model/listenerRule";

const forward = (TargetGroupArn: string) => ({ Actions: [{ Type: "forward", TargetGroupArn }] });
const paths = (...Values: string[]) => ({ Field: "path-pattern", PathPatternConfig: { Values } });
const hosts = (...Values: string[]) => ({ Field: "host-header", HostHeaderConfig: { Values } });

const RULES: readonly DescribedRule[] = [
  { Priority: "default", Actions: [{ Type: "fixed-response" }] },
  { Priority: "20", Conditions: [paths("/cart/*", "/c?rt")], ...forward("cart") },
  { Priority: "3", Conditions: [hosts("*.Example.com"), paths("/cart/admin")], ...forward("admin") },
];
const groups = (path: string, host = "shop.example.org", rules = RULES) => targetGroupsFor(rules, { host, path });

describe("targetGroupsFor", () => {
  it("goes by paths, with wildcards and their case", () => {
    assert.deepEqual([groups("/cart/1"), groups("/cart"), groups("/Cart/1")], [["cart"], ["cart"], []]);
  });
  it("needs all conditions of a rule, and takes the one with the lowest number", () => {
    assert.deepEqual([groups("/cart/admin", "EU.example.COM"), groups("/cart/admin")], [["admin"], ["cart"]]);
  });
  it("finds none where a listener answers by itself", () => assert.deepEqual(groups("/healthz"), []));
  it("finds each of several that share requests once", () => {
    const ForwardConfig = { TargetGroups: [{ TargetGroupArn: "a" }, { TargetGroupArn: "b" }] };
    const shared = [{ Priority: "default", Actions: [{ Type: "forward", TargetGroupArn: "a", ForwardConfig }] }];
    assert.deepEqual(groups("/", "any", shared), ["a", "b"]);
  });
  it("refuses conditions that it doesn't know", () => {
    const rules = [{ Priority: "1", Conditions: [{ Field: "source-ip" }], ...forward("a") }];
    assert.throws(() => groups("/", "any", rules), /source-ip/);
  });
  it("is the same in whatever order AWS lists rules", () => {
    const shuffled = fc.shuffledSubarray([...RULES], { minLength: RULES.length });
    const path = fc.constantFrom("/cart/1", "/cart/admin", "/healthz");
    fc.assert(
      fc.property(shuffled, path, (rules, asked) =>
        assert.deepEqual(groups(asked, "eu.example.com", rules), groups(asked, "eu.example.com")),
      ),
    );
  });
});
