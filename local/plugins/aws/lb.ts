import { Attributes, reading, setting } from "./attributes";
import { client, Props, reader, ResourceRecord, ServiceRecords, Tagging } from "./record";

const elb = client("elastic-load-balancing-v2");
const describe = reader("elastic-load-balancing-v2");

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
const LOAD_BALANCER: Attributes = {
  "accessLogs.enabled": "access_logs.s3.enabled",
  "accessLogs.bucket": "access_logs.s3.bucket",
  "accessLogs.prefix": "access_logs.s3.prefix",
  "connectionLogs.enabled": "connection_logs.s3.enabled",
  "connectionLogs.bucket": "connection_logs.s3.bucket",
  "connectionLogs.prefix": "connection_logs.s3.prefix",
  clientKeepAlive: "client_keep_alive.seconds",
  desyncMitigationMode: "routing.http.desync_mitigation_mode",
  dropInvalidHeaderFields: "routing.http.drop_invalid_header_fields.enabled",
  enableDeletionProtection: "deletion_protection.enabled",
  enableZonalShift: "zonal_shift.config.enabled",
  idleTimeout: "idle_timeout.timeout_seconds",
  preserveHostHeader: "routing.http.preserve_host_header.enabled",
  xffHeaderProcessingMode: "routing.http.xff_header_processing.mode",
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
const TARGET_GROUP: Attributes = {
  deregistrationDelay: "deregistration_delay.timeout_seconds",
  loadBalancingAlgorithmType: "load_balancing.algorithm.type",
  loadBalancingAnomalyMitigation: "load_balancing.algorithm.anomaly_mitigation",
  loadBalancingCrossZoneEnabled: "load_balancing.cross_zone.enabled",
  slowStart: "slow_start.duration_seconds",
  "stickiness.enabled": "stickiness.enabled",
  "stickiness.type": "stickiness.type",
  "stickiness.cookieDuration": "stickiness.lb_cookie.duration_seconds",
  "targetGroupHealth.dnsFailover.minimumHealthyTargetsCount":
    "target_group_health.dns_failover.minimum_healthy_targets.count",
  "targetGroupHealth.dnsFailover.minimumHealthyTargetsPercentage":
    "target_group_health.dns_failover.minimum_healthy_targets.percentage",
  "targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsCount":
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count",
  "targetGroupHealth.unhealthyStateRouting.minimumHealthyTargetsPercentage":
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage",
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ListenerAttribute.html */
const LISTENER: Attributes = {
  routingHttpResponseServerEnabled: "routing.http.response.server.enabled",
  routingHttpResponseStrictTransportSecurityHeaderValue: "routing.http.response.strict_transport_security.header_value",
  routingHttpResponseXContentTypeOptionsHeaderValue: "routing.http.response.x_content_type_options.header_value",
  routingHttpResponseXFrameOptionsHeaderValue: "routing.http.response.x_frame_options.header_value",
};

/** What attributes are that nothing is said of. */
const UNSET = {
  loadBalancer: {
    ...{ accessLogs: { enabled: false }, connectionLogs: { enabled: false }, clientKeepAlive: 3600, idleTimeout: 60 },
    ...{ dropInvalidHeaderFields: false, enableDeletionProtection: false, enableZonalShift: false },
    ...{ preserveHostHeader: false, desyncMitigationMode: "defensive", xffHeaderProcessingMode: "append" },
  },
  targetGroup: {
    ...{ deregistrationDelay: 300, slowStart: 0, stickiness: { enabled: false } },
    ...{ loadBalancingAlgorithmType: "round_robin", loadBalancingAnomalyMitigation: "off" },
    loadBalancingCrossZoneEnabled: "use_load_balancer_configuration",
    targetGroupHealth: {
      dnsFailover: { minimumHealthyTargetsCount: "1", minimumHealthyTargetsPercentage: "off" },
      unhealthyStateRouting: { minimumHealthyTargetsCount: 1, minimumHealthyTargetsPercentage: "off" },
    },
  },
  listener: { routingHttpResponseServerEnabled: true },
};

const ACTION = {
  redirect: "RedirectConfig",
  fixedResponse: "FixedResponseConfig",
  forward: "ForwardConfig",
  "forward.targetGroups.arn": "TargetGroupArn",
  "forward.stickiness": "TargetGroupStickinessConfig",
  "forward.stickiness.duration": "DurationSeconds",
};

/** What actions' properties are called, in a property of the given name. */
const actions = (property: string) =>
  Object.fromEntries(Object.entries(ACTION).map(([path, field]) => [`${property}.${path}`, field]));

/** Conditions are known by the one block that each has. */
const CONDITIONS: Readonly<Record<string, string>> = {
  hostHeader: "host-header",
  pathPattern: "path-pattern",
  httpRequestMethod: "http-request-method",
  sourceIp: "source-ip",
};

const conditions = (p: Props) => ({
  Conditions: p["conditions"].map((condition: Props) => {
    const [[block, { values }] = ["", {}]] = Object.entries<Props>(condition);
    return { Field: CONDITIONS[block], [`${block[0]?.toUpperCase()}${block.slice(1)}Config`]: { Values: values } };
  }),
});

const fieldOfHealthCheck: Readonly<Record<string, string>> = {
  enabled: "HealthCheckEnabled",
  healthyThreshold: "HealthyThresholdCount",
  interval: "HealthCheckIntervalSeconds",
  path: "HealthCheckPath",
  port: "HealthCheckPort",
  protocol: "HealthCheckProtocol",
  timeout: "HealthCheckTimeoutSeconds",
  unhealthyThreshold: "UnhealthyThresholdCount",
};

const healthCheck = ({ healthCheck: { matcher, ...check } = {} as Props }: Props) => ({
  ...Object.fromEntries(Object.entries(check).map(([name, value]) => [fieldOfHealthCheck[name], value])),
  ...(matcher === undefined ? {} : { Matcher: { HttpCode: matcher } }),
});

function healthCheckFound(found: Props, { healthCheck: was = {} }: Props): Props {
  const now = (name: string) =>
    name === "matcher" ? found["Matcher"]?.HttpCode : found[fieldOfHealthCheck[name] ?? ""];
  return { healthCheck: Object.fromEntries(Object.keys(was).map((name) => [name, now(name)])) };
}

const TAGGING: Tagging = {
  service: "elastic-load-balancing-v2",
  set: "AddTags",
  unset: "RemoveTags",
  key: { id: "ResourceArns" },
};
const readTags = describe("DescribeTags", "TagDescriptions.0", { of: ["tags"], names: { id: "ResourceArns" } });

/** What CloudWatch's dimensions and policies call a load balancer or target group: its ARN's end. */
const arnSuffix = (p: Props) =>
  String(p["id"])
    .split(":")
    .pop()
    ?.replace(/^loadbalancer\//, "");

/** A type whose id is its ARN, and that can be tagged. */
const lbType = (record: ResourceRecord): ResourceRecord => ({
  tagging: TAGGING,
  ...record,
  outputs: { arn: (p) => p["id"], ...record.outputs },
});

export const records: ServiceRecords = {
  resources: {
    "aws:lb/loadBalancer:LoadBalancer": lbType({
      autoName: "name",
      key: { id: "LoadBalancerArn" },
      names: { loadBalancerType: "Type" },
      unset: { ...UNSET.loadBalancer, internal: false },
      create: [
        elb("CreateLoadBalancer", {
          takes: ["internal"],
          with: (p) => ({ Scheme: p["internal"] === true ? "internal" : "internet-facing" }),
          outputs: {
            id: "LoadBalancers.0.LoadBalancerArn",
            dnsName: "LoadBalancers.0.DNSName",
            zoneId: "LoadBalancers.0.CanonicalHostedZoneId",
            vpcId: "LoadBalancers.0.VpcId",
          },
        }),
      ],
      update: [elb("SetSecurityGroups", { of: ["securityGroups"] }), elb("SetSubnets", { of: ["subnets"] })],
      settings: [elb("ModifyLoadBalancerAttributes", setting(LOAD_BALANCER, UNSET.loadBalancer))],
      delete: [elb("DeleteLoadBalancer")],
      read: [
        describe("DescribeLoadBalancers", "LoadBalancers.0", {
          names: { id: "LoadBalancerArns", subnets: "AvailabilityZones" },
          as: ({ LoadBalancers: [one] }) =>
            one && { ...one, AvailabilityZones: one.AvailabilityZones.map((zone: Props) => zone["SubnetId"]) },
        }),
        describe("DescribeLoadBalancerAttributes", "", reading(LOAD_BALANCER)),
        readTags,
      ],
      outputs: { arnSuffix },
      replaceOn: ["name", "internal", "loadBalancerType"],
    }),
    "aws:lb/targetGroup:TargetGroup": lbType({
      autoName: "name",
      key: { id: "TargetGroupArn" },
      create: [
        elb("CreateTargetGroup", {
          takes: ["healthCheck"],
          with: healthCheck,
          outputs: { id: "TargetGroups.0.TargetGroupArn" },
        }),
      ],
      update: [elb("ModifyTargetGroup", { of: ["healthCheck"], takes: ["healthCheck"], with: healthCheck })],
      settings: [elb("ModifyTargetGroupAttributes", setting(TARGET_GROUP, UNSET.targetGroup))],
      unset: UNSET.targetGroup,
      delete: [elb("DeleteTargetGroup")],
      read: [
        describe("DescribeTargetGroups", "TargetGroups.0", {
          names: { id: "TargetGroupArns" },
          also: (found, p) => (p["healthCheck"] === undefined ? {} : healthCheckFound(found, p)),
        }),
        describe("DescribeTargetGroupAttributes", "", reading(TARGET_GROUP)),
        readTags,
      ],
      outputs: { arnSuffix },
      replaceOn: ["name", "port", "protocol", "protocolVersion", "targetType", "vpcId", "ipAddressType"],
    }),
    "aws:lb/listener:Listener": lbType({
      key: { id: "ListenerArn" },
      names: { certificateArn: "Certificates.0.CertificateArn", ...actions("defaultActions") },
      create: [elb("CreateListener", { outputs: { id: "Listeners.0.ListenerArn" } })],
      update: [elb("ModifyListener", { of: ["port", "protocol", "sslPolicy", "certificateArn", "defaultActions"] })],
      settings: [elb("ModifyListenerAttributes", setting(LISTENER, UNSET.listener))],
      unset: UNSET.listener,
      delete: [elb("DeleteListener")],
      read: [
        describe("DescribeListeners", "Listeners.0", { names: { id: "ListenerArns" } }),
        describe("DescribeListenerAttributes", "", reading(LISTENER)),
        readTags,
      ],
      replaceOn: ["loadBalancerArn"],
    }),
    "aws:lb/listenerRule:ListenerRule": lbType({
      key: { id: "RuleArn" },
      names: actions("actions"),
      create: [elb("CreateRule", { takes: ["conditions"], with: conditions, outputs: { id: "Rules.0.RuleArn" } })],
      update: [
        elb("ModifyRule", { of: ["actions", "conditions"], takes: ["conditions"], with: conditions }),
        elb("SetRulePriorities", {
          of: ["priority"],
          takes: ["priority"],
          with: (p) => ({ RulePriorities: [{ RuleArn: p["id"], Priority: p["priority"] }] }),
        }),
      ],
      delete: [elb("DeleteRule")],
      read: [describe("DescribeRules", "Rules.0", { names: { id: "RuleArns" } }), readTags],
      replaceOn: ["listenerArn"],
      notRead: { conditions: "AWS knows them by their fields, the provider by their blocks" },
    }),
    "aws:lb/listenerCertificate:ListenerCertificate": {
      key: { listenerArn: "ListenerArn", certificateArn: "Certificates.0.CertificateArn" },
      create: [elb("AddListenerCertificates")],
      delete: [elb("RemoveListenerCertificates")],
      read: [
        describe("DescribeListenerCertificates", "Certificates.0", {
          names: { certificateArn: "CertificateArn" },
          with: (p) => ({ ListenerArn: p["listenerArn"] }),
          as: (a, p) => a.Certificates?.find((one: Props) => one["CertificateArn"] === p["certificateArn"]),
        }),
      ],
      outputs: { id: (p) => `${p["listenerArn"]}_${p["certificateArn"]}` },
      replaceOn: ["listenerArn", "certificateArn"],
    },
  },
};
