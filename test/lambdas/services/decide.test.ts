import fc from "fast-check";
import assert from "node:assert/strict";
import { Act, decide, Host } from "../../../lambdas/services/decide";

const NOW = Date.parse("2026-11-22T12:00:00Z");
const CARE = { graceSeconds: 600, requiredHosts: 2 };
const GROUP = { desired: 4, inService: 4 };
const host = (instanceId: string, over: Partial<Host> = {}): Host => ({
  ...{ arn: `arn:${instanceId}`, instanceId, answers: true, isActive: true, runningTasks: 3 },
  ...{ lifecycle: "InService", silentSince: undefined },
  ...over,
});
const silent = (instanceId: string, minutes: number, over: Partial<Host> = {}): Host =>
  host(instanceId, { answers: false, silentSince: NOW - minutes * 60_000, ...over });
const three = [host("i-1"), host("i-2"), host("i-3")];
const acts = (hosts: readonly Host[], group = GROUP): string[] =>
  decide(hosts, group, CARE, NOW).map((one: Act) => `${one.act} ${one.host.instanceId}`);

describe("what is done about hosts that ECS has no contact to", () => {
  it("is nothing while all answer", () => assert.deepEqual(acts(three), []));

  it("is to remember when it began, and to forget it when they answer again", () => {
    assert.deepEqual(acts([...three, host("i-4", { answers: false })]), ["note i-4"]);
    assert.deepEqual(acts([...three, host("i-4", { silentSince: NOW - 60_000 })]), ["forget i-4"]);
  });

  it("is to wait while the grace lasts, and then to terminate", () => {
    assert.deepEqual(acts([...three, silent("i-4", 9)]), []);
    assert.deepEqual(acts([...three, silent("i-4", 10)]), ["terminate i-4"]);
  });

  it("is one at a time: the one that has been silent longest, and the next when the group is whole again", () => {
    const hosts = [...three, silent("i-4", 20), silent("i-5", 30)];
    assert.deepEqual(acts(hosts, { desired: 5, inService: 5 }), ["terminate i-5"]);
    assert.deepEqual(acts(hosts, { desired: 5, inService: 4 }), []);
  });

  it("is to leave them alone while fewer answer than carry the services", () => {
    const hosts = [host("i-1"), silent("i-2", 20), silent("i-3", 20)];
    assert.deepEqual(acts(hosts), ["hold i-2", "hold i-3"]);
    const draining = host("i-4", { isActive: false });
    assert.deepEqual(acts([...hosts, draining]), ["hold i-2", "hold i-3"], "a host that is drained carries nothing");
  });

  it("is to give one up that is being terminated when its tasks have moved, or have had the time", () => {
    const terminating = { lifecycle: "Terminating:Wait" };
    assert.deepEqual(acts([...three, silent("i-4", 15, terminating)]), []);
    assert.deepEqual(acts([...three, silent("i-4", 15, { ...terminating, runningTasks: 0 })]), ["give up i-4"]);
    assert.deepEqual(acts([...three, silent("i-4", 20, terminating)]), ["give up i-4"]);
  });

  it("is to give one up that its group no longer has", () =>
    assert.deepEqual(acts([...three, silent("i-4", 10, { lifecycle: undefined })]), ["give up i-4"]));

  it("is nothing for one that somebody has put aside", () =>
    assert.deepEqual(acts([...three, silent("i-4", 60, { lifecycle: "Standby" })]), []));

  const anyHost = fc.record({
    answers: fc.boolean(),
    isActive: fc.boolean(),
    runningTasks: fc.nat(5),
    lifecycle: fc.constantFrom("InService", "Terminating:Wait", "Pending", "Standby", undefined),
    silentSince: fc.option(fc.integer({ min: NOW - 3_600_000, max: NOW }), { nil: undefined }),
  });
  it("never terminates two, one that answers, or any while too few do", () =>
    fc.assert(
      fc.property(fc.array(anyHost, { maxLength: 8 }), fc.nat(9), (list, inService) => {
        const hosts = list.map((one, i) => host(`i-${i}`, one));
        const ended = decide(hosts, { desired: 6, inService }, CARE, NOW).filter((one) => one.act === "terminate");
        const answering = hosts.filter((one) => one.answers && one.isActive).length;
        assert.ok(ended.length <= (answering < CARE.requiredHosts || inService < 6 ? 0 : 1));
        assert.ok(ended.every((one) => !one.host.answers && one.host.lifecycle === "InService"));
      }),
    ));
});
