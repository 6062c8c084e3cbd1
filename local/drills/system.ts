import { StackConfig } from "../../config";
import { Clients } from "../endpoint/clients";
import { World } from "../endpoint/world";
import { StackFile } from "../stacks/stackFiles";
import { Drill, DrillContext } from "./drill";

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
  readonly settle?: (region: string, clients: Clients) => Promise<unknown>;
}

/** The other stack of a pair. */
export type Standby = NonNullable<StackConfig["partner"]>;

/** What of a standby in `mode: pilot-light` runs only when people have said so. */
export interface PilotLight {
  /** Lights it by the runbook's command. Returns the seconds of virtual time until it serves. */
  readonly light: (context: DrillContext, standby: Standby) => Promise<number>;
  /** Puts it out again: nothing is left of what was lit. */
  readonly putOut: (context: DrillContext, standby: Standby) => Promise<void>;
}
