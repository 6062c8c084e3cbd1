import { PolicyResource } from "@pulumi/policy";
import { items, known, UNKNOWN } from "./unknown";

/** A stack's resources and the references between them. Indexed once: rules stay linear in the number of resources. */
export class Graph {
  private readonly byType = new Map<string, PolicyResource[]>();
  /** Resources by id, name and ARN, as far as these are known. */
  private readonly byHandle = new Map<string, PolicyResource[]>();

  /**
   * @param files what is in the archives of functions, by URN and by file name; reading these takes promises
   */
  constructor(
    readonly resources: readonly PolicyResource[],
    readonly files: ReadonlyMap<string, Readonly<Record<string, string>>> = new Map(),
  ) {
    for (const resource of resources) {
      add(this.byType, resource.type, resource);
      for (const handle of handlesOf(resource)) {
        add(this.byHandle, handle, resource);
      }
    }
  }

  ofType(...types: readonly string[]): PolicyResource[] {
    return types.flatMap((type) => this.byType.get(type) ?? []);
  }

  /** The resources of the types that the program makes a property from: known in previews, when ids are not. */
  dependencies(resource: PolicyResource, property: string, ...types: readonly string[]): PolicyResource[] {
    return [...new Set(resource.propertyDependencies[property] ?? [])].filter((r) => types.includes(r.type));
  }

  /** The resource of one of the types that has an id, a name or an ARN. */
  byId(id: string, ...types: readonly string[]): PolicyResource | undefined {
    return (this.byHandle.get(id) ?? []).find((r) => types.includes(r.type));
  }

  /**
   * The resources of a type that a property refers to. What is known counts first: an element that was picked from a
   * list depends on all of it. In previews, and where somebody else moves the target (as a failover does with a route),
   * the program's own references say what is intended.
   */
  referred(resource: PolicyResource, property: string, ...types: readonly string[]): PolicyResource[] {
    const made = this.dependencies(resource, property, ...types);
    if (made.length === 1) {
      return made;
    }
    const found = literals(known(() => resource.props[property] as unknown)).flatMap(
      (literal) => this.byId(literal, ...types) ?? [],
    );
    return found.length > 0 ? [...new Set(found)] : made;
  }

  private readonly referring = new Map<string, Map<PolicyResource, PolicyResource[]>>();

  /** The resources of a type of which a property refers to this one: looked up once for all, not for each. */
  referrers(resource: PolicyResource, type: string, property: string): readonly PolicyResource[] {
    const key = [type, property, resource.type].join(" ");
    let index = this.referring.get(key);
    if (index === undefined) {
      index = new Map();
      for (const from of this.ofType(type)) {
        for (const to of this.referred(from, property, resource.type)) {
          add(index, to, from);
        }
      }
      this.referring.set(key, index);
    }
    return index.get(resource) ?? [];
  }

  /** The routes of the route table that a subnet uses: the one that it is associated with, or its VPC's main one. */
  routesOf(subnet: PolicyResource): Route[] {
    const tables = this.tablesOf(subnet);
    return tables.flatMap((table) => this.routesIn(table));
  }

  /** The route tables that a subnet uses, as far as this stack has them. */
  tablesOf(subnet: PolicyResource): PolicyResource[] {
    return this.routing.tables.get(subnet) ?? [];
  }

  private routesIn(table: PolicyResource): Route[] {
    return this.routing.routes.get(table) ?? [];
  }

  private cachedRouting: Routing | undefined;

  private get routing(): Routing {
    this.cachedRouting ??= this.readRouting();
    return this.cachedRouting;
  }

  private readRouting(): Routing {
    const tables = new Map<PolicyResource, PolicyResource[]>();
    for (const association of this.ofType(ROUTE_TABLE_ASSOCIATION)) {
      for (const subnet of this.referred(association, "subnetId", ...SUBNET_TYPES)) {
        add(tables, subnet, ...this.referred(association, "routeTableId", ...ROUTE_TABLE_TYPES));
      }
    }
    const routes = new Map<PolicyResource, Route[]>();
    for (const route of this.ofType(ROUTE)) {
      for (const table of this.referred(route, "routeTableId", ...ROUTE_TABLE_TYPES)) {
        add(routes, table, { owner: route, props: route.props, inline: undefined });
      }
    }
    for (const table of this.ofType(...ROUTE_TABLE_TYPES)) {
      const inline = items(() => table.props["routes"] as Record<string, unknown>[] | undefined);
      (inline === UNKNOWN ? [] : inline).forEach((props, index) => {
        if (props !== UNKNOWN) {
          add(routes, table, { owner: table, props, inline: index });
        }
      });
    }
    return { tables, routes };
  }

  /** Whether a subnet's default route leads to an internet gateway. */
  isPublic(subnet: PolicyResource): boolean {
    return this.routesOf(subnet).some(
      (route) => isDefaultRoute(route) && this.routeTargets(route, INTERNET_GATEWAY).length > 0,
    );
  }

  /** The resources of the types that a route leads to. */
  routeTargets(route: Route, ...types: readonly string[]): PolicyResource[] {
    const properties = route.inline === undefined ? ROUTE_TARGETS : ["routes"];
    if (route.inline !== undefined) {
      // All inline routes are one property: ids tell them apart once they are known.
      const ids = ROUTE_TARGETS.flatMap((key) => known(() => route.props[key] as string | undefined) ?? []);
      const found = ids.flatMap((id) => this.byId(id, ...types) ?? []);
      if (found.length > 0 || ids.length > 0) {
        return found;
      }
    }
    return properties.flatMap((property) => this.referred(route.owner, property, ...types));
  }
}

/** One route, of its own or inline in its table. */
export interface Route {
  /** The resource that it stands in. */
  readonly owner: PolicyResource;
  readonly props: Readonly<Record<string, unknown>>;
  /** Its place among the table's inline routes. @default it is a resource of its own */
  readonly inline: number | undefined;
}

interface Routing {
  readonly tables: ReadonlyMap<PolicyResource, PolicyResource[]>;
  readonly routes: ReadonlyMap<PolicyResource, Route[]>;
}

function add<K, V>(map: Map<K, V[]>, key: K, ...values: V[]): void {
  const list = map.get(key);
  if (list === undefined) {
    map.set(key, values);
  } else {
    list.push(...values);
  }
}

/** Under what others may name a resource: its id, its name, its ARN, and what the ARN ends in. */
function handlesOf({ props }: PolicyResource): Set<string> {
  const text = (key: string) => known(() => props[key] as unknown);
  const handles = ["id", "arn", "name"].map(text).filter((v): v is string => typeof v === "string" && v !== "");
  const ends = handles.filter((h) => h.startsWith("arn:")).map((arn) => arn.split("/").pop() ?? arn);
  return new Set([...handles, ...ends]);
}

/** The id of a resource, as far as it is known: not every provider repeats it among the outputs. */
export function idOf({ props }: PolicyResource): string | undefined {
  return (
    known(() => props["id"] as string | undefined) ??
    known(() => props["arn"] as string | undefined)
      ?.split("/")
      .pop()
  );
}

/** The texts in a value, at whatever depth. */
function literals(value: unknown): string[] {
  if (typeof value === "string") {
    return [value];
  }
  if (typeof value !== "object" || value === null) {
    return [];
  }
  return Object.keys(value).flatMap((key) => literals(known(() => (value as Record<string, unknown>)[key])));
}

export function isDefaultRoute({ props }: Route): boolean {
  const destinations = ["destinationCidrBlock", "cidrBlock"].map((key) =>
    known(() => props[key] as string | undefined),
  );
  return destinations.includes("0.0.0.0/0");
}

/** The properties of a route, its own or inline, that name where it leads. */
export const ROUTE_TARGETS = [
  "gatewayId",
  "natGatewayId",
  "networkInterfaceId",
  "transitGatewayId",
  "vpcEndpointId",
  "vpcPeeringConnectionId",
  "carrierGatewayId",
  "localGatewayId",
  "coreNetworkArn",
  "egressOnlyGatewayId",
];

export const SUBNET = "aws:ec2/subnet:Subnet";
/** Subnets of the stack's own, and default ones that it has adopted. */
export const SUBNET_TYPES = [SUBNET, "aws:ec2/defaultSubnet:DefaultSubnet"];
export const ROUTE = "aws:ec2/route:Route";
export const ROUTE_TABLE = "aws:ec2/routeTable:RouteTable";
export const ROUTE_TABLE_TYPES = [ROUTE_TABLE, "aws:ec2/defaultRouteTable:DefaultRouteTable"];
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
export const METRIC_ALARM = "aws:cloudwatch/metricAlarm:MetricAlarm";
export const STATE_MACHINE = "aws:sfn/stateMachine:StateMachine";
export const IAM_ROLE = "aws:iam/role:Role";
