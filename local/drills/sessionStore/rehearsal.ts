import { SystemRehearsal } from "../system";

/** Session stores whose primary's zone is lost. */
export const sessionStoreRehearsal: SystemRehearsal = { drills: [] };
