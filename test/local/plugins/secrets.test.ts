import assert from "node:assert/strict";
import fc from "fast-check";
import { hide, reveal } from "../../../local/plugins/aws/secrets";

const SIGNATURE = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
const secret = (value: unknown) => ({ ...SIGNATURE, value });

describe("secrets on their way through the stand-in", () => {
  it("reach AWS in the clear, however deep they are", () => {
    const given = { password: secret("p"), list: [{ inner: secret({ a: 1 }) }], name: "n" };
    assert.deepEqual(reveal(given), { password: "p", list: [{ inner: { a: 1 } }], name: "n" });
  });
  it("are marked again in what is put out, so that the engine encrypts them", () => {
    const given = { password: secret("p"), nested: { inner: secret("q") }, name: "n" };
    const outs = hide({ ...reveal(given), arn: "a" }, given);
    assert.deepEqual(outs, { password: secret("p"), nested: secret({ inner: "q" }), name: "n", arn: "a" });
    assert.deepEqual(reveal(outs), { ...reveal(given), arn: "a" });
  });
  it("leave everything else as it is, assets too", () => {
    class Asset {}
    const asset = new Asset();
    assert.equal(reveal({ code: asset }).code, asset);
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        assert.deepEqual(reveal({ value }), { value });
        assert.deepEqual(hide({ value: value as object }, { value }), { value });
      }),
    );
  });
});
