/** The systems that a stack can have: what each one's configuration is. A system whose key is absent is not deployed. */
export { database } from "./database";
export { dnsFailover } from "./dnsFailover";
export { gateway } from "./gateway";
export { mail } from "./mail";
export { outposts } from "./outposts";
export { recovery } from "./recovery";
export { sessionStore } from "./sessionStore";
export { services } from "./services";
export { userFiles } from "./userFiles";
export { web } from "./web";
