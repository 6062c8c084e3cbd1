import { mock } from "node:test";
import { AlarmEvent } from "../../../lambdas/outposts/alarm";
import { reconcile } from "../../../lambdas/outposts/reconcile";
import { RelaunchSettings } from "../../../lambdas/outposts/settings";
import { FakeAws } from "./fakeAws";

/** The time in these tests: it passes when they say so. */
export const clock = {
  now: () => new Date(),
  pass: (seconds: number) => mock.timers.setTime(Date.now() + seconds * 1000),
};
const { log } = console;

export function stopTime(): void {
  console.log = () => undefined;
  mock.timers.enable({ apis: ["Date"], now: Date.parse("2026-11-21T08:00:00.000Z") });
}

export function startTime(): void {
  mock.timers.reset();
  console.log = log;
}

export interface World {
  readonly aws: FakeAws;
  readonly tick: (times?: number) => Promise<void>;
  readonly run: (event?: AlarmEvent) => Promise<void>;
}

export function world(
  counts = [2, 1],
  failback: RelaunchSettings["failback"] = "terminate-relaunched",
  groups?: string[],
): World {
  const aws = new FakeAws(counts, failback, clock.now, groups);
  const run = (event: AlarmEvent = {}) => reconcile(event, aws.settings, aws.clients);
  const tick = async (times = 1) => {
    for (let i = 0; i < times; i++) {
      clock.pass(60);
      aws.settle();
      await run();
    }
  };
  return { aws, run, tick };
}

export const alarmEvent = (aws: FakeAws, since = aws.alarm.since, value = aws.alarm.state): AlarmEvent => ({
  detail: { state: { value, timestamp: since.toISOString() } },
});

/** The source is lost, and CloudWatch says so. */
export async function lose({ aws, run }: World): Promise<void> {
  clock.pass(60);
  aws.disconnect();
  await run(alarmEvent(aws));
}

export const subjects = ({ aws }: World) => aws.messages.map((m) => m.subject);
