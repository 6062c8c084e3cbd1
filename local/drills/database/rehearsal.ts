import { SystemRehearsal } from "../system";
import { databaseDrills } from "./drills";
import { prepareDatabases } from "./landscape";

/** Databases whose zone is lost, and what replicas take for granted. */
export const databaseRehearsal: SystemRehearsal = { drills: databaseDrills, prepare: prepareDatabases };
