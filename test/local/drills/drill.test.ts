import assert from "node:assert/strict";
import { Drill, DrillContext, runOf, Target } from "../../../local/drills/drill";
import { Clients } from "../../../local/endpoint/clients";
import { Endpoint } from "../../../local/endpoint/endpoint";

const target: Target = {
  stack: "test",
  region: "us-east-1",
  config: { notifications: { emails: [] } },
  clients: new Clients(new Endpoint("http://127.0.0.1:1")),
};
const drill: Drill = {
  name: "nobody-told",
  system: "notifications",
  description: "Nobody is told.",
  run: async (context) => context.expect("it runs", true),
};

/** What a drill expects when it is run. */
async function expectations(run: Drill["run"]): Promise<[string, boolean][]> {
  const expected: [string, boolean][] = [];
  const context: Pick<DrillContext, "expect"> = { expect: (what, held) => expected.push([what, held]) };
  await run(context as DrillContext);
  return expected;
}

describe("a drill", () => {
  const { CI } = process.env;
  const setCi = (value: string | undefined) => {
    delete process.env["CI"];
    Object.assign(process.env, value === undefined ? {} : { CI: value });
  };
  before(() => setCi(undefined));
  after(() => setCi(CI));

  it("is run if nothing is lacking", async () => {
    const run = await runOf({ ...drill, stackLacks: () => undefined, machineLacks: () => undefined }, target);
    assert.equal(run, drill.run);
  });
  it("is not played on a stack without its system, and nothing is asked about it", async () => {
    const stackLacks = () => assert.fail("asked");
    assert.equal(await runOf({ ...drill, system: "gateway", stackLacks }, target), "the stack has no nplusone:gateway");
  });
  it("is not played on a stack without what it breaks", async () => {
    const stackLacks = async ({ config }: Target) => `${config.notifications?.emails.length} addresses`;
    assert.equal(await runOf({ ...drill, stackLacks }, target), "the stack has no 0 addresses");
  });
  it("is not played on a machine that can't, and there fails in CI", async () => {
    const lame = { ...drill, machineLacks: () => "nft" };
    assert.equal(await runOf(lame, target), "this machine has no nft");
    setCi("true");
    const run = await runOf(lame, target);
    assert.ok(typeof run !== "string");
    assert.deepEqual(await expectations(run), [["it can be played in CI", false]]);
  });
});
