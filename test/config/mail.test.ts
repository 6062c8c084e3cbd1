import assert from "node:assert/strict";
import { parseConfig } from "../../config";
import { expectProblem, good, problems } from "./problems";

const orders = {
  name: "orders",
  domainName: "example.com",
  zoneId: "Z0123456789ABCDEFGHIJ",
  from: "orders@example.com",
};
const config = (over: object = {}) => ({ ...good, mail: [{ ...orders, ...over }] });

describe("the configuration of mail", () => {
  it("is filled with defaults, and needs no partner", () => {
    const [one] = parseConfig(config(), "test").mail ?? [];
    assert.deepEqual(one?.alarms, { bouncePercent: 2, complaintPercent: 0.05 });
  });

  it("is from an address of its domain, or of one below it", () => {
    expectProblem(config({ from: "orders@example.org" }), "mail.0.from", /an address of example\.com/);
    expectProblem(config({ from: "orders@notexample.com" }), "mail.0.from", /an address of example\.com/);
    assert.deepEqual(problems(config({ from: "orders@shop.example.com" })), []);
  });

  it("has each name and each domain once", () => {
    const lines = problems({ ...good, mail: [orders, orders] });
    assert.deepEqual(
      lines.map((line) => /mail\.1\.(\w+)/.exec(line)?.[1]),
      ["name", "domainName"],
    );
  });

  it("is there in the partner's file too, which sends when this Region can't", () => {
    const partner = { role: "primary", stack: "other", region: "eu-west-1" };
    const theirs = { role: "standby", stack: "test", region: "us-east-1" };
    const says = (mail: unknown) => {
      const file = { "aws:region": "eu-west-1", "nplusone:partner": theirs, "nplusone:mail": mail };
      try {
        parseConfig({ ...config(), partner }, "test", "us-east-1", () => file);
      } catch (error) {
        return (error as Error).message;
      }
      return "";
    };
    assert.equal(says([{ ...orders, from: "other@example.com" }]), "");
    assert.match(says([]), /mail\.0\.name: expected Pulumi\.other\.yaml to have orders of example\.com too/);
  });
});
