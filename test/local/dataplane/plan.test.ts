import assert from "node:assert/strict";
import fc from "fast-check";
import { Netmask } from "netmask";
import { host } from "../../../local/dataplane/plan";

describe("addresses of the data plane's laboratory", () => {
  it("are in their range, at their place", () => {
    fc.assert(
      fc.property(fc.nat(255), fc.nat(255), fc.integer({ min: 16, max: 24 }), fc.nat(255), (b, c, bits, index) => {
        const range = new Netmask(`10.${b}.${c}.0/${bits}`);
        const address = host(`${range.base}/${bits}`, index);
        assert.ok(range.contains(address));
        assert.equal(new Netmask(address).netLong - range.netLong, index);
      }),
    );
  });
});
