import * as graph from "../../../policy/core/graph";
import * as t from "../../../policy/services/types";
import { edit, Mutation, set, Where, without } from "./mutate";

type Props = Record<string, unknown>;

const LOSS = "services-survive-the-loss-of-a-zone";
const ROLLBACK = "deployments-roll-back";
const DRAIN = "container-hosts-drain-first";
const CREDENTIALS = "tasks-reach-no-host-credentials";

const SERVICE: Where = { type: t.SERVICE, is: (r) => Number(r.outputs?.["desiredCount"]) > 0 };
const TARGET: Where = { type: t.SCALABLE_TARGET, is: (r) => Number(r.outputs?.["minCapacity"]) > 0 };
const TASK: Where = { type: t.TASK_DEFINITION };
const PROVIDER: Where = { type: t.CAPACITY_PROVIDER };
const REPOSITORY: Where = { type: t.REPOSITORY };
/** Only hosts of tasks are protected from scale-in: ECS lifts that when they have none. */
const HOSTS: Where = { type: graph.GROUP, is: (r) => r.outputs?.["protectFromScaleIn"] === true };
const TEMPLATE: Where = { type: graph.LAUNCH_TEMPLATE, name: /-hosts-template$/ };

const one = (rule: string, says: RegExp, what: string, where: Where, props: Props): Mutation => ({
  ...{ what, rule, says },
  change: set(where, () => props),
});
const managed = (change: Props): Mutation["change"] =>
  set(PROVIDER, ({ autoScalingGroupProvider }) => ({
    autoScalingGroupProvider: { ...(autoScalingGroupProvider as Props), ...change },
  }));
const containers = (change: Props): Mutation["change"] =>
  edit(TASK, "containerDefinitions", (list: Props[]) => list.map((container) => ({ ...container, ...change })), true);
const image = (change: (image: string) => string): Mutation["change"] =>
  edit(TASK, "containerDefinitions", (list: Props[]) => list.map((c) => ({ ...c, image: change(String(c["image"])) })));
const constraint = (expression: string) => ({ placementConstraints: [{ type: "memberOf", expression }] });

/** Ways to break services on ECS and their hosts. */
export const services: readonly Mutation[] = [
  one("enough-instances", /minCapacity of .* 1: set it to 2/, "a service that may shrink to one task", TARGET, { minCapacity: 1 }), // prettier-ignore
  one("enough-instances", /minCapacity of .* 0: set it to 2 or more, or tag a pilot light/, "a service that may shrink to none", TARGET, { minCapacity: 0 }), // prettier-ignore
  { what: "a service that nothing scales, with one task", rule: "enough-instances", says: /has desiredCount 1/, change: (stack) => set(SERVICE, () => ({ desiredCount: 1 }), true)(without(TARGET, true)(stack)) }, // prettier-ignore
  one(LOSS, /find no room on the \d+ hosts that are left .*: set minSize/, "more tasks than find room when a zone is lost", TARGET, { minCapacity: 200 }), // prettier-ignore
  { what: "tasks as large as their host", rule: LOSS, says: /find no room/, change: containers({ memoryReservation: 8192 }) }, // prettier-ignore
  { what: "tasks that take all of a host's CPU", rule: LOSS, says: /find no room/, change: containers({ cpu: 2048 }) },
  { what: "tasks with a port of their host", rule: LOSS, says: /find no room/, change: containers({ portMappings: [{ containerPort: 8080, hostPort: 8080 }] }) }, // prettier-ignore
  one(LOSS, /find no room/, "one host for all", HOSTS, { minSize: 1 }),
  one(LOSS, /places its tasks by binpack first/, "tasks packed", SERVICE, { orderedPlacementStrategies: [{ type: "binpack", field: "memory" }] }), // prettier-ignore
  one(LOSS, /places its tasks by spread first/, "tasks spread over hosts first", SERVICE, { orderedPlacementStrategies: [{ type: "spread", field: "instanceId" }] }), // prettier-ignore
  one(LOSS, /may run in one zone only/, "tasks tied to a zone", SERVICE, constraint("attribute:ecs.availability-zone == us-east-1a")), // prettier-ignore
  one("workloads-span-zones", /Auto Scaling group .*hosts.* runs only in/, "hosts in one zone", HOSTS, { vpcZoneIdentifiers: [], availabilityZones: ["us-east-1a"] }), // prettier-ignore
  one(ROLLBACK, /for ever/, "a service without a circuit breaker", SERVICE, { deploymentCircuitBreaker: undefined }),
  one(ROLLBACK, /for ever/, "a breaker that doesn't go back", SERVICE, { deploymentCircuitBreaker: { enable: true, rollback: false } }), // prettier-ignore
  one(ROLLBACK, /can neither start/, "no room for a deployment", SERVICE, { deploymentMaximumPercent: 100 }),
  one(ROLLBACK, /down to 0 %/, "a deployment that may stop all", SERVICE, { deploymentMinimumHealthyPercent: 0 }),
  one(ROLLBACK, /healthCheckGracePeriodSeconds/, "no grace for tasks that start", SERVICE, { healthCheckGracePeriodSeconds: 0 }), // prettier-ignore
  { what: "the latest image", rule: "images-are-immutable", says: /:latest whatever that is/, change: image((name) => name.replace(/[:@][^/]*$/, ":latest")) }, // prettier-ignore
  { what: "an image without a tag", rule: "images-are-immutable", says: /without a tag/, change: image((name) => name.replace(/[:@][^/]*$/, "")) }, // prettier-ignore
  { what: "a repository whose tags move", rule: "repositories-keep-tags", says: /can be moved/, change: set(REPOSITORY, () => ({ imageTagMutability: "MUTABLE" }), true) }, // prettier-ignore
  one("repositories-keep-tags", /doesn't scan/, "a repository that scans nothing", REPOSITORY, { imageScanningConfiguration: undefined }), // prettier-ignore
  one(DRAIN, /protectFromScaleIn false/, "hosts that scaling may take with their tasks", HOSTS, { protectFromScaleIn: false }), // prettier-ignore
  { what: "protection without managed scaling", rule: DRAIN, says: /without managed scaling/, change: managed({ managedTerminationProtection: "ENABLED", managedScaling: { status: "DISABLED" } }) }, // prettier-ignore
  { what: "hosts that aren't drained", rule: DRAIN, says: /doesn't drain/, change: managed({ managedDraining: "DISABLED" }) }, // prettier-ignore
  one(CREDENTIALS, /reaches into tasks/, "metadata two hops away", TEMPLATE, { metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 2 } }), // prettier-ignore
  one(CREDENTIALS, /in mode host/, "tasks in the network of their host", TASK, { networkMode: "host" }),
  one("instances-require-imdsv2", /httpTokens/, "hosts that answer without a token", TEMPLATE, { metadataOptions: { httpPutResponseHopLimit: 1 } }), // prettier-ignore
];
