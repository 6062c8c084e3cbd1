import assert from "node:assert/strict";
import { light } from "../../../lambdas/services/light";
import { LightSettings } from "../../../lambdas/services/settings";
import { FakeAws } from "./fakeAws";

const SETTINGS: LightSettings = {
  clusterName: "shop",
  services: [
    { serviceName: "cart", minimum: 4, maximum: 20 },
    { serviceName: "prices", minimum: 2, maximum: 6 },
  ],
};

describe("a pilot light", () => {
  let aws: FakeAws;
  beforeEach(() => {
    aws = new FakeAws();
    aws.services = ["cart", "prices"].map((serviceName) => ({ serviceName, desiredCount: 0 }));
  });
  const run = (event: unknown) => light(event, SETTINGS, aws.clients());
  const desired = () => aws.services.map((one) => one.desiredCount);

  it("gives every service its minimum, and scaling its bounds, once it is lit", async () => {
    assert.deepEqual(await run({ light: "on" }), { cart: 4, prices: 2 });
    assert.deepEqual(desired(), [4, 2]);
    assert.deepEqual([...aws.bounds], [["service/shop/cart", [4, 20]], ["service/shop/prices", [2, 6]]]); // prettier-ignore
  });

  it("takes no task away from a service that has scaled, however often it is lit", async () => {
    await run({ light: "on" });
    Object.assign(aws.services[0] ?? {}, { desiredCount: 11 });
    await run({ light: "on" });
    assert.deepEqual(desired(), [11, 2]);
  });

  it("is put out again", async () => {
    await run({ light: "on" });
    await run({ light: "off" });
    assert.deepEqual(desired(), [0, 0]);
    assert.deepEqual(aws.bounds.get("service/shop/cart"), [0, 20]);
  });

  it("does nothing that it isn't told clearly", async () => {
    for (const event of [undefined, {}, { light: true }, "on"]) {
      await assert.rejects(run(event), /expected {"light": "on"} or {"light": "off"}/);
    }
    assert.deepEqual(aws.calls, []);
  });

  it("lights the others if one can't be lit, and names that one", async () => {
    aws.services.shift();
    await assert.rejects(run({ light: "on" }), /run it again: cart: ServiceNotFoundException/);
    assert.deepEqual(desired(), [2]);
  });

  it("is lit by the next command, whichever call failed", async () => {
    for (let k = 0; k < 6; k++) {
      for (const moment of ["before", "afterwards"] as const) {
        aws = new FakeAws();
        aws.services = ["cart", "prices"].map((serviceName) => ({ serviceName, desiredCount: 0 }));
        let calls = 0;
        aws[moment] = () => {
          if (calls++ === k) {
            throw new Error("it fails");
          }
        };
        await assert.rejects(run({ light: "on" }), /it fails/);
        await run({ light: "on" });
        assert.deepEqual(desired(), [4, 2], `call ${k}, ${moment}`);
      }
    }
  });
});
