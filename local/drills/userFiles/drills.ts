import { randomUUID } from "node:crypto";
import { Drill, DrillContext, Target } from "../drill";
import { FilesWorld } from "./world";

/** The drills of user files. */
export const userFilesDrills: readonly Drill[] = [
  {
    name: "user-files-both-ways",
    system: "userFiles",
    description:
      "A file that is written in a Region is in the other one, and what is written and deleted there comes back: the " +
      "emulator really copies. Of what it doesn't look at, keys and roles, the drill judges what is deployed.",
    stackLacks: async (target) =>
      (await copied(target)).length === 0
        ? "bucket that is copied: there is no partner, or the primary isn't up"
        : undefined,
    run: copyBothWays,
  },
];

const copied = ({ clients, region }: Pick<Target, "clients" | "region">) => new FilesWorld(clients).copiedFrom(region);

async function copyBothWays(context: DrillContext): Promise<void> {
  const world = new FilesWorld(context.clients);
  for (const out of await copied(context)) {
    const { from: here, to: there } = out;
    const key = `drill/${randomUUID()}`;
    await context.inject(`a file is written to ${here.bucket}`);
    await world.put(here, key, "first");
    context.expect(`it is in ${there.bucket}`, (await world.read(there, key)) === "first");

    await world.put(there, key, "second");
    context.note(`it is overwritten in ${there.region}, as if ${here.region} were lost`);
    const back = await world.read(here, key);
    context.expect(`${here.region} has what was written in ${there.region}`, back === "second", back);

    await world.delete(there, key);
    context.note(`it is deleted in ${there.region}`);
    const left = await world.read(here, key);
    context.expect(`it is gone in ${here.region} too`, left === undefined, left);
    await world.erase(here, key);
    await world.erase(there, key);

    const returning = await world.copied(there);
    context.expect(`${there.bucket} is copied back to ${here.bucket}`, returning?.to.bucket === here.bucket);
    for (const direction of returning === undefined ? [out] : [out, returning]) {
      const wrong = await world.obstacles(direction);
      const what = `S3 may copy from ${direction.from.region} to ${direction.to.region}, by keys and role`;
      context.expect(what, wrong.length === 0, wrong.join("; "));
    }
  }
}
