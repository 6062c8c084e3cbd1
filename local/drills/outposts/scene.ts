import {
  CreateLaunchTemplateVersionCommand,
  DescribeLaunchTemplatesCommand,
  EC2Client,
  ModifyLaunchTemplateCommand,
} from "@aws-sdk/client-ec2";
import { AwsEvent } from "../../bus/bus";
import { ApplicationConfig, OutpostsConfig, PairConfig } from "../../stacks/stackFiles";
import { Drill, DrillContext } from "../drill";
import { OutpostWorld } from "./world";

const PLAYED =
  "The endpoint answers the Outposts API, which neither emulator has; the drill sets the metric and the alarms' states and plays their events.";

/** What a drill plays on: a pair in a stack's file that has the shape it needs. */
interface Shape {
  /** What a stack lacks that has no such pair. */
  readonly what: string;
  readonly fits: (pair: PairConfig, config: OutpostsConfig) => boolean;
}

export const at = (pair: PairConfig, side: "source" | "destination") =>
  pair.applications.filter((a) => a.home === side);
export const ANY: Shape = {
  what: "pair with applications on its source",
  fits: (pair) => at(pair, "source").length > 0,
};
export const GIVES_BACK: Shape = {
  what: "pair with `failback: terminate-relaunched`",
  fits: (pair) => ANY.fits(pair, NO_CONFIG) && pair.failback === "terminate-relaunched",
};
export const TELLS: Shape = {
  what: "pair with `failback: notify`",
  fits: (pair) => ANY.fits(pair, NO_CONFIG) && pair.failback === "notify",
};
export const ACTIVE_ACTIVE: Shape = {
  what: "active-active pair with applications on its destination",
  fits: (pair) => pair.mode === "active-active" && at(pair, "destination").length > 0,
};
export const SHARED: Shape = {
  what: "two pairs that share a destination",
  fits: (pair, config) => ANY.fits(pair, config) && sharing(pair, config) !== undefined,
};
export const WITH_TARGET_GROUP: Shape = {
  what: "pair with `failback: terminate-relaunched` and a target group on its source",
  fits: (pair, config) => GIVES_BACK.fits(pair, config) && at(pair, "source").some((a) => a.targetGroupArns.length > 0),
};
const NO_CONFIG: OutpostsConfig = { servers: {}, pairs: [] };

/** Another pair with the same destination. */
export function sharing(pair: PairConfig, { pairs }: OutpostsConfig): PairConfig | undefined {
  return pairs.find(
    (other) =>
      other.name !== pair.name &&
      other.destination === pair.destination &&
      other.source !== pair.source &&
      ANY.fits(other, NO_CONFIG),
  );
}

/** What a drill works with. */
export interface Scene {
  readonly context: DrillContext;
  readonly world: OutpostWorld;
  readonly pair: PairConfig;
}

/** A drill that begins with every server connected and the applications running where they normally do. */
export function outpostDrill(
  name: string,
  description: string,
  shape: Shape,
  play: (scene: Scene) => Promise<void>,
): Drill {
  const find = (config: OutpostsConfig = NO_CONFIG) => config.pairs.find((pair) => shape.fits(pair, config));
  return {
    name,
    system: "outposts",
    description: `${description} ${PLAYED}`,
    stackLacks: ({ config }) => (find(config.outposts) === undefined ? shape.what : undefined),
    run: async (context) => {
      const pair = find(context.config.outposts);
      if (pair !== undefined) {
        const world = await OutpostWorld.find(context.stack, context.clients);
        await world.reset();
        const scene = { context, world, pair };
        // What an earlier drill has left is told before this one begins.
        await minutePasses(scene);
        await play(scene);
      }
    },
  };
}

/** The schedules of all pairs run once. */
export async function minutePasses({ context, world }: Scene): Promise<void> {
  for (const { rule, error } of await context.bus.tick(...world.config.pairs.map((p) => p.name))) {
    context.expect(`${rule} runs without error${error === undefined ? "" : `, not: ${error}`}`, error === undefined);
  }
}

/** A server's service link goes down or comes back; each alarm on it reports that. */
export async function linkIs({ context, world }: Scene, server: string, value: "ALARM" | "OK"): Promise<void> {
  await (value === "OK" ? world.connect(server) : world.disconnect(server));
  for (const event of await world.alarmEvents(server)) {
    // A server that only takes over has an alarm that nothing but people hear of.
    for (const { rule, error } of await context.bus.publish(event)) {
      context.expect(`${rule} runs without error${error === undefined ? "" : `, not: ${error}`}`, error === undefined);
    }
  }
}

/** The event by which CloudWatch reports the alarm on the pair's source as it is. */
export async function alarmEvent({ world, pair }: Pick<Scene, "world" | "pair">): Promise<AwsEvent> {
  const [event] = await world.alarmEvents(pair.source, pair.name);
  if (event === undefined) {
    throw new Error(`${pair.name} has no alarm on ${pair.source}'s link`);
  }
  return event;
}

/** The types of the instances that a side's applications need, sorted. */
export function needed(applications: readonly ApplicationConfig[]): string[] {
  return applications.flatMap((a) => Array<string>(a.count).fill(a.instanceType)).sort();
}

/** Expects what a pair has relaunched on a server, by instance type. */
export async function expectCopies(
  { context, world, pair }: Scene,
  server: string,
  types: readonly string[],
  when = "",
): Promise<void> {
  const found = (await world.copies(server, pair.name)).map((i) => i.InstanceType ?? "").sort();
  const held = JSON.stringify(found) === JSON.stringify(types);
  const what = `EC2 reports ${types.length} instance(s) relaunched on ${server} for ${pair.name}${when}`;
  context.expect(held ? what : `${what} (${types.join(", ")}), not ${found.join(", ") || "none"}`, held);
}

/** Expects the callbacks' messages about a pair: each once, and no other. Returns what they say. */
export async function expectMessages({ context, pair }: Scene, subjects: readonly RegExp[]): Promise<string[]> {
  const messages = (await context.messages()).filter((m) => m.subject.startsWith(`${pair.name}: `));
  const found = messages.map((m) => m.subject);
  const held = found.length === subjects.length && subjects.every((s) => found.filter((f) => s.test(f)).length === 1);
  const what = `people are told ${subjects.length} thing(s) about ${pair.name}, once`;
  context.expect(held ? what : `${what}, not: ${found.join(" | ") || "nothing"}`, held);
  return messages.map((m) => m.body);
}

/** Makes another image the template's default. Returns what undoes it. */
export async function changeTemplate(ec2: EC2Client, { id, name }: ApplicationConfig["launchTemplate"]) {
  const template = id === undefined ? { LaunchTemplateName: name } : { LaunchTemplateId: id };
  const { LaunchTemplates: [before] = [] } = await ec2.send(
    new DescribeLaunchTemplatesCommand(
      id === undefined ? { LaunchTemplateNames: [name ?? ""] } : { LaunchTemplateIds: [id] },
    ),
  );
  const { LaunchTemplateVersion: made } = await ec2.send(
    new CreateLaunchTemplateVersionCommand({
      ...template,
      LaunchTemplateData: { ImageId: OTHER_IMAGE, InstanceType: "m7g.large" },
    }),
  );
  const setDefault = (version: unknown) =>
    ec2.send(new ModifyLaunchTemplateCommand({ ...template, DefaultVersion: String(version) }));
  await setDefault(made?.VersionNumber);
  return () => setDefault(before?.DefaultVersionNumber);
}

/** An image that moto knows, and no template of a rehearsal has. */
const OTHER_IMAGE = "ami-760aaa0f";
