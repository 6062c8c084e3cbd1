import { alarmsAreHeard } from "./alarms/alarmsAreHeard";
import { balancerHealthHeals } from "./balancing/balancerHealthHeals";
import { groupsSurviveZone } from "./balancing/groupsSurviveZone";
import { Rule } from "./core/rule";
import { imdsv2 } from "./instances/imdsv2";
import { internetReachesNoInstance } from "./instances/internetReachesNoInstance";
import { publicAddresses } from "./instances/publicAddresses";
import { gatewaysFailOver } from "./network/gatewaysFailOver";
import { waysOut } from "./network/waysOut";
import { outpostsCanRelaunch } from "./outposts/outpostsCanRelaunch";
import { noWildcards } from "./permissions/noWildcards";
import {
  dataCanBeRestored,
  dataIsEncrypted,
  deletionIsProtected,
  enoughInstances,
  standbyIsReady,
  workloadsSpanZones,
} from "./redundancy/rules";
import { stateMachinesEndOrTell } from "./workflows/stateMachinesEndOrTell";

/** The rules of the pack, in the order in which they are asked and documented. */
export const RULES: readonly Rule[] = [
  workloadsSpanZones,
  standbyIsReady,
  enoughInstances,
  dataCanBeRestored,
  dataIsEncrypted,
  deletionIsProtected,
  groupsSurviveZone,
  balancerHealthHeals,
  waysOut,
  gatewaysFailOver,
  outpostsCanRelaunch,
  stateMachinesEndOrTell,
  alarmsAreHeard,
  publicAddresses,
  internetReachesNoInstance,
  imdsv2,
  noWildcards,
];
