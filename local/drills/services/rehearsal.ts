import { SystemRehearsal } from "../system";
import { serviceDrills } from "./drills";
import { settleServices } from "./settle";

/** Services that lose tasks and zones, scale, and get bad versions. */
export const servicesRehearsal: SystemRehearsal = { drills: serviceDrills, settle: settleServices };
