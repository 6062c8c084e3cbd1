import { dnsFailoverRehearsal } from "./dnsFailover/rehearsal";
import { pilotLight } from "./services/pilotLight";

/** What each system that a stack can have brings to a rehearsal, by its name in the configuration. */
export { databaseRehearsal as database } from "./database/rehearsal";
export { gatewayRehearsal as gateway } from "./gateway/rehearsal";
export { mailRehearsal as mail } from "./mail/rehearsal";
export { outpostsRehearsal as outposts } from "./outposts/rehearsal";
export { recoveryRehearsal as recovery } from "./recovery/rehearsal";
export { servicesRehearsal as services } from "./services/rehearsal";
export { sessionStoreRehearsal as sessionStore } from "./sessionStore/rehearsal";
export { userFilesRehearsal as userFiles } from "./userFiles/rehearsal";
export { webRehearsal as web } from "./web/rehearsal";
/** Names lead to a standby's services once these are lit. */
export const dnsFailover = dnsFailoverRehearsal(pilotLight);
