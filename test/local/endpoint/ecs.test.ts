import {
  CreateClusterCommand,
  CreateServiceCommand,
  CreateServiceCommandInput,
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterContainerInstanceCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServicesCommand,
  DescribeTasksCommand,
  ECSClient,
  ListContainerInstancesCommand,
  ListServicesCommand,
  ListTasksCommand,
  RegisterContainerInstanceCommand,
  StartTaskCommand,
  SubmitTaskStateChangeCommand,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { Rig, startRig } from "./rig";

const REGION = "us-east-1";
const ARN = `arn:aws:ecs:${REGION}:123456789012`;
const cluster = "shop";
const [ONE, TWO] = [`${ARN}:task-definition/cart:1`, `${ARN}:task-definition/cart:2`];

/** What moto says: it keeps a cluster and a service, and forgets most of what the service was given. */
function moto(action: string, input: Record<string, unknown>): object {
  const service = { serviceName: "cart", serviceArn: `${ARN}:service/shop/cart`, status: "ACTIVE", launchType: "EC2" };
  const clusterArn = `${ARN}:cluster/shop`;
  switch (action) {
    case "CreateCluster":
    case "DeleteCluster":
      return { cluster: { clusterArn, clusterName: "shop" } };
    case "DescribeClusters":
      return { clusters: [{ clusterArn, clusterName: "shop" }] };
    case "ListServices":
      return { serviceArns: [service.serviceArn, `${ARN}:service/shop/deleted`] };
    case "DescribeServices":
      return { services: [{ ...service, runningCount: 4 }] };
    case "DescribeTaskDefinition":
      return {
        taskDefinition: {
          containerDefinitions: [
            { name: "cart", cpu: 256, memoryReservation: 512, portMappings: [{ containerPort: 8080, hostPort: 0 }] },
          ],
        },
      };
    default:
      return { service: { ...service, taskDefinition: input["taskDefinition"] ?? ONE } };
  }
}

describe("what the endpoint adds to the emulated ECS", () => {
  let rig: Rig;
  let ecs: ECSClient;
  let running: readonly string[];

  beforeEach(async () => {
    running = ["i-1", "i-2"];
    rig = await startRig((request, response) => {
      void text(request).then((body) => {
        const target = String(request.headers["x-amz-target"] ?? "");
        if (target !== "") {
          const answer = moto(target.split(".").pop() ?? "", JSON.parse(body) as Record<string, unknown>);
          response.setHeader("content-type", "application/x-amz-json-1.1").end(JSON.stringify(answer));
          return;
        }
        const instances = running.map(
          (id) => `<item><instanceId>${id}</instanceId><instanceState><name>running</name></instanceState></item>`,
        );
        const set = `<item><instancesSet>${instances.join("")}</instancesSet></item>`;
        const used = `<member><TargetGroupArn>arn:used</TargetGroupArn><LoadBalancerArns><member>lb</member></LoadBalancerArns></member>`;
        response
          .setHeader("content-type", "text/xml")
          .end(
            body.includes("DescribeTargetGroups")
              ? `<R><DescribeTargetGroupsResult><TargetGroups>${used}</TargetGroups></DescribeTargetGroupsResult></R>`
              : `<DescribeInstancesResponse><reservationSet>${set}</reservationSet></DescribeInstancesResponse>`,
          );
      });
    });
    ecs = rig.clients.make(ECSClient, REGION);
    await ecs.send(new CreateClusterCommand({ clusterName: "shop" }));
  });
  afterEach(() => rig.close());

  const create = (more: Partial<CreateServiceCommandInput> = {}) =>
    ecs.send(new CreateServiceCommand({ cluster, serviceName: "cart", taskDefinition: ONE, desiredCount: 2, ...more }));
  const service = async () =>
    (await ecs.send(new DescribeServicesCommand({ cluster, services: ["cart"] }))).services?.[0];
  const join = async (instanceId: string, integerValue = 1024) => {
    const { containerInstance } = await ecs.send(
      new RegisterContainerInstanceCommand({
        cluster,
        instanceIdentityDocument: JSON.stringify({ instanceId, availabilityZone: "us-east-1a" }),
        totalResources: ["CPU", "MEMORY"].map((name) => ({ name, type: "INTEGER", integerValue })),
      }),
    );
    return containerInstance?.containerInstanceArn ?? "";
  };
  const start = (on: string, startedBy = "") =>
    ecs.send(
      new StartTaskCommand({
        ...{ cluster, taskDefinition: ONE, containerInstances: [on], group: "service:cart", startedBy },
      }),
    );
  const instances = async () =>
    (await ecs.send(new ListContainerInstancesCommand({ cluster }))).containerInstanceArns ?? [];

  it("a service is described as it was asked for, and as it was changed", async () => {
    const asked = {
      placementStrategy: [{ type: "spread" as const, field: "attribute:ecs.availability-zone" }],
      capacityProviderStrategy: [{ capacityProvider: "shop", weight: 1, base: 0 }],
      deploymentConfiguration: { maximumPercent: 150, deploymentCircuitBreaker: { enable: true, rollback: true } },
      availabilityZoneRebalancing: "ENABLED" as const,
    };
    await create(asked);
    await ecs.send(new UpdateServiceCommand({ cluster, service: "cart", desiredCount: 5 }));
    const found = await service();
    assert.deepEqual({ ...found, ...asked, desiredCount: 5, runningCount: 0 }, found);
    assert.equal(found?.launchType, undefined);
    const listed = await ecs.send(new ListServicesCommand({ cluster }));
    assert.deepEqual(listed.serviceArns, [`${ARN}:service/shop/cart`]);
  });
  it("is refused with a target group that no listener sends to, as the order of resources may have it", async () => {
    const of = (targetGroupArn: string) =>
      create({ loadBalancers: [{ targetGroupArn, containerName: "cart", containerPort: 8080 }] });
    await of("arn:used");
    await assert.rejects(of("arn:unused"), { name: "InvalidParameterException", message: /arn:unused does not have/ });
  });
  it("a new task definition begins a deployment, which ends as whoever plays ECS says", async () => {
    await create();
    const advance = (change: object) =>
      rig.clients.endpoint.advanceDeployment(REGION, `${ARN}:service/shop/cart`, {
        ...{ rolloutState: "COMPLETED", ...change },
      });
    await advance({});
    await ecs.send(new UpdateServiceCommand({ cluster, service: "cart", taskDefinition: TWO }));
    const states = async () => {
      const { taskDefinition, deployments = [] } = (await service()) ?? {};
      return [taskDefinition, ...deployments.map((d) => `${d.status} ${d.rolloutState}`)];
    };
    assert.deepEqual(await states(), [TWO, "PRIMARY IN_PROGRESS", "ACTIVE COMPLETED"]);
    await advance({ rolloutState: "FAILED", rollBackTo: ONE });
    assert.deepEqual(await states(), [ONE, "PRIMARY IN_PROGRESS", "ACTIVE FAILED", "ACTIVE COMPLETED"]);
    await advance({});
    assert.deepEqual(await states(), [ONE, "PRIMARY COMPLETED"]);
  });
  it("tasks take room and ports of hosts, as long as there are any", async () => {
    await create();
    const host = await join("i-1", 1024);
    const first = await start(host, (await service())?.deployments?.[0]?.id);
    const second = await start(host);
    const ports = [first, second].map(
      ({ tasks: [task] = [] }) => task?.containers?.[0]?.networkBindings?.[0]?.hostPort,
    );
    assert.deepEqual(ports, [32768, 32769]);
    assert.deepEqual((await start(host)).failures, [{ arn: host, reason: "RESOURCE:MEMORY" }]);
    await ecs.send(
      new SubmitTaskStateChangeCommand({ cluster, task: first.tasks?.[0]?.taskArn ?? "", status: "RUNNING" }),
    );
    const { runningCount, pendingCount, deployments: [deployment] = [] } = (await service()) ?? {};
    assert.deepEqual([runningCount, pendingCount, deployment?.runningCount], [1, 1, 1]);
    const { clusters: [found] = [] } = await ecs.send(new DescribeClustersCommand({ clusters: [cluster] }));
    assert.deepEqual([found?.runningTasksCount, found?.registeredContainerInstancesCount], [1, 1]);
  });
  it("a terminated host leaves with its tasks, but not one whose agent was disconnected", async () => {
    const [gone, silent] = [await join("i-1"), await join("i-2")];
    await start(gone);
    await start(silent);
    await rig.clients.endpoint.change({ agents: { "i-2": "disconnected" } }, REGION);
    running = [];
    assert.deepEqual(await instances(), [silent]);
    const { containerInstances: [host] = [] } = await ecs.send(
      new DescribeContainerInstancesCommand({ cluster, containerInstances: [silent] }),
    );
    assert.deepEqual([host?.agentConnected, host?.pendingTasksCount], [false, 1]);
    const deregister = (force: boolean) =>
      ecs.send(new DeregisterContainerInstanceCommand({ cluster, containerInstance: silent, force }));
    await assert.rejects(deregister(false), { name: "InvalidParameterException" });
    await deregister(true);
    assert.deepEqual(await instances(), []);
    await assert.rejects(deregister(true), { name: "InvalidParameterException", message: /not found/ });
  });
  it("stopped tasks say why", async () => {
    const host = await join("i-1");
    const { tasks: [task] = [] } = await start(host);
    const named = { cluster, tasks: [task?.taskArn ?? ""] };
    await ecs.send(
      new SubmitTaskStateChangeCommand({ cluster, task: named.tasks[0] ?? "", status: "STOPPED", reason: "exited" }),
    );
    const { tasks: [stopped] = [] } = await ecs.send(new DescribeTasksCommand(named));
    assert.deepEqual([stopped?.lastStatus, stopped?.stoppedReason], ["STOPPED", "exited"]);
    assert.deepEqual((await ecs.send(new ListTasksCommand({ cluster }))).taskArns, []);
  });
  it("a cluster is not deleted while anything is in it", async () => {
    await create();
    await join("i-1");
    const remove = () => ecs.send(new DeleteClusterCommand({ cluster }));
    await assert.rejects(remove, { name: "ClusterContainsServicesException" });
    await ecs.send(new DeleteServiceCommand({ cluster, service: "cart", force: true }));
    await assert.rejects(remove, { name: "ClusterContainsContainerInstancesException" });
    running = [];
    await remove();
    await assert.rejects(instances(), { name: "ClusterNotFoundException" });
  });
  it("fails as ECS does", async () => {
    const failing = (kind: "throttle" | "error") =>
      rig.clients.endpoint.set({ fault: { kind, caller: "", action: "ListServices", from: 0, count: 9 } });
    await failing("error");
    await assert.rejects(ecs.send(new ListServicesCommand({ cluster })), { name: "ServerException" });
    await failing("throttle");
    await assert.rejects(ecs.send(new ListServicesCommand({ cluster })), { name: "ThrottlingException" });
  });
});
