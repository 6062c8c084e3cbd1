import assert from "node:assert/strict";
import { allSettled } from "../../../local/common/settled";
import { UserError } from "../../../local/common/userError";

describe("several stacks at once", () => {
  const failing = (message: string, exitCode?: number) => Promise.reject(new UserError(message, exitCode));

  it("come to what each of them came to", async () =>
    assert.deepEqual(await allSettled([Promise.resolve(1), Promise.resolve(2)]), [1, 2]));

  it("fail as the one that failed, once the others have ended", async () => {
    let ended = false;
    const other = new Promise<void>((resolve) => setImmediate(resolve)).then(() => void (ended = true));
    await assert.rejects(allSettled([failing("no such stack"), other]), { message: "no such stack", exitCode: 2 });
    assert.ok(ended);
  });

  it("say what each of them failed of", async () => {
    const both = allSettled([
      failing("blue: Resource monitor is terminating", 1),
      failing("green: no such certificate", 1),
    ]);
    await assert.rejects(both, {
      message: "blue: Resource monitor is terminating\n\ngreen: no such certificate",
      exitCode: 1,
    });
    await assert.rejects(allSettled([failing("the same"), failing("the same")]), { message: "the same", exitCode: 2 });
  });

  it("fail with what nobody has foreseen, if that is among it", () =>
    assert.rejects(allSettled([Promise.reject(new TypeError("x is undefined")), failing("no such stack")]), TypeError));
});
