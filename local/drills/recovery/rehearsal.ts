import { SystemRehearsal } from "../system";
import { recoveryDrills } from "./drills";
import { prepareRecovery, recoveryWorld } from "./landscape";

/** Instances that are pegged, and what a stack takes for granted of them. */
export const recoveryRehearsal: SystemRehearsal = {
  drills: recoveryDrills,
  prepare: prepareRecovery,
  world: recoveryWorld,
};
