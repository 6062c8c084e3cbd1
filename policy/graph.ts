import { PolicyResource } from "@pulumi/policy";

/** Stands for a value that a preview can't know yet. */
export const UNKNOWN = Symbol("unknown");

/** A violation: what is wrong and what to change, and the resource it is about. */
export interface Finding {
  readonly message: string;
  readonly urn?: string;
}

/**
 * Reads a value that may be unknown. Without this, reading an unknown one ends the whole rule, and what is left of it
 * is an advisory note: the rule would fail open.
 */
export function read<T>(get: () => T): T | typeof UNKNOWN {
  try {
    return get();
  } catch (error) {
    if (isUnknownValueError(error)) {
      return UNKNOWN;
    }
    throw error;
  }
}

/** Whether an error says that a value is unknown. The SDK throws a class of its own but declares no type for it. */
export function isUnknownValueError(error: unknown): error is Error {
  return error instanceof Error && error.constructor.name === "UnknownValueError";
}

/** As `read`, for callers to whom unknown and absent are the same. */
export function known<T>(get: () => T): T | undefined {
  const value = read(get);
  return value === UNKNOWN ? undefined : value;
}

/** The elements of a list, or the one value, that are known: an unknown one doesn't hide the others. */
export function knownItems<T>(get: () => T | readonly T[] | undefined): T[] {
  const value = known(get);
  if (!Array.isArray(value)) {
    return value === undefined ? [] : [value as T];
  }
  return Array.from({ length: value.length }, (_, i) => known(() => value[i] as T)).filter((v) => v !== undefined);
}

/** A stack's resources and the references between them. */
export class Graph {
  constructor(readonly resources: readonly PolicyResource[]) {}

  ofType(...types: readonly string[]): PolicyResource[] {
    return this.resources.filter((r) => types.includes(r.type));
  }

  /**
   * The resources of a type that a property refers to. The program's own references come first: they are known in
   * previews, when ids are not, and say what is intended even while a failover has a route point elsewhere. A literal
   * id is looked up by the ARN that ends in it.
   */
  referred(resource: PolicyResource, property: string, ...types: readonly string[]): PolicyResource[] {
    const referred = (resource.propertyDependencies[property] ?? []).filter((r) => types.includes(r.type));
    if (referred.length > 0) {
      return referred;
    }
    const value = known(() => JSON.stringify(resource.props[property])) ?? "";
    const literals = [...value.matchAll(/"([^"]+)"/g)].map(([, literal]) => literal ?? "");
    return this.ofType(...types).filter((r) => {
      const arn = known(() => r.props["arn"] as string | undefined);
      const id = known(() => r.props["id"] as string | undefined);
      return literals.some((literal) => literal === arn || literal === id || (arn?.endsWith(`/${literal}`) ?? false));
    });
  }

  /** The Availability Zones of the subnets that a property refers to, each once. */
  zonesOf(resource: PolicyResource, ...properties: readonly string[]): string[] {
    const subnets = properties.flatMap((property) => this.referred(resource, property, SUBNET));
    return [...new Set(subnets.flatMap((s) => zoneOf(s) ?? []))];
  }

  /** The routes of the route tables that a subnet is associated with. */
  routesOf(subnet: PolicyResource): PolicyResource[] {
    const tables = this.ofType(ROUTE_TABLE_ASSOCIATION)
      .filter((a) => this.referred(a, "subnetId", SUBNET).includes(subnet))
      .flatMap((a) => this.referred(a, "routeTableId", ROUTE_TABLE));
    return this.ofType(ROUTE).filter((r) =>
      this.referred(r, "routeTableId", ROUTE_TABLE).some((t) => tables.includes(t)),
    );
  }

  /** Whether a subnet's default route leads to an internet gateway. */
  isPublic(subnet: PolicyResource): boolean {
    return this.routesOf(subnet).some(
      (r) => isDefaultRoute(r) && this.referred(r, "gatewayId", INTERNET_GATEWAY).length > 0,
    );
  }
}

/** The zone of a subnet. */
export function zoneOf(subnet: PolicyResource): string | undefined {
  return known(() => subnet.props["availabilityZone"] as string | undefined);
}

export function isDefaultRoute(route: PolicyResource): boolean {
  return known(() => route.props["destinationCidrBlock"] as string) === "0.0.0.0/0";
}

export const SUBNET = "aws:ec2/subnet:Subnet";
export const ROUTE = "aws:ec2/route:Route";
export const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";
export const ROUTE_TABLE_ASSOCIATION = "aws:ec2/routeTableAssociation:RouteTableAssociation";
export const INTERNET_GATEWAY = "aws:ec2/internetGateway:InternetGateway";
export const NAT_GATEWAY = "aws:ec2/natGateway:NatGateway";
export const NETWORK_INTERFACE = "aws:ec2/networkInterface:NetworkInterface";
export const LAUNCH_TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
export const INSTANCE = "aws:ec2/instance:Instance";
export const GROUP = "aws:autoscaling/group:Group";
export const EVENT_RULE = "aws:cloudwatch/eventRule:EventRule";
export const EVENT_TARGET = "aws:cloudwatch/eventTarget:EventTarget";
export const FUNCTION = "aws:lambda/function:Function";
export const PERMISSION = "aws:lambda/permission:Permission";
export const QUEUE = "aws:sqs/queue:Queue";
export const QUEUE_POLICY = "aws:sqs/queuePolicy:QueuePolicy";
export const EVENT_SOURCE_MAPPING = "aws:lambda/eventSourceMapping:EventSourceMapping";
export const METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
export const STATE_MACHINE = "aws:sfn/stateMachine:StateMachine";
export const IAM_ROLE = "aws:iam/role:Role";
