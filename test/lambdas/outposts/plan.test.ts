import assert from "node:assert/strict";
import fc from "fast-check";
import { outageOf } from "../../../lambdas/outposts/events";
import { clientToken } from "../../../lambdas/outposts/launch";
import { InstanceState, planRelaunch, sourceInstances, sourceServes } from "../../../lambdas/outposts/plan";
import { OUTAGE, RELAUNCHED_BY, RelaunchSettings, SLOT } from "../../../lambdas/outposts/settings";

const TYPES = ["c6id.large", "c6id.xlarge"];
const T0 = "2026-11-21T08:00:00.000Z";

function settingsOf(
  counts: readonly { type: string; count: number }[],
  capacity: Record<string, number>,
): RelaunchSettings {
  const server = (name: string) => ({ name, outpostId: `op-${name}`, subnetIds: [`subnet-${name}`], capacity });
  return {
    system: "outposts/p-a",
    pair: "p",
    source: server("a"),
    destination: server("b"),
    applications: counts.map(({ type, count }, i) => ({
      name: `app${i}`,
      launchTemplateId: `lt-${i}`,
      version: "1",
      instanceType: type,
      count,
      subnetId: "subnet-b",
      targetGroupArns: [],
    })),
    failback: "notify",
    sourceAlarm: "alarm",
    ownerAccountId: undefined,
    stateTable: "state",
    topicArn: "arn",
    pollSeconds: 0,
    deadlineSeconds: 0,
  };
}

const instance = (
  id: string,
  where: "a" | "b",
  instanceType: string,
  tags: Record<string, string> = {},
): InstanceState => ({
  instanceId: id,
  subnetId: `subnet-${where}`,
  instanceType,
  tags,
});
const relaunched = (id: string, type: string, app: number, index: number, outage = T0) =>
  instance(id, "b", type, { [RELAUNCHED_BY]: "outposts/p-a", [OUTAGE]: outage, [SLOT]: `app${app}/${index}` });

const situations = fc.record({
  counts: fc.array(fc.record({ type: fc.constantFrom(...TYPES), count: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: 8,
  }),
  capacity: fc.record({ "c6id.large": fc.nat(12), "c6id.xlarge": fc.nat(6) }),
  others: fc.array(fc.constantFrom(...TYPES), { maxLength: 12 }),
});

describe("planRelaunch", () => {
  const plan = ({
    counts,
    capacity,
    others,
  }: {
    counts: { type: string; count: number }[];
    capacity: Record<string, number>;
    others: string[];
  }) => {
    const settings = settingsOf(counts, capacity);
    const instances = others.map((type, i) => instance(`i-${i}`, "b", type));
    return { settings, instances, decisions: planRelaunch(settings, T0, instances, new Set(TYPES)) };
  };

  it("never launches more than fits, and accounts for every instance that is wanted", () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { decisions } = plan(situation);
        for (const type of TYPES) {
          const used = situation.others.filter((t) => t === type).length;
          const own = decisions.filter((d) => d.application.instanceType === type);
          const launched = own.reduce((sum, d) => sum + d.launch.length, 0);
          assert.ok(launched === 0 || used + launched <= (situation.capacity[type as "c6id.large"] ?? 0));
        }
        decisions.forEach((d) => assert.equal(d.launch.length + d.refused, d.application.count));
      }),
    );
  });

  it("refuses only what has no room left after more important applications", () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { decisions } = plan(situation);
        decisions.forEach((d, i) => {
          const later = decisions.slice(i + 1).filter((l) => l.application.instanceType === d.application.instanceType);
          assert.ok(d.refused === 0 || later.every((l) => l.launch.length === 0));
        });
      }),
    );
  });

  it("decides the same when it is run again after any of its launches", () => {
    fc.assert(
      fc.property(situations, fc.func(fc.boolean()), (situation, happened) => {
        const { settings, instances, decisions } = plan(situation);
        const done = decisions.flatMap((d, app) =>
          d.launch
            .filter((index) => happened(app, index))
            .map((index) => relaunched(`r-${app}-${index}`, d.application.instanceType, app, index)),
        );
        const again = planRelaunch(settings, T0, [...instances, ...done], new Set(TYPES));
        again.forEach((d, i) => {
          assert.equal(d.existing.length + d.launch.length, decisions[i]?.launch.length);
          assert.equal(d.refused, decisions[i]?.refused);
        });
      }),
    );
  });

  it("counts what an earlier outage left running as taken", () => {
    const settings = settingsOf([{ type: "c6id.large", count: 1 }], { "c6id.large": 1 });
    const left = relaunched("i-left", "c6id.large", 0, 0, "2026-11-20T00:00:00.000Z");
    assert.equal(planRelaunch(settings, T0, [left], new Set(TYPES))[0]?.refused, 1);
  });

  it("refuses a type that the destination doesn't offer, and tries if it could not be asked", () => {
    const settings = settingsOf([{ type: "c6id.large", count: 2 }], { "c6id.large": 2 });
    assert.match(planRelaunch(settings, T0, [], new Set())[0]?.reason ?? "", /doesn't offer c6id.large/);
    assert.equal(planRelaunch(settings, T0, [], undefined)[0]?.launch.length, 2);
  });
});

describe("sourceServes", () => {
  const settings = settingsOf([{ type: "c6id.large", count: 2 }], { "c6id.large": 2 });
  const own = (id: string) => instance(id, "a", "c6id.large", { "aws:ec2launchtemplate:id": "lt-0" });

  it("only when every application has all its instances back", () => {
    const both = [own("i-1"), own("i-2")];
    assert.equal(sourceServes(settings, both, new Set(["i-1", "i-2"])), true);
    assert.equal(sourceServes(settings, both, new Set(["i-1"])), false);
    assert.equal(sourceServes(settings, both.slice(0, 1), new Set(["i-1"])), false);
  });

  it("doesn't take instances relaunched there for another outage for the source's own", () => {
    const guest = instance("i-3", "a", "c6id.large", {
      "aws:ec2launchtemplate:id": "lt-0",
      [RELAUNCHED_BY]: "outposts/p-b",
    });
    const [application] = settings.applications;
    assert.deepEqual(application && sourceInstances(settings, application, [guest]), []);
  });
});

describe("clientToken", () => {
  it("is the same for the same instance of the same outage, and never longer than EC2 allows", () => {
    assert.equal(clientToken("s", T0, "app/0"), clientToken("s", T0, "app/0"));
    assert.equal(clientToken("s", T0, "app/0").length, 64);
  });
  it("differs by outage, application and index", () => {
    const tokens = [
      clientToken("s", T0, "a/0"),
      clientToken("s", T0, "a/1"),
      clientToken("s", T0, "b/0"),
      clientToken("s", "later", "a/0"),
    ];
    assert.equal(new Set(tokens).size, 4);
  });
});

describe("outageOf", () => {
  const event = (value: string, timestamp?: string) => ({
    time: T0,
    detail: { state: { value, ...(timestamp ? { timestamp } : {}) } },
  });
  it("is the moment at which the alarm went off", () =>
    assert.equal(outageOf(event("ALARM", "2026-11-21T09:30:00.000+0000")), "2026-11-21T09:30:00.000Z"));
  it("is the event's time if the state says none", () => assert.equal(outageOf(event("ALARM")), T0));
  it("is none for any other state, or no time at all", () => {
    assert.equal(outageOf(event("OK")), undefined);
    assert.equal(outageOf({ detail: { state: { value: "ALARM" } } }), undefined);
    assert.equal(outageOf({}), undefined);
  });
});
