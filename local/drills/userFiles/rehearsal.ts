import { SystemRehearsal } from "../system";
import { userFilesDrills } from "./drills";

/** Files of users that are in both Regions. */
export const userFilesRehearsal: SystemRehearsal = { drills: userFilesDrills };
