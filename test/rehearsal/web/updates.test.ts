import { EC2Client } from "@aws-sdk/client-ec2";
import { Stack } from "@pulumi/pulumi/automation";
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { WORK } from "../../../local/common/paths";
import { imageFor } from "../../../local/drills/web/landscape";
import { settleTiers } from "../../../local/drills/web/settle";
import { Tier } from "../../../local/drills/web/tier";
import { Clients } from "../../../local/endpoint/clients";
import { resolveEngine } from "../../../local/engine/engine";
import { openStack } from "../../../local/stacks/stacks";
import { bringUp } from "../up";

const STACK = "prod-eu-west-1";
const REGION = "eu-west-1";

describe("updates of a web tier", () => {
  let clients: Clients;
  let stack: Stack;
  let tier: Tier;
  let file: string;
  let before_: string;

  before(async () => {
    clients = bringUp();
    stack = await openStack(STACK, clients.endpoint, await resolveEngine());
    [tier] = (await Tier.all(REGION, clients)) as [Tier];
    file = join(WORK, "project", STACK, `Pulumi.${STACK}.yaml`);
    before_ = readFileSync(file, "utf8");
  });

  /** What an `up` makes anew, changes, replaces or deletes, by type. */
  async function up(): Promise<string[]> {
    const changed: string[] = [];
    await stack.up({
      onOutput: () => undefined,
      onEvent: ({ resourcePreEvent }) => {
        const { op = "same", type = "" } = resourcePreEvent?.metadata ?? {};
        if (op !== "same" && op !== "read" && resourcePreEvent?.planning !== true) {
          changed.push(type);
        }
      },
    });
    return [...new Set(changed)].sort();
  }

  it("a second one changes nothing", async () => assert.deepEqual(await up(), []));

  it("another image makes a version of the template and rolls it out, and changes nothing else", async () => {
    const image = (await tier.template()).data.ImageId ?? "";
    const { version } = await tier.template();
    const other = await imageFor(clients.make(EC2Client, REGION), REGION, "ami-0fedcba9876543210", "t4g.small");
    assert.ok(before_.includes(image), "the stack's file names the image");
    writeFileSync(file, before_.replaceAll(image, other));
    try {
      assert.deepEqual(await up(), ["aws:ec2/launchTemplate:LaunchTemplate", "aws:lambda/invocation:Invocation"]);
      assert.equal((await tier.template()).version, version, "until the rollout is through, the group is as it was");
      await settleTiers(REGION, clients);
      const { data, version: now } = await tier.template();
      assert.deepEqual([data.ImageId, now], [other, String(Number(version) + 1)]);
      assert.deepEqual([...new Set((await tier.serving()).map((s) => s.imageId))], [other]);
      assert.deepEqual(await up(), [], "the rollout is nothing that Pulumi would take back");
    } finally {
      writeFileSync(file, before_);
      await up();
      await settleTiers(REGION, clients);
    }
  });
});
