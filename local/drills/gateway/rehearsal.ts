import { SystemRehearsal } from "../system";
import { dataPlaneDrills } from "./dataplane";
import { bootGateways, gatewayDrills } from "./drills";

/** Gateways that are lost and come back, and what becomes of packets. */
export const gatewayRehearsal: SystemRehearsal = {
  drills: [...gatewayDrills, ...dataPlaneDrills],
  settle: bootGateways,
};
