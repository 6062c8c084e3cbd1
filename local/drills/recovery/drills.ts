import { Settings } from "../../endpoint/scope";
import { Execution } from "../../bus/stateMachines";
import { Drill, DrillContext } from "../drill";
import { alarmState } from "../../bus/events";
import { SECRET } from "./landscape";
import { chatTexts, Page, pages, RecoveryInstance, RecoveryWorld } from "./world";

const PLAYED =
  "The endpoint answers for what no emulator has: failing status checks, Route 53's checkers, EC2's own metrics, and the hosts that are not AWS. Waits take a thousandth of their time.";

/** What a drill expects people to have been told. */
interface Told {
  readonly restarts: number;
  readonly chat: readonly RegExp[];
  readonly page: readonly RegExp[];
  /** Subjects of messages by SNS. @default none */
  readonly sns?: readonly RegExp[];
}

/** A drill about the stack's first instance, with all that was before forgotten. */
function recoveryDrill(
  name: string,
  description: string,
  play: (context: DrillContext, world: RecoveryWorld, instance: RecoveryInstance) => Promise<void>,
): Drill {
  return {
    name,
    system: "recovery",
    description: `${description} ${PLAYED}`,
    run: async (context) => {
      const world = await RecoveryWorld.find(context.stack, context.clients);
      const [instance] = world.instances;
      if (instance === undefined) {
        throw new Error("the stack's file names no instances");
      }
      await world.forget();
      await play(context, world, instance);
    },
  };
}

/** The alarm goes off, and the execution that this starts runs to its end. */
async function alarm(context: DrillContext, instance: RecoveryInstance, at?: string): Promise<Execution | undefined> {
  const [delivery] = await context.publish(alarmState(instance.alarm, "ALARM", at));
  const execution = delivery?.execution;
  context.note(`the execution ${execution?.status}: ${execution?.states.join(" → ")}`);
  context.expect("an execution starts", execution !== undefined);
  context.expect("no secret is in the execution's history", execution?.history.includes(SECRET) === false);
  return execution;
}

/** Judges by EC2's calls and by what chat, pager and topic got; a chat or pager may be the topic, too. */
async function expectTold(context: DrillContext, world: RecoveryWorld, told: Told): Promise<Page[]> {
  const restarts = (await context.calls()).filter((c) => c.action === "RebootInstances" && c.status === 200).length;
  context.expect(`EC2 is asked for ${told.restarts} restart(s)`, restarts === told.restarts, restarts);
  const received = await context.received();
  const paged = pages(received, world);
  const pageTexts = paged.map((p) => `${p.title}\n${p.text}`);
  // What CloudWatch says of alarms by itself is none of it: the emulator evaluates other systems' alarms in its own time.
  const byTopic = (await context.messages())
    .filter(({ subject }) => !/^(ALARM|OK|INSUFFICIENT_DATA): /.test(subject))
    .map((m) => `${m.subject}\n${m.body}`);
  const [chat, page] = [world.chat.type, world.pager.type].map((type) => type !== "sns");
  expectTexts(context, "the chat", chatTexts(received, world), chat ? told.chat : []);
  expectTexts(context, "the pager", pageTexts, page ? told.page : []);
  expectTexts(context, "the topic", byTopic, [
    ...(told.sns ?? []),
    ...(chat ? [] : told.chat),
    ...(page ? [] : told.page),
  ]);
  return paged;
}

function expectTexts(context: DrillContext, who: string, found: readonly string[], expected: readonly RegExp[]): void {
  const held = found.length === expected.length && expected.every((e) => found.some((f) => e.test(f)));
  const what = `${who} gets ${expected.length} message(s)${expected.length > 0 ? ` like ${expected.join(", ")}` : ""}`;
  context.expect(what, held, found.map((f) => f.split("\n")[0]).join(" | ") || "nothing");
}

const STILL_FAILS = /still fails after a restart[^]*First run, URL: FAILED[^]*Second run, URL: FAILED/;

/** Seconds between two looks at a restarted instance. */
const POLL_SECONDS = 15;

/** The settings of an instance that a restart heals, after EC2 has said `initializing` so often. */
const healing = (world: RecoveryWorld, instance: RecoveryInstance, polls = 2): Settings => ({
  world: world.failing(instance),
  reboot: { polls, then: world.healed(instance) },
});

/** The drills of the recovery workflow. */
export const recoveryDrills: readonly Drill[] = [
  recoveryDrill(
    "recovery-false-alarm",
    "The alarm goes off, but the instance is well by the time it is looked at.",
    async (context, world, instance) => {
      await context.inject(`${instance.name}'s alarm goes off; all is well`, { world: world.world() });
      await alarm(context, instance);
      await expectTold(context, world, { restarts: 0, chat: [], page: [] });
      const hosts = (await context.received()).map((r) => r.host);
      context.expect("URL and SSH were asked", hosts.join() === [instance.urlHost, instance.sshHost].join());
    },
  ),
  recoveryDrill(
    "recovery-restart-helps",
    "The instance is pegged and its URL fails; a restart heals it.",
    async (context, world, instance) => {
      await context.inject(`${instance.name} is pegged; a restart will heal it`, healing(world, instance));
      const execution = await alarm(context, instance);
      const polls = execution?.states.filter((s) => s === "PollStatus").length;
      context.expect("its status is polled until EC2 says ok: 3 times", polls === 3, polls);
      await expectTold(context, world, {
        restarts: 1,
        chat: [
          /is healthy again after a restart[^]*First run, URL: FAILED[^]*restarted at[^]*Second run, URL: good[^]*Time since the alarm: \d+ s/,
        ],
        page: [],
      });
    },
  ),
  recoveryDrill(
    "recovery-restart-does-not-help",
    "The instance still fails after its restart.",
    async (context, world, instance) => {
      const at = new Date().toISOString();
      const settings = { world: world.failing(instance), reboot: { polls: 0, then: {} } };
      await context.inject(`${instance.name} is pegged; a restart will not help`, settings);
      await alarm(context, instance, at);
      const [page] = await expectTold(context, world, { restarts: 1, chat: [], page: [STILL_FAILS] });
      const alias = `${instance.instanceId}/${at}`;
      if (world.pager.type !== "sns") {
        context.expect("the page's alias is the instance's and the outage's", page?.alias === alias);
      }
    },
  ),
  recoveryDrill(
    "recovery-system-impaired",
    "EC2's system status check fails: AWS's own recovery sees to it.",
    async (context, world, instance) => {
      const systemChecks = { [instance.instanceId]: "impaired" } as const;
      await context.inject(`${instance.name}'s system is impaired`, {
        world: world.failing(instance, { systemChecks }),
      });
      await alarm(context, instance);
      await expectTold(context, world, { restarts: 0, chat: [/left to EC2's own recovery/], page: [] });
    },
  ),
  recoveryDrill(
    "recovery-instance-check-fails",
    "EC2's instance status check fails while the instance serves: nothing is done, but people hear of it.",
    async (context, world, instance) => {
      const statusChecks = { [instance.instanceId]: "impaired" } as const;
      await context.inject(`${instance.name} serves, but EC2 can't reach it`, { world: world.world({ statusChecks }) });
      await alarm(context, instance);
      await expectTold(context, world, {
        restarts: 0,
        chat: [/serves, but fails its instance status check/],
        page: [],
      });
    },
  ),
  recoveryDrill(
    "recovery-two-alarms-one-restart",
    "The alarm's event arrives twice at once, the alarm goes off again meanwhile, and the first event comes late once more.",
    async (context, world, instance) => {
      const [first, again] = [new Date(), new Date(Date.now() + 1000)].map((d) => d.toISOString());
      // The restart takes most of its time: the others find it under way, however slow the machine is.
      const settings = healing(world, instance, Math.floor((0.75 * world.deadlineSeconds) / POLL_SECONDS));
      await context.inject(`${instance.name} is pegged; the alarm goes off twice`, settings);
      await Promise.all([first, first, again].map((at) => alarm(context, instance, at)));
      await alarm(context, instance, first);
      await expectTold(context, world, { restarts: 1, chat: [/is healthy again after a restart/], page: [] });
    },
  ),
  {
    stackLacks: ({ config }) => (config.recovery?.pager.type === "sns" ? "pager but its topic" : undefined),
    ...recoveryDrill(
      "recovery-pager-down",
      "The instance still fails after its restart, and the pager's API is down.",
      async (context, world, instance) => {
        const internet = { [world.pagerHost]: { status: 503 } };
        await context.inject(`${instance.name} is pegged; ${world.pagerHost} is down`, {
          world: world.failing(instance, { internet }),
          reboot: { polls: 0, then: {} },
        });
        await alarm(context, instance);
        const attempts = pages(await context.received(), world);
        context.expect("the pager is tried several times", attempts.length > 1, attempts.length);
        const once = new Set(attempts.map((p) => p.alias)).size === 1;
        context.expect("all attempts are one incident to the pager", once);
        const page = attempts.map(() => STILL_FAILS);
        await expectTold(context, world, { restarts: 1, chat: [], page, sns: [/^PAGER FAILED: recovery of/] });
      },
    ),
  },
  recoveryDrill(
    "recovery-hanging-url",
    "The instance accepts requests and never answers; a restart heals it.",
    async (context, world, instance) => {
      const internet = { [instance.urlHost]: "hangs" } as const;
      await context.inject(`${instance.urlHost} hangs`, {
        world: world.world({ internet }),
        reboot: { polls: 1, then: world.healed(instance) },
      });
      await alarm(context, instance);
      const chat = [/is healthy again after a restart[^]*First run, URL: FAILED.*doesn't answer within/];
      await expectTold(context, world, { restarts: 1, chat, page: [] });
    },
  ),
  recoveryDrill(
    "recovery-asg-member",
    "The failing instance has become a member of an Auto Scaling group, which replaces its instances itself.",
    async (context, world, instance) => {
      const group = `drill-${Date.now()}`;
      await world.asGroupMember(instance, group, async () => {
        await context.inject(`${instance.name} of ${group} is pegged`, { world: world.failing(instance) });
        await alarm(context, instance);
        const page = [new RegExp(`was not restarted[^]*belongs to the Auto Scaling group ${group}`)];
        await expectTold(context, world, { restarts: 0, chat: [], page });
      });
    },
  ),
];
