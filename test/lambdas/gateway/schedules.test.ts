import assert from "node:assert/strict";
import fc from "fast-check";
import { GatewayEvent } from "../../../lambdas/gateway/events";
import { reconcile } from "../../../lambdas/gateway/reconcile";
import { FakeAws } from "./fakeAws";
import { quietly } from "./runs";

const ZONES = ["a", "b", "c"];

/** What happens to a gateway, each with the events that AWS sends about it. */
const steps = fc.record({
  zone: fc.constantFrom(...ZONES),
  what: fc.constantFrom("terminate", "replace", "hold back", "stop", "start", "fail checks", "pass checks"),
  /** Which of the events arrive twice. */
  twice: fc.boolean(),
});
type Step = typeof steps extends fc.Arbitrary<infer T> ? T : never;

const about = (type: string, zone: string, EC2InstanceId: string): GatewayEvent => ({
  "detail-type": type,
  detail: { EC2InstanceId, AutoScalingGroupName: `group-${zone}`, LifecycleHookName: "hook" },
});
const stateChange = (id: string, state: string): GatewayEvent => ({
  "detail-type": "EC2 Instance State-change Notification",
  detail: { "instance-id": id, state },
});
const alarm = (value: string): GatewayEvent => ({
  "detail-type": "CloudWatch Alarm State Change",
  detail: { alarmName: "x", state: { value } },
});

/** Changes the world, and returns the events that it gives rise to. Nothing happens to what isn't there. */
function happen(aws: FakeAws, { zone, what }: Step): GatewayEvent[] {
  const gateway = aws.gateway(zone);
  const { instanceId: id } = gateway;
  const isThere = gateway.state === "running";
  switch (what) {
    case "terminate":
      aws.kill(zone);
      return isThere ? [stateChange(id, "terminated"), about("EC2 Instance Terminate Successful", zone, id)] : [];
    case "replace":
      return isThere ? [] : [about("EC2 Instance Launch Successful", zone, aws.launch(zone))];
    case "hold back":
      gateway.lifecycle = isThere ? "Terminating:Wait" : gateway.lifecycle;
      return isThere ? [about("EC2 Instance-terminate Lifecycle Action", zone, id)] : [];
    case "stop":
      gateway.state = isThere ? "stopping" : gateway.state;
      return isThere ? [stateChange(id, "stopping")] : [];
    case "start": {
      const starts = gateway.state === "stopping";
      gateway.state = starts ? "running" : gateway.state;
      return starts ? [alarm("OK")] : [];
    }
    default:
      gateway.checks = what === "fail checks" ? "impaired" : "ok";
      return isThere ? [alarm(what === "fail checks" ? "ALARM" : "OK")] : [];
  }
}

/** A FIFO queue with one group and its mapping: batches of ten, given back whole if a run fails. */
class Queue {
  private readonly messages: GatewayEvent[] = [];
  private closed = false;
  private wake: () => void = () => undefined;
  private sent = Promise.resolve();

  constructor() {
    this.rearm();
  }

  send(...events: GatewayEvent[]): void {
    this.messages.push(...events);
    this.wake();
    this.rearm();
  }

  /** Nothing more will come. */
  close(): void {
    this.closed = true;
    this.wake();
  }

  /** Hands batches to a handler until the queue is closed and empty. */
  async consume(handle: (events: GatewayEvent[]) => Promise<void>): Promise<void> {
    while (!this.closed || this.messages.length > 0) {
      const batch = this.messages.splice(0, 10);
      if (batch.length === 0) {
        await this.sent;
        continue;
      }
      await handle(batch).catch(() => this.messages.unshift(...batch));
    }
  }

  private rearm(): void {
    this.sent = new Promise((resolve) => (this.wake = resolve));
  }
}

describe("reconcile, under random schedules with a pause before every call", () => {
  quietly();

  const isLive = (aws: FakeAws, zone: string) =>
    aws.isAlive(zone) && !aws.gateway(zone).lifecycle.startsWith("Terminating");

  async function play(schedule: fc.Scheduler, script: readonly Step[], failing: ReadonlySet<number>, runs: number) {
    const aws = new FakeAws(ZONES);
    const queue = new Queue();
    let calls = 0;
    aws.pause = async (action) => {
      const fails = failing.has(calls++);
      await schedule.schedule(Promise.resolve(), action);
      if (fails) {
        throw new Error(`${action} is throttled`);
      }
    };
    const world = (async () => {
      for (const step of script) {
        await schedule.schedule(Promise.resolve(), `${step.what} ${step.zone}`);
        const events = happen(aws, step);
        queue.send(...events, ...(step.twice ? events : []));
      }
      queue.close();
    })();
    const consumers = Array.from({ length: runs }, () => {
      const memory = { told: new Map() };
      return queue.consume((events) => reconcile(events, aws.settings, aws.clients, memory));
    });
    await schedule.waitFor(Promise.all([world, ...consumers]));
    const live = ZONES.filter((zone) => isLive(aws, zone));
    for (const zone of ZONES) {
      const [through = ""] = aws.through(zone);
      assert.ok(live.length === 0 || live.includes(through), `${zone} goes through ${through}, alive: ${live.join()}`);
      assert.ok(!live.includes(zone) || through === zone, `${zone} lives, and goes through ${through}`);
    }
    return aws;
  }

  const scripts = fc.array(steps, { minLength: 1, maxLength: 12 });
  const failing = fc.array(fc.nat({ max: 80 }), { maxLength: 4 }).map((f) => new Set(f));

  it("leaves no route at a dead gateway, and every zone at home that can be, once the queue is empty", async function () {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), scripts, failing, async (schedule, script, fails) => {
        await play(schedule, script, fails, 1);
      }),
      { numRuns: 300 },
    );
  });

  it("nor do runs beside each other, which the queue doesn't allow", async function () {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), scripts, failing, async (schedule, script, fails) => {
        await play(schedule, script, fails, 2);
      }),
      { numRuns: 300 },
    );
  });

  it("holds nobody back by the hook whose routes have moved", async function () {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), failing, async (schedule, fails) => {
        const script = [{ zone: "a", what: "hold back", twice: true }] as const;
        const aws = await play(schedule, script, fails, 1);
        assert.equal(aws.gateway("a").lifecycle, "Terminating:Proceed");
      }),
      { numRuns: 100 },
    );
  });
});
