import { PolicyResource } from "@pulumi/policy";
import * as t from "../../policy/core/graph";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

/** What a test breaks in a stack with gateways. */
export interface Breakage {
  /** After the update all ids are known. @default a preview, in which none is */
  readonly updated?: boolean;
  /** Zones that get no gateway. */
  readonly without?: readonly string[];
  /** Zones whose route points at another zone's gateway. */
  readonly route?: Record<string, string>;
  /** Zones whose group runs elsewhere. */
  readonly groupIn?: Record<string, string>;
  readonly group?: object;
  readonly template?: object;
  readonly minSize?: number;
  readonly maxSize?: number;
  /** Occasions whose rule is left out, disabled, without permission, or without a dead-letter queue. */
  readonly noRule?: Occasion;
  readonly disabled?: Occasion;
  readonly noPermission?: Occasion;
  readonly noDeadLetters?: Occasion;
  /** Changes the pattern of an occasion's rule. */
  readonly pattern?: { readonly of: Occasion; readonly to: (pattern: Record<string, unknown>) => unknown };
  readonly rule?: object;
  readonly permission?: object;
  readonly fn?: object;
  readonly hooks?: readonly object[];
  readonly noAddress?: boolean;
  /** What the role's policy allows. */
  readonly statements?: (tables: readonly string[], groups: readonly string[]) => object[];
  readonly trail?: object;
}

export type Occasion = "terminating" | "terminated" | "stopping" | "launched" | "attached" | "alarm" | "schedule";

/** What the reconciling function may do. */
export function allowed(tables: readonly string[], groups: readonly string[]): object[] {
  return [
    { Effect: "Allow", Action: ["ec2:DescribeRouteTables"], Resource: "*" },
    { Effect: "Allow", Action: ["ec2:ReplaceRoute"], Resource: tables },
    { Effect: "Allow", Action: "autoscaling:CompleteLifecycleAction", Resource: groups },
  ];
}

/** The resources of a stack with a gateway in each zone. */
export function gatewayStack(zones: readonly string[], broken: Breakage = {}): PolicyResource[] {
  const all: PolicyResource[] = [];
  const value = (known: unknown) => (broken.updated === true ? known : UNKNOWN);
  const add = (type: string, name: string, props: object, refers: Parameters<typeof resource>[3] = {}) => {
    const made = resource(type, name, { id: value(`${name}-id`), arn: value(arnFor(type, name)), ...props }, refers);
    all.push(made);
    return made;
  };
  const internet = add(t.INTERNET_GATEWAY, "internet", {});
  const subnet = (kind: string, zone: string) => {
    const tags = { SubnetType: kind };
    const made = add(t.SUBNET, `${kind}-${zone}`, { availabilityZone: zone, tags, vpcId: value("vpc-1") });
    const table = add(t.ROUTE_TABLE, `${kind}-${zone}`, {});
    const association = { subnetId: value(`${kind}-${zone}-id`), routeTableId: value(`${kind}-${zone}-id`) };
    add(t.ROUTE_TABLE_ASSOCIATION, `${kind}-${zone}`, association, { subnetId: made, routeTableId: table });
    return { made, table };
  };
  const subnets = zones.map((zone) => ({ zone, pub: subnet("Public", zone), priv: subnet("Private", zone) }));
  const toInternet = { destinationCidrBlock: "0.0.0.0/0", gatewayId: value("internet-id") };
  subnets.forEach(({ zone, pub }) =>
    add(t.ROUTE, `public-${zone}`, toInternet, { routeTableId: pub.table, gatewayId: internet }),
  );
  const served = subnets.filter(({ zone }) => !broken.without?.includes(zone));
  const gateways = new Map(
    served.map(({ zone, pub }) => {
      const props = { sourceDestCheck: false, subnetId: value(`Public-${zone}-id`) };
      const gateway = add(t.NETWORK_INTERFACE, `gateway-${zone}`, props, { subnetId: pub.made });
      if (broken.noAddress !== true) {
        add(
          "aws:ec2/eip:Eip",
          `gateway-${zone}`,
          { networkInterface: value(`gateway-${zone}-id`) },
          { networkInterface: gateway },
        );
      }
      return [zone, gateway];
    }),
  );
  const groups = [...gateways].map(([zone, gateway]) => {
    const networkInterfaces = [{ associatePublicIpAddress: "true" }];
    const userData = value("user data");
    const template = add(
      t.LAUNCH_TEMPLATE,
      `template-${zone}`,
      { networkInterfaces, userData, ...broken.template },
      { userData: gateway },
    );
    const place = subnets.find((s) => s.zone === (broken.groupIn?.[zone] ?? zone))?.pub.made as PolicyResource;
    const props = {
      name: `group-${zone}`,
      minSize: broken.minSize ?? 1,
      maxSize: broken.maxSize ?? 1,
      vpcZoneIdentifiers: [value(`${place.name}-id`)],
      initialLifecycleHooks: broken.hooks ?? [
        { lifecycleTransition: "autoscaling:EC2_INSTANCE_LAUNCHING", defaultResult: "ABANDON" },
        { lifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING", defaultResult: "CONTINUE" },
      ],
      ...broken.group,
    };
    return add(t.GROUP, `group-${zone}`, props, { launchTemplate: template, vpcZoneIdentifiers: place });
  });
  for (const { zone, priv } of subnets) {
    const gateway = gateways.get(broken.route?.[zone] ?? zone);
    if (gateway) {
      const networkInterfaceId = value(`${gateway.name}-id`);
      const props = {
        destinationCidrBlock: "0.0.0.0/0",
        networkInterfaceId,
        routeTableId: value(`Private-${zone}-id`),
      };
      add(t.ROUTE, `private-${zone}`, props, { routeTableId: priv.table, networkInterfaceId: gateway });
    }
  }
  const alarms = groups.map((group) => {
    const props = {
      name: `status-${group.name}`,
      metricName: "StatusCheckFailed",
      dimensions: { AutoScalingGroupName: group.name },
    };
    return add(t.METRIC_ALARM, `status-${group.name}`, props, { dimensions: group });
  });
  const role = add(t.IAM_ROLE, "callback", {});
  const statements = (broken.statements ?? allowed)(
    subnets.map(({ zone }) => arnFor(t.ROUTE_TABLE, `Private-${zone}`)),
    groups.map((g) => arnFor(t.GROUP, g.name)),
  );
  const document = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  add("aws:iam/rolePolicy:RolePolicy", "callback", { policy: value(document) }, { role });
  const fn = add(t.FUNCTION, "callback", { timeout: 60, ...broken.fn }, { role });
  const queue = add(t.QUEUE, "dead-letters", {});
  if (broken.trail !== undefined) {
    add("aws:cloudtrail/trail:Trail", "management", broken.trail);
  }
  const listen = (occasion: Occasion, props: Record<string, unknown>, subjects: readonly PolicyResource[]) => {
    if (broken.noRule === occasion) {
      return;
    }
    const state = broken.disabled === occasion ? "DISABLED" : "ENABLED";
    const rule = add(t.EVENT_RULE, occasion, { state, ...props, ...broken.rule }, { eventPattern: [...subjects] });
    const deadLetters: Record<string, PolicyResource> =
      broken.noDeadLetters === occasion ? {} : { deadLetterConfig: queue };
    add(t.EVENT_TARGET, occasion, { arn: value(arnFor(t.FUNCTION, "callback")) }, { rule, arn: fn, ...deadLetters });
    if (broken.noPermission !== occasion) {
      const permission = {
        principal: "events.amazonaws.com",
        action: "lambda:InvokeFunction",
        sourceArn: value(arnFor(t.EVENT_RULE, occasion)),
        ...broken.permission,
      };
      add(t.PERMISSION, occasion, permission, {
        function: fn,
        ...("sourceArn" in (broken.permission ?? {}) ? {} : { sourceArn: rule }),
      });
    }
  };
  const hear = (
    occasion: Occasion,
    pattern: Record<string, unknown>,
    subjects: readonly PolicyResource[],
    known = true,
  ) => {
    const changed = broken.pattern?.of === occasion ? broken.pattern.to(pattern) : pattern;
    const text = typeof changed === "string" ? changed : JSON.stringify(changed);
    listen(occasion, { eventPattern: known || broken.updated === true ? text : UNKNOWN }, subjects);
  };
  const ofGroups = (detailType: string) => ({
    source: ["aws.autoscaling"],
    "detail-type": [detailType],
    detail: { AutoScalingGroupName: groups.map((g) => g.name) },
  });
  hear("terminating", ofGroups("EC2 Instance-terminate Lifecycle Action"), groups);
  hear("terminated", ofGroups("EC2 Instance Terminate Successful"), groups);
  hear("launched", ofGroups("EC2 Instance Launch Successful"), groups);
  hear(
    "stopping",
    {
      source: ["aws.ec2"],
      "detail-type": ["EC2 Instance State-change Notification"],
      detail: { state: ["shutting-down", "stopping", "stopped", "terminated"] },
    },
    [],
  );
  hear(
    "attached",
    {
      source: ["aws.ec2"],
      "detail-type": ["AWS API Call via CloudTrail"],
      detail: {
        eventName: ["AttachNetworkInterface"],
        requestParameters: { networkInterfaceId: [...gateways.values()].map((g) => `${g.name}-id`) },
      },
    },
    [...gateways.values()],
    false,
  );
  hear(
    "alarm",
    {
      source: ["aws.cloudwatch"],
      "detail-type": ["CloudWatch Alarm State Change"],
      detail: { alarmName: alarms.map((a) => a.name), state: { value: ["ALARM", "OK"] } },
    },
    alarms,
  );
  listen("schedule", { scheduleExpression: "rate(1 minute)" }, []);
  return all;
}

/** An ARN as AWS gives one. */
export function arnFor(type: string, name: string): string {
  const at = "us-east-1:123456789012";
  const kind: Record<string, string> = {
    [t.ROUTE_TABLE]: `ec2:${at}:route-table/`,
    [t.GROUP]: `autoscaling:${at}:autoScalingGroup:uuid:autoScalingGroupName/`,
    [t.FUNCTION]: `lambda:${at}:function:`,
    [t.EVENT_RULE]: `events:${at}:rule/`,
  };
  return `arn:aws:${kind[type] ?? `other:${at}:`}${name}`;
}
