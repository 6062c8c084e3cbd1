/**
 * The systems that a stack can have, by the configuration key of each, in the order in which they are deployed: what
 * others use comes first. A system is deployed if its key is there.
 */
export { deployDatabases as database } from "./database/deploy";
export { deploySessionStores as sessionStore } from "./sessionStore/deploy";
export { deployUserFiles as userFiles } from "./userFiles/deploy";
export { deployMail as mail } from "./mail/deploy";
export { deployGateway as gateway } from "./gateway/deploy";
export { deployOutposts as outposts } from "./outposts/deploy";
export { deployRecovery as recovery } from "./recovery/deploy";
export { deployServices as services } from "./services/deploy";
export { deployWeb as web } from "./web/deploy";
export { deployDnsFailover as dnsFailover } from "./dnsFailover/deploy";
