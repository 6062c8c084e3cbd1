import { PolicyResource } from "@pulumi/policy";
import { make } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { Rule } from "../core/rule";
import { at, items, read, UNKNOWN } from "../core/unknown";
import { isDaemon } from "./tasks";
import { SERVICE } from "./types";

const LEAST_HEALTHY = 50;

const service = (deploymentCircuitBreaker: object) =>
  make(SERVICE, "orders", {
    desiredCount: 4,
    deploymentCircuitBreaker,
    loadBalancers: [{ targetGroupArn: "arn:aws:elasticloadbalancing:x", containerName: "orders", containerPort: 8080 }],
    healthCheckGracePeriodSeconds: 60,
  });

/** A version that doesn't start isn't tried for ever, and leaves enough of the one before it. */
export const deploymentsRollBack: Rule<{ readonly minimumHealthyPercent?: number }> = {
  name: "deployments-roll-back",
  what: "A deployment of an ECS service that fails ends and goes back, and has room to start tasks while enough of the old ones serve.",
  why: "Without a circuit breaker ECS starts tasks of a version that never runs again and again, and the service lives on what is left of the old one until somebody looks. Tasks that the balancer finds unhealthy while they still start are stopped, without a grace period.",
  mend: "Set `deploymentCircuitBreaker` to `{ enable: true, rollback: true }`, keep `deploymentMinimumHealthyPercent` and `deploymentMaximumPercent` at ECS's 100 and 200 if there is room, and set `healthCheckGracePeriodSeconds` to the time that a task takes to start.",
  pages: [
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-load-balancing.html",
  ],
  options: {
    minimumHealthyPercent: {
      type: "integer",
      minimum: 1,
      maximum: 100,
      default: LEAST_HEALTHY,
      description: "The least deploymentMinimumHealthyPercent of a service that has no task on each host.",
    },
  },
  eachResource: true,
  onlyWith: SERVICE,
  examples: {
    fails: [service({ enable: true, rollback: false })],
    passes: [service({ enable: true, rollback: true })],
  },
  find: (graph: Graph, { minimumHealthyPercent = LEAST_HEALTHY }) =>
    graph
      .ofType(SERVICE)
      .flatMap((one) => [...breaksCircuit(one), ...leavesRoom(one, minimumHealthyPercent), ...gracious(one)]),
};

const unknown = (property: string, { name, urn }: PolicyResource): Finding[] => [
  undetermined(`${property} of service ${name} isn't known before the update: write it literally`, urn),
];

/** CodeDeploy rolls back by itself, and with task sets another controller decides: ECS's own breaker is refused there. */
const isRolledByEcs = (one: PolicyResource) =>
  (read(() => at(one.props, "deploymentController.type")) ?? "ECS") === "ECS";

function breaksCircuit(one: PolicyResource): Finding[] {
  if (!isRolledByEcs(one)) {
    return [];
  }
  const switches = ["enable", "rollback"].map((key) => read(() => at(one.props, `deploymentCircuitBreaker.${key}`)));
  if (switches.every((value) => value === true)) {
    return [];
  }
  if (switches.includes(UNKNOWN)) {
    return unknown("deploymentCircuitBreaker", one);
  }
  const message = `service ${one.name} tries a version that doesn't start for ever: set deploymentCircuitBreaker to { enable: true, rollback: true }`;
  return [{ message, urn: one.urn }];
}

/** Tasks before a deployment, of which the least healthy are rounded up and the most rounded down. */
function leavesRoom(one: PolicyResource, leastHealthy: number): Finding[] {
  const daemon = isDaemon(one);
  const percent = (key: string, otherwise: number) =>
    read(() => one.props[key] as number | undefined | null) ?? otherwise;
  const least = percent("deploymentMinimumHealthyPercent", daemon ? 0 : 100);
  const most = percent("deploymentMaximumPercent", daemon ? 100 : 200);
  const desired = read(() => one.props["desiredCount"] as number | undefined);
  // Blue and green stand side by side, whole.
  const strategy = read(() => at(one.props, "deploymentConfiguration.strategy")) ?? "ROLLING";
  if (!isRolledByEcs(one) || strategy !== "ROLLING") {
    return [];
  }
  if (least === UNKNOWN || most === UNKNOWN) {
    return unknown("deploymentMinimumHealthyPercent or deploymentMaximumPercent", one);
  }
  const { name, urn } = one;
  // What scales is deployed with more tasks too: the fewest have the least room.
  const tasks = typeof desired === "number" && desired >= 2 ? desired : 2;
  const moves = Math.floor((tasks * most) / 100) > tasks || Math.ceil((tasks * least) / 100) < tasks;
  return [
    ...(moves
      ? []
      : [{ message: `service ${name} can neither start a task (deploymentMaximumPercent ${most}) nor stop one (deploymentMinimumHealthyPercent ${least}) of ${tasks}: its deployments never end; set deploymentMaximumPercent to 200`, urn }]), // prettier-ignore
    ...(daemon || least >= leastHealthy
      ? []
      : [{ message: `service ${name} may be down to ${least} % of its tasks in each deployment: set deploymentMinimumHealthyPercent to ${leastHealthy} or more`, urn }]), // prettier-ignore
  ];
}

function gracious(one: PolicyResource): Finding[] {
  const balancers = items(() => one.props["loadBalancers"] as unknown[] | undefined);
  const isBehindBalancer = balancers === UNKNOWN || balancers.length > 0;
  const grace = read(() => one.props["healthCheckGracePeriodSeconds"] as number | undefined) ?? 0;
  if (!isBehindBalancer || (typeof grace === "number" && grace > 0)) {
    return [];
  }
  return grace === UNKNOWN
    ? unknown("healthCheckGracePeriodSeconds", one)
    : [{ message: `service ${one.name} has tasks stopped that its balancer finds unhealthy while they start: set healthCheckGracePeriodSeconds to the time that takes`, urn: one.urn }]; // prettier-ignore
}
