import { Service } from "@aws-sdk/client-ecs";
import { Placed, placeOfTask } from "../../../model/ecs/placement";
import { Clients } from "../../endpoint/clients";
import { KnownTask, NamedHost, ServiceCluster, targetId } from "./cluster";

/** Does what AWS does when clusters have come up: hosts span all zones and join, and services have their tasks. */
export async function settleServices(region: string, clients: Clients): Promise<void> {
  for (const cluster of await ServiceCluster.all(region, clients)) {
    const hosts = await settleHosts(cluster);
    await settleTasks(cluster, hosts);
  }
}

/** A cluster's hosts span all zones, and have joined it. */
export async function settleHosts(cluster: ServiceCluster): Promise<NamedHost[]> {
  await cluster.spread(await cluster.running());
  const [running, known] = [await cluster.running(), await cluster.hosts()];
  const isThere = (host: NamedHost) => running.some((one) => one.id === host.ec2InstanceId);
  for (const host of known.filter((one) => !isThere(one) || one.status !== "ACTIVE")) {
    await cluster.leave(host);
  }
  const hosts = known.filter((one) => isThere(one) && one.status === "ACTIVE");
  for (const { id, availabilityZone } of running) {
    if (!hosts.some((one) => one.ec2InstanceId === id)) {
      hosts.push(await cluster.join(id, availabilityZone));
    }
  }
  return hosts;
}

async function settleTasks(cluster: ServiceCluster, hosts: readonly NamedHost[]): Promise<void> {
  const [services, tasks] = [await cluster.services(), await cluster.tasks(hosts)];
  const placed: Placed[] = [];
  const place = async ({ serviceName, taskDefinition, ec2InstanceId }: KnownTask) =>
    void placed.push({ serviceName, ec2InstanceId, ...(await cluster.reservation(taskDefinition)) });
  for (const task of tasks) {
    await place(task);
  }
  for (const service of services) {
    const { serviceName = "", taskDefinition = "", desiredCount = 0, placementStrategy } = service;
    const own = tasks.filter((task) => task.serviceName === serviceName);
    const kept = own.filter((task) => task.taskDefinition === taskDefinition).slice(0, desiredCount);
    const needs = await cluster.reservation(taskDefinition);
    for (let missing = desiredCount - kept.length; missing > 0; missing--) {
      const place = placeOfTask(hosts, placed, serviceName, needs, placementStrategy);
      const host = hosts.find((one) => one.ec2InstanceId === place?.ec2InstanceId);
      if (host === undefined) {
        // ECS would wait for a host.
        break;
      }
      const task = await cluster.start(service, taskDefinition, host);
      placed.push({ serviceName, ec2InstanceId: host.ec2InstanceId, ...needs });
      kept.push(task);
    }
    await settleTargets(cluster, service, own, kept);
  }
}

/** The tasks that are kept run and are registered; the others are gone, and the deployment is through. */
async function settleTargets(
  cluster: ServiceCluster,
  service: Service,
  own: readonly KnownTask[],
  kept: readonly KnownTask[],
): Promise<void> {
  await Promise.all(kept.filter((task) => !task.isRunning).map((task) => cluster.run(task.arn)));
  await Promise.all(
    own.filter((task) => !kept.includes(task)).map((task) => cluster.stop(task.arn, "The deployment replaces it")),
  );
  const registered = [...(await cluster.targets(service)).keys()];
  const wanted = kept.map(targetId);
  await cluster.register(
    service,
    wanted.filter((id) => !registered.includes(id)),
  );
  await cluster.deregister(
    service,
    registered.filter((id) => !wanted.includes(id)),
  );
  if (service.deployments?.[0]?.rolloutState !== "COMPLETED" || service.deployments.length > 1) {
    const { region, clients } = cluster;
    await clients.endpoint.advanceDeployment(region, service.serviceArn ?? "", { rolloutState: "COMPLETED" });
  }
}
