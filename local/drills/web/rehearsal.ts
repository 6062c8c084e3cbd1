import { SystemRehearsal } from "../system";
import { webDrills } from "./drills";
import { prepareTiers } from "./landscape";
import { settleTiers } from "./settle";

/** Web tiers that lose instances and zones, scale, and get new versions. */
export const webRehearsal: SystemRehearsal = { drills: webDrills, prepare: prepareTiers, settle: settleTiers };
