import { Stack } from "@pulumi/pulumi/automation";
import assert from "node:assert/strict";
import { Clients } from "../../local/endpoint/clients";
import { resolveEngine } from "../../local/engine/engine";
import { openStack } from "../../local/stacks/stacks";
import { bringUp } from "./up";

const STACK = "prod-eu-west-1";
/** The default routes that failover and restore move: one a zone. */
const ROUTES = 3;

describe("what others change behind Pulumi's back", () => {
  let clients: Clients;
  let stack: Stack;
  before(async () => {
    clients = bringUp();
    stack = await openStack(STACK, clients.endpoint, await resolveEngine());
  });

  /** What an operation would change or has changed, without what stays the same. */
  const changes = async (operation: () => Promise<unknown>) => {
    const result = (await operation()) as {
      changeSummary?: Record<string, number>;
      summary?: { resourceChanges?: Record<string, number> };
    };
    const { same = 0, ...others } = result.changeSummary ?? result.summary?.resourceChanges ?? {};
    assert.ok(same > 0, "most of the stack is as it was");
    return others;
  };
  const refresh = () => changes(() => stack.refresh({ onOutput: () => undefined }));
  const preview = () => changes(() => stack.preview({ onOutput: () => undefined }));

  it("a refresh finds nothing where there is nothing, and nothing is to be changed after it", async () => {
    // Drills may have left a zone's route at another gateway: the first refresh takes that in.
    const { update: moved = 0, ...others } = await refresh();
    assert.deepEqual(others, {});
    assert.ok(moved <= ROUTES, `${moved} resources have drifted`);
    assert.deepEqual(await refresh(), {});
    assert.deepEqual(await preview(), {});
  });
});
