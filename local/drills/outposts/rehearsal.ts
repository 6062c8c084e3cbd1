import { SystemRehearsal } from "../system";
import { outpostDrills } from "./drills";
import { outpostWorld, prepareOutposts } from "./landscape";

/** Outposts servers that are cut off, and what a stack takes for granted of them. */
export const outpostsRehearsal: SystemRehearsal = {
  drills: outpostDrills,
  prepare: prepareOutposts,
  world: outpostWorld,
};
