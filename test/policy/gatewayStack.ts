import { PolicyResource } from "@pulumi/policy";
import * as t from "../../policy/graph";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

/** What a test breaks in a stack with gateways. */
export interface Breakage {
  /** Zones that get no gateway. */
  readonly without?: readonly string[];
  /** Zones whose route points at another zone's gateway. */
  readonly route?: Record<string, string>;
  /** Zones whose group runs elsewhere. */
  readonly groupIn?: Record<string, string>;
  readonly maxSize?: number;
  /** Detail types whose rule is left out, disabled, without permission, or without a dead-letter queue. */
  readonly noRule?: string;
  readonly disabled?: string;
  readonly noPermission?: string;
  readonly noDeadLetters?: string;
  /** Events go to a function through a queue, of which something may be missing. */
  readonly queue?: "whole" | "no policy" | "no mapping" | "disabled mapping";
}

/** The resources of a stack with a gateway in each zone, as a preview has them: every id is unknown. */
export function gatewayStack(zones: readonly string[], broken: Breakage = {}): PolicyResource[] {
  const all: PolicyResource[] = [];
  const add = (...args: Parameters<typeof resource>) => {
    const made = resource(...args);
    all.push(made);
    return made;
  };
  const internet = add(t.INTERNET_GATEWAY, "internet", {});
  const subnet = (kind: string, zone: string) => {
    const made = add(t.SUBNET, `${kind}-${zone}`, {
      availabilityZone: zone,
      tags: { SubnetType: kind },
      vpcId: UNKNOWN,
    });
    const table = add(t.ROUTE_TABLE, `${kind}-${zone}`, {});
    add(t.ROUTE_TABLE_ASSOCIATION, `${kind}-${zone}`, { subnetId: UNKNOWN }, { subnetId: made, routeTableId: table });
    return { made, table };
  };
  const subnets = zones.map((zone) => ({ zone, pub: subnet("Public", zone), priv: subnet("Private", zone) }));
  const toInternet = { destinationCidrBlock: "0.0.0.0/0", gatewayId: UNKNOWN };
  subnets.forEach(({ zone, pub }) =>
    add(t.ROUTE, `public-${zone}`, toInternet, { routeTableId: pub.table, gatewayId: internet }),
  );
  const gateways = new Map(
    subnets
      .filter(({ zone }) => !broken.without?.includes(zone))
      .map(({ zone, pub }) => {
        const props = { sourceDestCheck: false, subnetId: UNKNOWN };
        return [zone, add(t.NETWORK_INTERFACE, `gateway-${zone}`, props, { subnetId: pub.made })];
      }),
  );
  const groups = [...gateways].map(([zone, gateway]) => {
    const networkInterfaces = [{ associatePublicIpAddress: "true" }];
    const template = add(t.LAUNCH_TEMPLATE, `template-${zone}`, { networkInterfaces }, { userData: gateway });
    const place = subnets.find((s) => s.zone === (broken.groupIn?.[zone] ?? zone))?.pub.made as PolicyResource;
    const props = { minSize: 1, maxSize: broken.maxSize ?? 1, vpcZoneIdentifiers: [UNKNOWN] };
    return add(t.GROUP, `group-${zone}`, props, { launchTemplate: template, vpcZoneIdentifiers: place });
  });
  for (const { zone, priv } of subnets) {
    const gateway = gateways.get(broken.route?.[zone] ?? zone);
    if (gateway) {
      const props = { destinationCidrBlock: "0.0.0.0/0", networkInterfaceId: UNKNOWN };
      add(t.ROUTE, `private-${zone}`, props, { routeTableId: priv.table, networkInterfaceId: gateway });
    }
  }
  const fn = add(t.FUNCTION, "callback", { arn: UNKNOWN });
  const deadLetterQueue = add(t.QUEUE, "dead-letters", {});
  const queue = broken.queue && add(t.QUEUE, "events", {});
  const rules: PolicyResource[] = [];
  const listen = (detailType: string, subjects: PolicyResource[], known: boolean) => {
    if (broken.noRule === detailType) {
      return;
    }
    const eventPattern = known ? JSON.stringify({ "detail-type": [detailType] }) : UNKNOWN;
    const state = broken.disabled === detailType ? "DISABLED" : "ENABLED";
    const rule = add(t.EVENT_RULE, detailType, { eventPattern, state }, { eventPattern: subjects });
    const deadLetters: Record<string, PolicyResource> =
      broken.noDeadLetters === detailType ? {} : { deadLetterConfig: deadLetterQueue };
    add(t.EVENT_TARGET, detailType, { arn: UNKNOWN }, { rule, arn: queue ?? fn, ...deadLetters });
    rules.push(rule);
    if (queue === undefined && broken.noPermission !== detailType) {
      const permission = { principal: "events.amazonaws.com", sourceArn: UNKNOWN };
      add(t.PERMISSION, detailType, permission, { function: fn, sourceArn: rule });
    }
  };
  listen(TERMINATING, groups, true);
  listen(TERMINATED, groups, true);
  listen(LAUNCHED, groups, true);
  listen(ATTACHED, [...gateways.values()], false);
  if (queue !== undefined && broken.queue !== "no policy") {
    add(t.QUEUE_POLICY, "events", { policy: UNKNOWN }, { queueUrl: queue, policy: rules });
  }
  if (queue !== undefined && broken.queue !== "no mapping") {
    const enabled = broken.queue !== "disabled mapping";
    add(t.EVENT_SOURCE_MAPPING, "events", { enabled }, { eventSourceArn: queue, functionName: fn });
  }
  return all;
}

export const TERMINATING = "EC2 Instance-terminate Lifecycle Action";
export const TERMINATED = "EC2 Instance Terminate Successful";
export const LAUNCHED = "EC2 Instance Launch Successful";
export const ATTACHED = "AWS API Call via CloudTrail";
