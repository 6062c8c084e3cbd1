import { SystemRehearsal } from "../system";
import { bootGateways, gatewayDrills } from "./drills";

/** Gateways that are lost and come back. */
export const gatewayRehearsal: SystemRehearsal = { drills: gatewayDrills, settle: bootGateways };
