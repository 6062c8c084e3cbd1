import { Service } from "@aws-sdk/client-ecs";
import { Drill } from "../drill";
import { Play } from "./play";
import { ServicePlay } from "./servicePlay";
import { serviceDrill } from "./watch";

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
const eventOf = (service: Service, rolloutState: string) => ({
  source: "aws.ecs",
  "detail-type": "ECS Deployment State Change",
  resources: [service.serviceArn ?? ""],
  detail: {
    eventType: rolloutState === "FAILED" ? "ERROR" : "INFO",
    eventName: `SERVICE_DEPLOYMENT_${rolloutState}`,
    clusterArn: service.clusterArn,
    deploymentId: service.deployments?.[0]?.id,
    updatedAt: new Date().toISOString(),
    reason: rolloutState === "FAILED" ? "ECS deployment circuit breaker: tasks failed to start." : "",
  },
});

/** The fewest healthy tasks that a service's deployments leave. */
const leastOf = ({ desiredCount = 0, deploymentConfiguration: limits }: Service) =>
  Math.ceil((desiredCount * (limits?.minimumHealthyPercent ?? 100)) / 100);

/** The drills of new versions of a service. */
export const deploymentDrills: readonly Drill[] = [
  serviceDrill(
    "service-bad-deploy",
    "A version is deployed whose tasks never get healthy. The drill changes the service as an `up` would, and plays ECS and the balancer in virtual time.",
    async (context, cluster, watch) => {
      const play = await Play.of(cluster);
      const [one] = play.services as [ServicePlay];
      const good = one.service.taskDefinition ?? "";
      const bad = await cluster.newRevision(good);
      await context.inject(`${one.name} gets a version whose tasks never answer`);
      await one.deploy(bad);
      const rollouts: string[] = [];
      await play.untilSettled({
        ...watch.scene,
        works: (task) => task.taskDefinition !== bad,
        tell: async (what, at, decision, service) => {
          watch.scene.tell(what, at, decision, service);
          if (decision.action === "rollout") {
            rollouts.push(decision.rolloutState);
            await context.publish(
              eventOf(one.service, decision.rolloutState),
              decision.rolloutState === "FAILED" ? 1 : 0,
            );
          }
        },
      });
      context.expect("ECS ends the deployment, and goes back", rollouts.join() === "FAILED,COMPLETED", rollouts.join());
      const [service] = (await cluster.services()).filter((found) => found.serviceName === one.name);
      context.expect("the service has its former version", service?.taskDefinition === good, service?.taskDefinition);
      const others = watch.last.get(one.name)?.filter((task) => task.taskDefinition !== good).length;
      context.expect("every task that serves is of the former version", others === 0, others);
      const least = (name: string) => leastOf(watch.services.find((found) => found.serviceName === name) ?? {});
      watch.expectAtLeast(least, "the fewest that a deployment leaves");
      await watch.expectRestored();
      const told = (await context.messages()).filter((m) => `${m.subject} ${m.body}`.includes(one.name));
      context.expect(
        "people are told of it once",
        told.length === 1,
        told.map((m) => m.subject).join(" | ") || "nothing",
      );
      await cluster.forget(bad);
    },
  ),
];
