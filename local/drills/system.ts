import { Clients } from "../endpoint/clients";
import { World } from "../endpoint/world";
import { StackFile } from "../stacks/stackFiles";
import { Drill } from "./drill";

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
