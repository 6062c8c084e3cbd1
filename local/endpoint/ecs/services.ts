import { randomBytes } from "node:crypto";
import { Cluster, now } from "./cluster";

/** What JSON has. */
export type Fields = Readonly<Record<string, unknown>>;

/** A deployment, as DescribeServices lists it, without what follows from its tasks. */
export interface KeptDeployment {
  readonly id: string;
  readonly taskDefinition: string;
  readonly createdAt: number;
  status: "PRIMARY" | "ACTIVE";
  updatedAt: number;
  rolloutState: string;
  rolloutStateReason: string;
  failedTasks: number;
}

/** A service as it was asked for, and what has become of its deployments. */
export interface KeptService {
  fields: Fields;
  /** The newest first: the primary one. */
  deployments: KeptDeployment[];
}

/** What has become of a service's deployment, as whoever plays ECS says. */
export interface DeploymentChange {
  readonly rolloutState: string;
  readonly rolloutStateReason?: string;
  readonly failedTasks?: number;
  /** A failed deployment goes back to this task definition by another one. */
  readonly rollBackTo?: string;
}

/** What a call only addresses or orders, and no setting of a service. */
const ORDERS = ["cluster", "service", "serviceName", "forceNewDeployment", "tags", "clientToken", "taskDefinition"];

/** The settings in a request, but those that the call doesn't give. */
export const settingsOf = (input: Fields): Fields =>
  Object.fromEntries(Object.entries(input).filter(([field]) => !ORDERS.includes(field)));

/** A deployment that begins. */
export function deployment(taskDefinition: string): KeptDeployment {
  const id = `ecs-svc/${BigInt(`0x${randomBytes(8).toString("hex")}`)}`;
  return {
    ...{ id, taskDefinition, createdAt: now(), updatedAt: now(), status: "PRIMARY", failedTasks: 0 },
    ...{ rolloutState: "IN_PROGRESS", rolloutStateReason: `ECS deployment ${id} in progress.` },
  };
}

/** A service with a new deployment: the ones before are to end. */
export function deployed({ fields, deployments }: KeptService, taskDefinition: string): KeptService {
  const before = deployments.map((one) => ({ ...one, status: "ACTIVE" as const }));
  return { fields, deployments: [deployment(taskDefinition), ...before] };
}

/** A service after a turn of its deployment. */
export function advanced(service: KeptService, { rollBackTo, ...change }: DeploymentChange): KeptService {
  const [primary, ...others] = service.deployments;
  if (primary === undefined) {
    return service;
  }
  const isCompleted = change.rolloutState === "COMPLETED";
  const rolloutStateReason = isCompleted
    ? `ECS deployment ${primary.id} completed.`
    : (change.rolloutStateReason ?? primary.rolloutStateReason);
  const turned = { ...primary, ...change, rolloutStateReason, updatedAt: now() };
  const kept = { ...service, deployments: isCompleted ? [turned] : [turned, ...others] };
  return rollBackTo === undefined ? kept : deployed(kept, rollBackTo);
}

/** A service as ECS describes it: as moto does, with what it has forgotten, and with what runs. */
export function described(found: Fields, cluster: Cluster): Fields {
  const name = String(found["serviceName"]);
  const service = cluster.services.get(name);
  if (service === undefined || found["status"] !== "ACTIVE") {
    return found;
  }
  const tasks = cluster.running().filter((task) => task.group === `service:${name}`);
  const counts = (of: readonly { lastStatus: string }[]) => ({
    runningCount: of.filter((task) => task.lastStatus === "RUNNING").length,
    pendingCount: of.filter((task) => task.lastStatus === "PENDING").length,
  });
  const { launchType: _, ...rest } = found;
  const { capacityProviderStrategy: strategy } = service.fields;
  const hasStrategy = Array.isArray(strategy) && strategy.length > 0;
  const deployments = service.deployments.map((one) => {
    const { desiredCount } = service.fields;
    const own = tasks.filter((task) => task.startedBy === one.id);
    return { desiredCount: one.status === "PRIMARY" ? desiredCount : 0, ...counts(own), ...one };
  });
  return {
    ...(hasStrategy ? rest : found),
    ...service.fields,
    ...counts(tasks),
    taskDefinition: service.deployments[0]?.taskDefinition,
    deployments,
  };
}
