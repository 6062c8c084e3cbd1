import { randomUUID } from "node:crypto";
import { arn, client, Props, reader, ServiceRecords } from "./record";

const route53 = client("route-53");
const readRoute53 = reader("route-53");

/** A change of one set of records: all of its inputs stand in the API's `ResourceRecordSet`. */
const change = (Action: string) =>
  route53("ChangeResourceRecordSets", {
    takes: [
      ...["name", "type", "ttl", "records", "aliases", "setIdentifier", "healthCheckId"],
      ...["failoverRoutingPolicies", "latencyRoutingPolicies"],
    ],
    with: (p) => ({ ChangeBatch: { Changes: [{ Action, ResourceRecordSet: recordSet(p) }] } }),
  });

const recordSet = (p: Props) => {
  const [alias] = p["aliases"] ?? [];
  return {
    Name: p["name"],
    Type: p["type"],
    TTL: p["ttl"],
    ResourceRecords: p["records"]?.map((Value: string) => ({ Value })),
    AliasTarget: alias && {
      DNSName: alias.name,
      HostedZoneId: alias.zoneId,
      EvaluateTargetHealth: alias.evaluateTargetHealth,
    },
    SetIdentifier: p["setIdentifier"],
    HealthCheckId: p["healthCheckId"],
    Failover: p["failoverRoutingPolicies"]?.[0]?.type,
    Region: p["latencyRoutingPolicies"]?.[0]?.region,
  };
};

/** Health checks are tagged by an operation of their own. */
const tagCheck = route53("ChangeTagsForResource", {
  of: ["tags"],
  names: { id: "ResourceId" },
  with: (p, _request, olds) => ({
    ResourceType: "healthcheck",
    AddTags: Object.entries(p["tags"] ?? {}).map(([Key, Value]) => ({ Key, Value })),
    RemoveTagKeys: Object.keys(olds["tags"] ?? {}).filter((key) => !(key in (p["tags"] ?? {}))),
  }),
  takes: ["tags"],
});

const CHECK_NAMES = {
  fqdn: "FullyQualifiedDomainName",
  childHealthThreshold: "HealthThreshold",
  invertHealthcheck: "Inverted",
  cloudwatchAlarmName: "AlarmIdentifier.Name",
  cloudwatchAlarmRegion: "AlarmIdentifier.Region",
};
const inConfig = (names: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(names).map(([property, field]) => [property, `HealthCheckConfig.${field}`]));

const withoutDot = (name: string) => name.replace(/\.$/, "");
const isSet = (found: Props, p: Props) =>
  withoutDot(found["Name"]) === withoutDot(p["name"]) &&
  found["Type"] === p["type"] &&
  found["SetIdentifier"] === p["setIdentifier"];

export const records: ServiceRecords = {
  resources: {
    "aws:route53/record:Record": {
      key: { zoneId: "HostedZoneId" },
      create: [change("CREATE")],
      update: [change("UPSERT")],
      delete: [change("DELETE")],
      read: [
        readRoute53("ListResourceRecordSets", "ResourceRecordSets.0", {
          of: ["ttl", "records", "setIdentifier", "healthCheckId"],
          names: { records: "ResourceRecords.Value" },
          as: (a, p) => a.ResourceRecordSets?.find((one: Props) => isSet(one, p)),
          also: ({ AliasTarget: alias, ...found }, p) => ({
            ...(p["records"] ? { records: found.ResourceRecords?.map((one: Props) => one["Value"]) } : {}),
            ...(p["aliases"] && alias
              ? {
                  aliases: [
                    {
                      name: withoutDot(alias.DNSName) === p["aliases"][0].name ? p["aliases"][0].name : alias.DNSName,
                      zoneId: alias.HostedZoneId,
                      evaluateTargetHealth: alias.EvaluateTargetHealth,
                    },
                  ],
                }
              : {}),
          }),
        }),
      ],
      outputs: {
        id: (p) => [p["zoneId"], p["name"], p["type"], p["setIdentifier"]].filter(Boolean).join("_"),
        fqdn: (p) => withoutDot(p["name"]),
      },
      replaceOn: ["zoneId", "name", "type", "setIdentifier"],
      notApplied: { allowOverwrite: "the provider's own: whether the first change may overwrite what is there" },
    },
    "aws:route53/healthCheck:HealthCheck": {
      key: { id: "HealthCheckId" },
      create: [
        route53("CreateHealthCheck", {
          within: "HealthCheckConfig",
          names: inConfig(CHECK_NAMES),
          with: (p) => ({ CallerReference: `${p["__name"]}-${randomUUID()}` }),
          outputs: { id: "HealthCheck.Id" },
        }),
      ],
      settings: [tagCheck],
      update: [route53("UpdateHealthCheck", { names: CHECK_NAMES })],
      delete: [route53("DeleteHealthCheck")],
      read: [readRoute53("GetHealthCheck", "HealthCheck.HealthCheckConfig", { names: CHECK_NAMES })],
      outputs: { arn: (p) => arn("route53", `healthcheck/${p["id"]}`) },
      replaceOn: ["type", "ipAddress", "requestInterval", "measureLatency", "referenceName"],
      notApplied: { triggers: "the provider's own: another one makes it update the check" },
    },
  },
  functions: {
    "aws:route53/getZone:getZone": {
      call: route53("GetHostedZone", { names: { zoneId: "Id" } }),
      answer: ({ HostedZone: { Id, Name } }) => ({
        id: Id.split("/").pop(),
        zoneId: Id.split("/").pop(),
        name: withoutDot(Name),
      }),
    },
    // Cloud Control speaks of all types; the program asks it about health checks alone.
    "aws:cloudcontrol/getResource:getResource": {
      call: route53("GetHealthCheck", { names: { identifier: "HealthCheckId" } }),
      answer: ({ HealthCheck: { Id, HealthCheckConfig } }) => ({
        id: Id,
        properties: JSON.stringify({ HealthCheckId: Id, HealthCheckConfig }),
      }),
    },
  },
};
