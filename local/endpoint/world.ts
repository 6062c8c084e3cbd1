import {
  healthCheck,
  instanceStatuses,
  lifecycleCompleted,
  metricData,
  observations,
  rewritten,
  Status,
  targetHealth,
} from "./answers";
import { Request } from "./call";
import { Answered } from "./clientTokens";
import { Site } from "./internet";

/**
 * Facts of the drill's world that neither emulator can be told, and from which the endpoint answers in their place.
 * moto knows no failing status checks, stores lifecycle hooks without acting on them, and makes up ids of health checks;
 * neither has the Outposts API or EC2's own metrics. Each fact is a map, so that a drill's world adds to the base.
 */
export interface World {
  /** Instances that don't pass their instance status check, with the status EC2 would give. */
  readonly statusChecks: Readonly<Record<string, "impaired" | "initializing">>;
  /** Instances that don't pass their system status check. */
  readonly systemChecks: Readonly<Record<string, "impaired">>;
  /** Instance types that each Outpost offers, by its id. An Outpost that is not there doesn't exist. */
  readonly outposts: Readonly<Record<string, readonly string[]>>;
  /** Route 53 health checks by id: how many of their checkers call the endpoint healthy, and whose stack names them. */
  readonly healthChecks: Readonly<
    Record<string, { readonly healthy: number; readonly of: number; readonly region: string }>
  >;
  /** Percent of CPUUtilization, now and always, by instance id; `null` if CloudWatch has no data (any more). */
  readonly cpu: Readonly<Record<string, number | null>>;
  /**
   * What load balancers find of instances that are registered with them, by id, or by `id:port` where a target is one of
   * many ports: moto, to whom all that run are healthy, can't.
   */
  readonly targetHealth: Readonly<Record<string, "initial" | "unhealthy" | "healthy">>;
  /** Container instances, by their EC2 instances, whose ECS agent has lost its connection. */
  readonly agents: Readonly<Record<string, "disconnected" | "connected">>;
  /** What the hosts of the internet and of the VPC do, by `host` or, for SSH, `host:port`. @default they are well */
  readonly internet: Readonly<Record<string, Site>>;
}

export const PEACE: World = {
  statusChecks: {},
  systemChecks: {},
  outposts: {},
  healthChecks: {},
  cpu: {},
  targetHealth: {},
  agents: {},
  internet: {},
};

/** What a restart changes: EC2 says `initializing` so many times, and then the world is another one. */
export interface Reboot {
  readonly polls: number;
  readonly then: Partial<World>;
}

/** The facts of one world with those of another in their place. */
export function merge(base: World, over: Partial<World> = {}): World {
  return Object.fromEntries(
    Object.entries(base).map(([fact, values]) => [fact, { ...values, ...over[fact as keyof World] }]),
  ) as unknown as World;
}

/** An answer in an emulator's place. */
export interface Answer {
  readonly contentType: string;
  readonly body: string;
}

const xml = (body: string): Answer => ({ contentType: "text/xml", body });

/** The answer that the world gives in an emulator's place, or `undefined` to let the emulator answer. */
export function answer(request: Request, world: World): Answer | undefined {
  switch (`${request.service}:${request.action}`) {
    case "ec2:DescribeInstanceStatus": {
      const statuses = statusesAsked(request.parameters, world);
      return statuses && xml(instanceStatuses(statuses));
    }
    case "autoscaling:CompleteLifecycleAction":
      return xml(lifecycleCompleted());
    case "outposts:GetOutpostInstanceTypes": {
      // By id or by ARN.
      const OutpostId = decodeURIComponent(request.path).split("/").at(-2) ?? "";
      const InstanceTypes = world.outposts[OutpostId]?.map((InstanceType) => ({ InstanceType }));
      return InstanceTypes && { contentType: "application/json", body: JSON.stringify({ OutpostId, InstanceTypes }) };
    }
    case "route53:GetHealthCheck":
    case "route53:GetHealthCheckStatus": {
      const id = healthCheckId(request);
      const check = world.healthChecks[id];
      return check && xml(request.action === "GetHealthCheck" ? healthCheck(id) : observations(check));
    }
    case "monitoring:GetMetricData": {
      const body = metricData(request.body, world.cpu);
      return body === undefined ? undefined : { contentType: "application/x-amz-json-1.0", body };
    }
    default:
      return undefined;
  }
}

/** An emulator's answer with what the world knows better. */
export function amend({ service, action }: Request, world: World, answered: Answered): Answered {
  return `${service}:${action}` === "elasticloadbalancing:DescribeTargetHealth"
    ? rewritten(answered, (body) => targetHealth(body, world.targetHealth))
    : answered;
}

/** The id of the health check that a Route 53 request is about. */
export const healthCheckId = (request: Request) => /\/healthcheck\/([^/]+)/.exec(request.path)?.[1] ?? "";

/** The failing instances that a question is about; `undefined` if moto, to whom all is well, has the answer. */
function statusesAsked(parameters: URLSearchParams, world: World): Status[] | undefined {
  const failing = [...new Set([...Object.keys(world.statusChecks), ...Object.keys(world.systemChecks)])].map(
    (instanceId) => ({
      instanceId,
      instance: world.statusChecks[instanceId] ?? "ok",
      system: world.systemChecks[instanceId] ?? "ok",
    }),
  );
  for (const [check, statuses] of filterValues(parameters)) {
    const [, kind] = /^(.*)-status\.status$/.exec(check) ?? [];
    if (kind !== undefined) {
      // Attached volumes pass theirs always.
      return failing.filter((s) => (kind === "instance" || kind === "system") && statuses.includes(s[kind]));
    }
  }
  const ids = [
    ...[...parameters].filter(([name]) => name.startsWith("InstanceId.")).map(([, id]) => id),
    ...(filterValues(parameters).get("instance-id") ?? []),
  ];
  const asked = failing.filter((s) => ids.includes(s.instanceId));
  if (asked.length === 0) {
    return undefined;
  }
  // moto can't be asked about the others in the same breath: they run, and are well.
  const well = ids.filter((id) => !asked.some((s) => s.instanceId === id));
  return [...asked, ...well.map((instanceId) => ({ instanceId, instance: "ok", system: "ok" }))];
}

/** `Filter.1.Name=a&Filter.1.Value.1=b` as a map from name to values. */
function filterValues(parameters: URLSearchParams): Map<string, string[]> {
  const filters = new Map<string, string[]>();
  for (const [key, name] of parameters) {
    const index = /^Filter\.(\d+)\.Name$/.exec(key)?.[1];
    if (index !== undefined) {
      const values = [...parameters].filter(([k]) => k.startsWith(`Filter.${index}.Value.`)).map(([, v]) => v);
      filters.set(name, values);
    }
  }
  return filters;
}
