import { Clients } from "../endpoint/clients";
import { World } from "../endpoint/world";
import { StackFile } from "../stacks/stackFiles";
import { Drill } from "./drill";
import { bootGateways, gatewayDrills } from "./gateway/drills";
import { outpostDrills } from "./outposts/drills";
import { outpostWorld, prepareOutposts } from "./outposts/landscape";
import { recoveryDrills } from "./recovery/drills";
import { prepareRecovery, recoveryWorld } from "./recovery/landscape";

/** What a system brings to a rehearsal. */
export interface SystemRehearsal {
  readonly drills: readonly Drill[];
  /**
   * Makes, in the emulators, what a stack's file takes for granted in a real account. Returns the ids that things have
   * here by the ids that the file gives them; the program gets to read these. @default nothing is taken for granted
   */
  readonly prepare?: (stack: StackFile, clients: Clients) => Promise<ReadonlyMap<string, string>>;
  /** What is taken for granted and no emulator can be told: the endpoint answers from it. */
  readonly world?: (stack: StackFile) => Partial<World>;
  /** Does what AWS does by itself when a stack has come up, and no emulator does. */
  readonly settle?: (region: string, clients: Clients) => Promise<void>;
}

/** All systems, by their name in the configuration. */
export const SYSTEMS: Readonly<Record<string, SystemRehearsal>> = {
  gateway: { drills: gatewayDrills, settle: bootGateways },
  outposts: { drills: outpostDrills, prepare: prepareOutposts, world: outpostWorld },
  recovery: { drills: recoveryDrills, prepare: prepareRecovery, world: recoveryWorld },
};

/** All drills, in the order in which they are played. */
export const DRILLS: readonly Drill[] = Object.values(SYSTEMS).flatMap((system) => system.drills);
