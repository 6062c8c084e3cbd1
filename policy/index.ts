import { Policies, PolicyPack, StackValidationPolicy } from "@pulumi/policy";
import { misplacedGateways, unattendedGateways } from "./gateways";
import { Finding, Graph, isUnknownValueError } from "./graph";
import { imdsv2, publicAddresses } from "./instances";
import { unheardAlarms } from "./alarms";
import { helplessOutposts } from "./outposts";
import { noWildcardPermissions } from "./permissions";
import { unreliableMachines } from "./stateMachines";
import { confinedWorkloads } from "./zones";

/**
 * A stack policy from a function that finds violations. Each deserializes every resource again, so they are few. A
 * value that a rule stumbles over because it is unknown is a violation: left to the SDK it would be an advisory note.
 */
function stackPolicy(name: string, description: string, find: (graph: Graph) => Finding[]): StackValidationPolicy {
  return {
    name,
    description,
    validateStack: ({ resources }, report) => {
      try {
        find(new Graph(resources)).forEach(({ message, urn }) => report(message, urn));
      } catch (error) {
        if (!isUnknownValueError(error)) {
          throw error;
        }
        report(`the stack can't be judged: ${error.message}`);
      }
    },
  };
}

const policies: Policies = [
  imdsv2,
  noWildcardPermissions,
  stackPolicy(
    "workloads-span-zones",
    "Load balancers and Auto Scaling groups have subnets in two or more Availability Zones.",
    confinedWorkloads,
  ),
  stackPolicy(
    "private-workloads-have-no-public-ip",
    "What runs outside public subnets has no public IP address.",
    publicAddresses,
  ),
  stackPolicy(
    "private-subnets-use-own-zone-gateway",
    "Each private subnet's default route leads to a gateway in its own zone; gateways stand in two zones or more, each behind a group of exactly one.",
    misplacedGateways,
  ),
  stackPolicy(
    "gateways-fail-over-and-back",
    "Each gateway has a failover and a restore target that are enabled, permitted and have a dead-letter queue.",
    unattendedGateways,
  ),
  stackPolicy(
    "outposts-can-relaunch",
    "Each Outposts server of a pair has an alarm with actions and a relaunch target with a dead-letter queue, and its destination, another one, holds everything that would be relaunched there.",
    helplessOutposts,
  ),
  stackPolicy(
    "state-machines-end-or-tell",
    "State machines have logs, timeouts, a Catch on every Task and alarms on executions that end badly; targets that start them have a retry policy and a dead-letter queue.",
    unreliableMachines,
  ),
  stackPolicy("alarms-are-heard", "Each alarm has actions, or a rule with a target that names it.", unheardAlarms),
];

new PolicyPack("nplusone", { enforcementLevel: "mandatory", policies });
