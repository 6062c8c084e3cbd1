import { Drill } from "./drill";
import { SystemRehearsal } from "./system";
import * as systems from "./systems";

/** All systems' rehearsals. */
export const REHEARSALS: readonly SystemRehearsal[] = Object.values(systems);

/** All drills, in the order in which they are played. */
export const DRILLS: readonly Drill[] = REHEARSALS.flatMap((rehearsal) => rehearsal.drills);
