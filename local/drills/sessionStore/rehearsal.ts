import { SystemRehearsal } from "../system";
import { sessionStoreDrills } from "./drills";

/** Session stores whose primary's zone is lost. */
export const sessionStoreRehearsal: SystemRehearsal = { drills: sessionStoreDrills };
