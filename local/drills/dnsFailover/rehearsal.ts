import { PilotLight, SystemRehearsal } from "../system";
import { dnsFailoverDrills } from "./drills";
import { prepareZones } from "./landscape";

/** Public names that lead to the other Region when one is lost. */
export const dnsFailoverRehearsal = (pilotLight: PilotLight): SystemRehearsal => ({
  drills: dnsFailoverDrills(pilotLight),
  prepare: prepareZones,
});
