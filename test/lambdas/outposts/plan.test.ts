import assert from "node:assert/strict";
import fc from "fast-check";
import { alarmNow, newerOf, reported } from "../../../lambdas/outposts/alarm";
import { sourceServes } from "../../../lambdas/outposts/care";
import { InstanceState, sourceInstances } from "../../../lambdas/outposts/instances";
import { clientToken, isRefusal } from "../../../lambdas/outposts/launch";
import { planLaunches } from "../../../lambdas/outposts/plan";
import { OUTAGE, RELAUNCHED_BY, RelaunchSettings, SLOT } from "../../../lambdas/outposts/settings";
import { isNews, stageOf, stageText } from "../../../lambdas/outposts/stage";
import { awsError } from "./fakeAws";

const TYPES = ["c6id.large", "c6id.xlarge"];
const T0 = "2026-11-21T08:00:00Z";
const NO_ATTEMPTS = { refused: new Map<string, string>(), postponed: new Set<string>() };

function settingsOf(
  counts: readonly { type: string; count: number }[],
  capacity: Record<string, number>,
): RelaunchSettings {
  const server = (name: string) => ({
    ...{ name, outpostId: `op-${name}`, outpost: `op-${name}` },
    ...{ subnetIds: [`subnet-${name}`], capacity },
  });
  return {
    system: "outposts/p-a",
    pair: "p",
    source: server("a"),
    destination: server("b"),
    applications: counts.map(({ type, count }, i) => ({
      name: `app${i}`,
      launchTemplateId: `lt-${i}`,
      version: "1",
      networkInterfaces: [],
      instanceType: type,
      count,
      subnetId: "subnet-b",
      targetGroupArns: [],
    })),
    failback: "notify",
    sourceAlarm: { name: "alarm", periodSeconds: 60, evaluationPeriods: 3 },
    ownerAccountId: undefined,
    stateTable: "state",
    topicArn: "arn",
  };
}

const instance = (
  instanceId: string,
  where: "a" | "b",
  instanceType: string,
  tags: Record<string, string> = {},
): InstanceState => ({
  ...{ instanceId, subnetId: `subnet-${where}`, instanceType, tags },
  ...{ state: "running", launchedAt: 0, stateReason: undefined },
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
type Case = typeof situations extends fc.Arbitrary<infer T> ? T : never;

describe("planLaunches", () => {
  const plan = ({ counts, capacity, others }: Case) => {
    const settings = settingsOf(counts, capacity);
    const instances = others.map((type, i) => instance(`i-${i}`, "b", type));
    return { settings, instances, placements: planLaunches(settings, T0, instances, new Set(TYPES), NO_ATTEMPTS) };
  };

  it("never launches more than fits, and accounts for every instance that is wanted", () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { placements } = plan(situation);
        for (const type of TYPES) {
          const used = situation.others.filter((t) => t === type).length;
          const own = placements.filter((p) => p.application.instanceType === type);
          const launched = own.reduce((sum, p) => sum + p.launch.length, 0);
          assert.ok(launched === 0 || used + launched <= (situation.capacity[type as "c6id.large"] ?? 0));
        }
        placements.forEach((p) => assert.equal(p.launch.length + p.missing, p.application.count));
      }),
    );
  });

  it("refuses only what has no room left after more important applications", () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { placements } = plan(situation);
        placements.forEach((p, i) => {
          const later = placements
            .slice(i + 1)
            .filter((l) => l.application.instanceType === p.application.instanceType);
          assert.ok(p.missing === 0 || later.every((l) => l.launch.length === 0));
        });
      }),
    );
  });

  it("decides the same when it is run again after any of its launches, in whatever outage", () => {
    fc.assert(
      fc.property(
        situations,
        fc.func(fc.boolean()),
        fc.constantFrom(T0, "2026-11-20T00:00:00Z"),
        (situation, happened, outage) => {
          const { settings, instances, placements } = plan(situation);
          const done = placements.flatMap((p, app) =>
            p.launch
              .filter((place) => happened(place))
              .map((place) =>
                relaunched(`r-${place}`, p.application.instanceType, app, Number(place.split("/")[1]), outage),
              ),
          );
          const again = planLaunches(settings, T0, [...instances, ...done], new Set(TYPES), NO_ATTEMPTS);
          again.forEach((p, i) => {
            assert.equal(p.copies.length + p.launch.length, placements[i]?.launch.length);
            assert.equal(p.missing, placements[i]?.missing);
          });
        },
      ),
    );
  });

  it("says what EC2 said of a place that it refused, and tries the others", () => {
    const settings = settingsOf([{ type: "c6id.large", count: 2 }], { "c6id.large": 2 });
    const attempts = { ...NO_ATTEMPTS, refused: new Map([["app0/0", "no"]]) };
    const [placement] = planLaunches(settings, T0, [], undefined, attempts);
    assert.deepEqual([placement?.launch, placement?.missing, placement?.reason], [["app0/1"], 1, "no"]);
  });

  it("neither launches nor gives up a place whose launch may have failed for a moment only", () => {
    const settings = settingsOf([{ type: "c6id.large", count: 2 }], { "c6id.large": 2 });
    const attempts = { ...NO_ATTEMPTS, postponed: new Set(["app0/0"]) };
    const [placement] = planLaunches(settings, T0, [], undefined, attempts);
    assert.deepEqual([placement?.launch, placement?.missing], [["app0/1"], 0]);
  });

  it("refuses a type that the destination doesn't offer, and tries if it could not be asked", () => {
    const settings = settingsOf([{ type: "c6id.large", count: 2 }], { "c6id.large": 2 });
    assert.match(planLaunches(settings, T0, [], new Set(), NO_ATTEMPTS)[0]?.reason ?? "", /doesn't offer c6id.large/);
    assert.equal(planLaunches(settings, T0, [], undefined, NO_ATTEMPTS)[0]?.launch.length, 2);
  });

  it("replaces no copy of this outage that has ended, and every one of an earlier outage", () => {
    const settings = settingsOf([{ type: "c6id.large", count: 1 }], { "c6id.large": 1 });
    const ended = (outage: string) => ({ ...relaunched("i-1", "c6id.large", 0, 0, outage), state: "terminated" });
    const plan = (outage: string) => planLaunches(settings, T0, [ended(outage)], undefined, NO_ATTEMPTS)[0];
    assert.deepEqual([plan(T0)?.launch, plan(T0)?.missing], [[], 1]);
    assert.deepEqual([plan("2026-11-20T00:00:00Z")?.launch, plan("2026-11-20T00:00:00Z")?.missing], [["app0/0"], 0]);
  });
});

describe("sourceServes", () => {
  const settings = settingsOf([{ type: "c6id.large", count: 2 }], { "c6id.large": 2 });
  const own = (id: string) => instance(id, "a", "c6id.large", { "aws:ec2launchtemplate:id": "lt-0" });

  it("only when every application has all its instances back", () => {
    const instances = [own("i-1"), own("i-2")];
    assert.equal(sourceServes(settings, { instances, passing: new Set(["i-1", "i-2"]) }), true);
    assert.equal(sourceServes(settings, { instances, passing: new Set(["i-1"]) }), false);
    assert.equal(sourceServes(settings, { instances: instances.slice(0, 1), passing: new Set(["i-1"]) }), false);
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
  it("is the same for the same place in the same episode, and never longer than EC2 allows", () => {
    assert.equal(clientToken("s", T0, "app/0", ["i-1", "i-2"]), clientToken("s", T0, "app/0", ["i-2", "i-1"]));
    assert.equal(clientToken("s", T0, "app/0", []).length, 64);
  });
  it("differs by system, episode, place, the copies that have ended there, and its number in the row", () => {
    const tokens = [
      clientToken("s", T0, "a/0", []),
      clientToken("t", T0, "a/0", []),
      clientToken("s", T0, "a/1", []),
      clientToken("s", "later", "a/0", []),
      clientToken("s", T0, "a/0", ["i-1"]),
      clientToken("s", T0, "a/0", [], 1),
    ];
    assert.equal(new Set(tokens).size, 6);
  });
});

describe("isRefusal", () => {
  it("goes by code and HTTP status", () => {
    const refusals = [awsError("InsufficientInstanceCapacity", 500), awsError("UnauthorizedOperation", 403)];
    assert.deepEqual([...refusals, awsError("InvalidAMIID.NotFound", 400)].map(isRefusal), [true, true, true]);
    const passing = [
      awsError("RequestLimitExceeded", 503),
      awsError("ThrottlingException", 400),
      awsError("InternalError", 500),
      awsError("TimeoutError"),
      new Error("socket hang up"),
    ];
    assert.deepEqual(
      passing.map(isRefusal),
      passing.map(() => false),
    );
  });
});

describe("the source's alarm", () => {
  const event = (value: string, timestamp?: string) => ({
    detail: { state: { value, ...(timestamp && { timestamp }) } },
  });
  it("is read to the second from events, however CloudWatch writes the moment", () =>
    assert.deepEqual(reported(event("ALARM", "2026-11-21T09:30:00.512+0000")), {
      state: "ALARM",
      since: "2026-11-21T09:30:00Z",
    }));
  it("is unknown from anything else", () => {
    for (const received of [null, {}, event("ALARM"), event("BROKEN", T0), event("OK", "yesterday")]) {
      assert.equal(reported(received), undefined);
    }
  });
  it("is what CloudWatch answers, unless an event is newer", () => {
    const [earlier, later] = [alarmNow("ALARM", T0), alarmNow("OK", "2026-11-21T08:05:00Z")];
    assert.ok(earlier && later);
    assert.equal(newerOf(later, earlier), later);
    assert.equal(newerOf(earlier, later), later);
    assert.equal(newerOf(earlier, undefined), earlier);
  });
});

describe("stages of an outage", () => {
  it("survive the state table", () => {
    const stage = { outage: T0, name: "not served" } as const;
    assert.deepEqual(stageOf(stageText(stage)), stage);
    assert.equal(stageOf("nonsense"), undefined);
  });
  it("are news forwards only, and from the beginning in a later outage", () => {
    const stage = (name: "incomplete" | "relaunched" | "back", outage = T0) => ({ outage, name });
    assert.equal(isNews(stage("relaunched"), stage("incomplete")), true);
    assert.equal(isNews(stage("incomplete"), stage("relaunched")), false);
    assert.equal(isNews(stage("back"), stage("back")), false);
    assert.equal(isNews(stage("incomplete", "2026-11-22T00:00:00Z"), stage("back")), true);
    assert.equal(isNews(stage("back"), stage("incomplete", "2026-11-22T00:00:00Z")), false);
  });
});
