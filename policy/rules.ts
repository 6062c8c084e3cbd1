import { alarmsAreHeard } from "./alarms/alarmsAreHeard";
import { balancerHealthHeals } from "./balancing/balancerHealthHeals";
import { groupsSurviveZone } from "./balancing/groupsSurviveZone";
import { bucketsAreReplicated } from "./buckets/bucketsAreReplicated";
import { Rule } from "./core/rule";
import { failoverAnswersByHealth } from "./dns/failoverAnswersByHealth";
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
import { deploymentsRollBack } from "./services/deploymentsRollBack";
import { hostsDrainFirst } from "./services/hostsDrainFirst";
import { imagesAreImmutable } from "./services/imagesAreImmutable";
import { repositoriesKeepTags } from "./services/repositoriesKeepTags";
import { servicesSurviveZone } from "./services/servicesSurviveZone";
import { tasksReachNoHostCredentials } from "./services/tasksReachNoHostCredentials";
import { cachesAskWhoConnects } from "./stores/cachesAskWhoConnects";
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
  servicesSurviveZone,
  deploymentsRollBack,
  imagesAreImmutable,
  repositoriesKeepTags,
  hostsDrainFirst,
  bucketsAreReplicated,
  failoverAnswersByHealth,
  waysOut,
  gatewaysFailOver,
  outpostsCanRelaunch,
  stateMachinesEndOrTell,
  alarmsAreHeard,
  publicAddresses,
  internetReachesNoInstance,
  imdsv2,
  tasksReachNoHostCredentials,
  cachesAskWhoConnects,
  noWildcards,
];
