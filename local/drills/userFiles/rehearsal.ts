import { SystemRehearsal } from "../system";

/** Files of users that are in both Regions. */
export const userFilesRehearsal: SystemRehearsal = { drills: [] };
