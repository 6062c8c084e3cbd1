import { Instance } from "../../../model/autoScaling/group";
import { clock } from "../clock";
import { Drill, DrillContext } from "../drill";
import { Play, Scene } from "./play";
import { Rollouts } from "./rollouts";
import { activeRefresh } from "./settle";
import { Tier } from "./tier";
import { Watch, webDrill } from "./watch";

/** What EventBridge calls the turns of a refresh: https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-autoscaling.html */
const EVENTS: Readonly<Record<string, string>> = {
  Successful: "Succeeded",
  Failed: "Failed",
  Cancelled: "Cancelled",
  RollbackInProgress: "Rollback Started",
  RollbackSuccessful: "Rollback Succeeded",
  RollbackFailed: "Rollback Failed",
};

/** Plays the refresh that the deployed callback has started, to its end, with its events. */
async function playRefresh(
  context: DrillContext,
  tier: Tier,
  play: Play,
  scene: Scene & Pick<Watch["scene"], "tell">,
): Promise<void> {
  const refresh = await activeRefresh(tier);
  if (refresh === undefined) {
    context.expect("the deployed callback starts an instance refresh", false);
    return;
  }
  play.begin(refresh);
  await play.untilSettled({
    ...scene,
    tell: async (what, at, decision) => {
      await scene.tell(what, at, decision);
      const event = decision.action === "refresh" ? EVENTS[decision.Status] : undefined;
      if (event !== undefined) {
        await context.publish({
          source: "aws.autoscaling",
          "detail-type": `EC2 Auto Scaling Instance Refresh ${event}`,
          detail: { InstanceRefreshId: refresh.InstanceRefreshId, AutoScalingGroupName: tier.group },
        });
      }
    },
  });
}

const runs = (version: string) => (instance: Instance) => instance.LaunchTemplate.Version === version;

async function expectImage(context: DrillContext, tier: Tier, watch: Watch, version: string): Promise<void> {
  const { data } = await tier.template(version);
  const others = watch.last.filter((s) => s.imageId !== data.ImageId).map((s) => s.id);
  context.expect(`every instance runs version ${version}`, others.length === 0, others.join(", "));
  const { LaunchTemplate } = await tier.describedGroup();
  context.expect(`the group launches version ${version}`, LaunchTemplate?.Version === version, LaunchTemplate?.Version);
}

async function expectTold(context: DrillContext, tier: Tier, wanted: readonly RegExp[]): Promise<void> {
  const subjects = (await context.messages())
    .map((m) => m.subject)
    .filter((s) => s.startsWith(`${tier.name}: version`));
  const held = subjects.length === wanted.length && wanted.every((one, i) => one.test(subjects[i] ?? ""));
  context.expect(`people are told ${wanted.length} thing(s) of it, once`, held, subjects.join(" | ") || "nothing");
}

/** The drills of new versions of what a tier's instances are. */
export const versionDrills: readonly Drill[] = [
  webDrill(
    "web-new-ami",
    "A new image is rolled out, and then one that never gets healthy. The drill changes the launch template as an `up` would, runs the deployed callback, and plays the instance refresh in virtual time.",
    async (context, tier, watch) => {
      const rollouts = await Rollouts.of(tier);
      const play = await Play.of(tier);
      const [{ id } = { id: "" }] = watch.start;
      const good = await rollouts.newVersion(await rollouts.image(id, "good"));
      await context.inject(`version ${good} of the launch template has another image`);
      await rollouts.rollOut(good);
      await playRefresh(context, tier, play, watch.scene);
      context.note(`${clock(play.elapsed)}: version ${good} is rolled out`);
      watch.expectAtLeast(watch.start.length, "as many as before the rollout");
      await expectImage(context, tier, watch, good);
      await expectTold(context, tier, [/is rolled out/]);

      const bad = await rollouts.newVersion(await rollouts.image(id, "bad"));
      context.note(`version ${bad} has an image with which no instance gets healthy`);
      await rollouts.rollOut(bad);
      await playRefresh(context, tier, play, { ...watch.scene, works: (instance) => !runs(bad)(instance) });
      context.note(`${clock(play.elapsed)}: version ${bad} is taken back`);
      watch.expectAtLeast(watch.start.length, "through the bad version, too");
      await expectImage(context, tier, watch, good);
      await expectTold(context, tier, [/is bad: going back/, /was bad, and is taken back/]);

      await rollouts.backTo(rollouts.first);
      await playRefresh(context, tier, play, watch.scene);
      await expectImage(context, tier, watch, rollouts.first);
      watch.expectRestored();
      await rollouts.forget([good, bad]);
    },
  ),
];
