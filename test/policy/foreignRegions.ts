import { ExampleResource, make, ref } from "../../policy/core/example";
import { ALL, change, changeNamed, ForeignProgram, ONE, SUBNETS } from "./foreignParts";

const GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";
const SERVERLESS = "aws:elasticache/serverlessCache:ServerlessCache";
const BUCKET = "aws:s3/bucket:Bucket";
const VERSIONING = "aws:s3/bucketVersioning:BucketVersioning";
const ENCRYPTION = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration";
const REPLICATION = "aws:s3/bucketReplicationConfig:BucketReplicationConfig";
const RECORD = "aws:route53/record:Record";
const CHECK = "aws:route53/healthCheck:HealthCheck";
const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const LISTENER = "aws:lb/listener:Listener";
const TARGETS = "aws:lb/targetGroup:TargetGroup";

const AUTHENTICATION = "caches-ask-who-connects";
const ENCRYPTED = "data-is-encrypted";
const REPLICATED = "buckets-are-replicated";
const FAILOVER = "failover-answers-by-health";

const SAFE = { automaticFailoverEnabled: true, multiAzEnabled: true, atRestEncryptionEnabled: true, transitEncryptionEnabled: true }; // prettier-ignore

const bucket = (name: string, region: string): ExampleResource[] => [
  make(BUCKET, name, { region }),
  make(VERSIONING, `${name}-versions`, { bucket: ref(name), versioningConfiguration: { status: "Enabled" } }),
  make(ENCRYPTION, `${name}-encryption`, { bucket: ref(name), rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" } }] }), // prettier-ignore
];
const CRITERIA = { sseKmsEncryptedObjects: { status: "Enabled" }, replicaModifications: { status: "Enabled" } };
const key = (region: string) => `arn:aws:kms:${region}:123456789012:key/00000000-0000-0000-0000-000000000000`;
const rules = (to: string, region: string, props: object = {}) => ({
  rules: [
    {
      ...{ status: "Enabled", filter: {}, deleteMarkerReplication: { status: "Enabled" } },
      sourceSelectionCriteria: CRITERIA,
      destination: { bucket: ref(to, "arn"), encryptionConfiguration: { replicaKmsKeyId: key(region) } },
      ...props,
    },
  ],
});
const replication = (from: string, to: string, region: string) =>
  make(REPLICATION, `${from}-replication`, { bucket: ref(from), role: "arn:aws:iam::123456789012:role/replication", ...rules(to, region) }); // prettier-ignore

const check = (name: string, fqdn: string) =>
  make(CHECK, name, { type: "HTTPS", fqdn, resourcePath: "/", failureThreshold: 3, requestInterval: 10 });
const failover = (site: string, region: string, type: string, props: object = {}) =>
  make(RECORD, `www-${type.toLowerCase()}`, {
    ...{ zoneId: "Z1", name: `www.${site}.example.com`, type: "A", setIdentifier: region },
    failoverRoutingPolicies: [{ type }],
    ...props,
  });
const alias = (evaluateTargetHealth: boolean) => ({
  aliases: [{ name: ref("web", "dnsName"), zoneId: ref("web", "zoneId"), evaluateTargetHealth }],
});

/** Session stores, files and DNS, as programs that live in two Regions have them. */
export const REGIONS: readonly ForeignProgram[] = [
  {
    what: "a session store in shards with users, a serverless one, and one with a token",
    sound: [
      ...SUBNETS,
      make("aws:elasticache/subnetGroup:SubnetGroup", "cache-subnets", { subnetIds: ALL }),
      make("aws:elasticache/user:User", "nobody", { userId: "nobody", userName: "default", engine: "valkey", accessString: "off ~* -@all", noPasswordRequired: true }), // prettier-ignore
      make("aws:elasticache/user:User", "app", { userId: "app", userName: "app", engine: "valkey", accessString: "on ~* +@all", passwords: ["a"] }), // prettier-ignore
      make("aws:elasticache/userGroup:UserGroup", "users", { userGroupId: "users", engine: "valkey", userIds: ["nobody", "app"] }), // prettier-ignore
      make(GROUP, "sharded", { ...SAFE, engine: "valkey", clusterMode: "enabled", numNodeGroups: 3, replicasPerNodeGroup: 1, userGroupIds: [ref("users")], subnetGroupName: ref("cache-subnets", "name") }), // prettier-ignore
      make(GROUP, "tokened", { ...SAFE, engine: "redis", numCacheClusters: 2, authToken: "0123456789abcdef", preferredCacheClusterAzs: ["us-east-1a", "us-east-1b"] }), // prettier-ignore
      make(GROUP, "secondary", { automaticFailoverEnabled: true, multiAzEnabled: true, globalReplicationGroupId: "ldgnf-sessions", numCacheClusters: 2 }), // prettier-ignore
      make(SERVERLESS, "serverless", { engine: "valkey", userGroupId: ref("users"), subnetIds: ALL }),
    ],
    broken: [
      { what: "nobody asked", rule: AUTHENTICATION, change: changeNamed("sharded", { userGroupIds: undefined }) },
      { what: "no token", rule: AUTHENTICATION, change: changeNamed("tokened", { authToken: undefined }) },
      { what: "nobody asked without servers", rule: AUTHENTICATION, change: change(SERVERLESS, { userGroupId: undefined }) }, // prettier-ignore
      { what: "a user without a password", rule: AUTHENTICATION, change: changeNamed("app", { noPasswordRequired: true }) }, // prettier-ignore
      { what: "clear text on the way", rule: ENCRYPTED, change: changeNamed("tokened", { transitEncryptionEnabled: false }) }, // prettier-ignore
      { what: "clear text for who wants it", rule: ENCRYPTED, change: changeNamed("sharded", { transitEncryptionMode: "preferred" }) }, // prettier-ignore
      { what: "nodes in one zone", rule: "workloads-span-zones", change: changeNamed("tokened", { preferredCacheClusterAzs: ["us-east-1a", "us-east-1a"] }) }, // prettier-ignore
      { what: "a serverless one in one zone", rule: "workloads-span-zones", change: change(SERVERLESS, { subnetIds: ONE }) }, // prettier-ignore
      { what: "subnets in one zone", rule: "workloads-span-zones", change: changeNamed("cache-subnets", { subnetIds: ONE }) }, // prettier-ignore
      { what: "shards without replicas", rule: "enough-instances", change: changeNamed("sharded", { replicasPerNodeGroup: 0 }) }, // prettier-ignore
      { what: "no failover", rule: "standby-is-ready", change: changeNamed("tokened", { automaticFailoverEnabled: false }) }, // prettier-ignore
    ],
  },
  {
    what: "files that two Regions replicate to each other, for tasks that fail over",
    sound: [
      ...bucket("files", "us-east-1"),
      ...bucket("abroad", "eu-west-1"),
      replication("files", "abroad", "eu-west-1"),
      replication("abroad", "files", "us-east-1"),
      make(BUCKET, "access-logs", { bucket: "access-logs" }),
      make("aws:iam/role:Role", "task-role", { assumeRolePolicy: "{}" }),
      make("aws:iam/rolePolicy:RolePolicy", "task-policy", {
        role: ref("task-role"),
        policy: JSON.stringify({
          Statement: [
            { Effect: "Allow", Action: ["s3:GetObject", "s3:PutObject"], Resource: "arn:aws:s3:::uploads/*" },
            { Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws:s3:::access-logs/*" },
          ],
        }),
      }),
      make("aws:ecs/taskDefinition:TaskDefinition", "task", { taskRoleArn: ref("task-role", "arn"), containerDefinitions: JSON.stringify([{ name: "web", image: "web:1" }]) }), // prettier-ignore
      check("own", "us-east-1.example.com"),
      failover("files", "us-east-1", "PRIMARY", { healthCheckId: ref("own") }),
    ],
    broken: [
      { what: "no versions", rule: REPLICATED, change: (s) => s.filter((r) => r.name !== "files-versions") },
      { what: "no versions abroad", rule: REPLICATED, change: changeNamed("abroad-versions", { versioningConfiguration: { status: "Suspended" } }) }, // prettier-ignore
      { what: "a rule that is off", rule: REPLICATED, change: changeNamed("files-replication", rules("abroad", "eu-west-1", { status: "Disabled" })) }, // prettier-ignore
      { what: "encrypted objects skipped", rule: REPLICATED, change: changeNamed("files-replication", rules("abroad", "eu-west-1", { sourceSelectionCriteria: { replicaModifications: { status: "Enabled" } } })) }, // prettier-ignore
      { what: "no key abroad", rule: REPLICATED, change: changeNamed("files-replication", rules("abroad", "eu-west-1", { destination: { bucket: ref("abroad", "arn") } })) }, // prettier-ignore
      { what: "a key of the wrong Region", rule: REPLICATED, change: changeNamed("files-replication", rules("abroad", "us-east-1")) }, // prettier-ignore
      { what: "changes of replicas that stay", rule: REPLICATED, change: changeNamed("files-replication", rules("abroad", "eu-west-1", { sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: "Enabled" } } })) }, // prettier-ignore
      { what: "files that stay behind", rule: REPLICATED, change: changeNamed("access-logs", { name: "uploads", bucket: "uploads", arn: "arn:aws:s3:::uploads" }) }, // prettier-ignore
    ],
  },
  {
    what: "both records of a failover in one stack, with a check of both checks",
    sound: [
      make(BALANCER, "web", { subnets: ALL, enableDeletionProtection: true }),
      make(TARGETS, "web-targets", { port: 80 }),
      make(LISTENER, "web-listener", { loadBalancerArn: ref("web", "arn"), defaultActions: [{ type: "forward", targetGroupArn: ref("web-targets", "arn") }] }), // prettier-ignore
      check("us", "us.example.com"),
      check("eu", "eu.example.com"),
      make(CHECK, "either", { type: "CALCULATED", childHealthchecks: [ref("us"), ref("eu")], childHealthThreshold: 1 }),
      failover("pair", "us-east-1", "PRIMARY", { healthCheckId: ref("us"), ...alias(true) }),
      failover("pair", "eu-west-1", "SECONDARY", { records: ["198.51.100.7"], ttl: 30 }),
    ].flatMap((r) => (r.name === "web" ? [...SUBNETS, r] : [r])),
    broken: [
      { what: "two primaries", rule: FAILOVER, change: changeNamed("www-secondary", { failoverRoutingPolicies: [{ type: "PRIMARY" }], healthCheckId: "eu" }) }, // prettier-ignore
      { what: "a check of the name that fails over", rule: FAILOVER, change: changeNamed("us", { fqdn: "WWW.pair.example.com." }) }, // prettier-ignore
      { what: "a check that is off", rule: FAILOVER, change: changeNamed("us", { disabled: true }) },
      { what: "more checks wanted than there are", rule: FAILOVER, change: changeNamed("either", { childHealthThreshold: 3 }) }, // prettier-ignore
      { what: "no check wanted", rule: FAILOVER, change: changeNamed("either", { childHealthThreshold: 0 }) },
      { what: "no check at all", rule: FAILOVER, change: changeNamed("www-primary", { healthCheckId: undefined, ...alias(false) }) }, // prettier-ignore
      {
        what: "several target groups judged as one",
        rule: FAILOVER,
        change: (s) => [
          ...s,
          make(TARGETS, "api-targets", { port: 80 }),
          make("aws:lb/listenerRule:ListenerRule", "api", { listenerArn: ref("web-listener", "arn"), conditions: [{ pathPattern: { values: ["/api/*"] } }], actions: [{ type: "forward", targetGroupArn: ref("api-targets", "arn") }] }), // prettier-ignore
        ],
      },
    ],
  },
  {
    what: "the secondary alone, whose primary is another stack's",
    sound: [failover("lone", "eu-west-1", "SECONDARY", { records: ["198.51.100.7"], ttl: 30 })],
    broken: [
      { what: "as the primary", rule: FAILOVER, change: change(RECORD, { failoverRoutingPolicies: [{ type: "PRIMARY" }] }) }, // prettier-ignore
    ],
  },
  {
    what: "a record by latency, and others that nothing replaces",
    sound: [
      check("own", "us.example.com"),
      make(RECORD, "nearest", { zoneId: "Z1", name: "www.near.example.com", type: "A", ttl: 60, records: ["198.51.100.7"], setIdentifier: "us-east-1", latencyRoutingPolicies: [{ region: "us-east-1" }], healthCheckId: ref("own") }), // prettier-ignore
      make(RECORD, "simple", { zoneId: "Z1", name: "us.example.com", type: "A", ttl: 60, records: ["198.51.100.7"] }),
    ],
    broken: [{ what: "no check", rule: FAILOVER, change: changeNamed("nearest", { healthCheckId: undefined }) }],
  },
  {
    what: "topics for bounces of mail",
    sound: [
      make("aws:sns/topic:Topic", "bounces", { kmsMasterKeyId: "alias/mail" }),
      make("aws:sns/topicSubscription:TopicSubscription", "bounces-to", { topic: ref("bounces", "arn"), protocol: "email", endpoint: "mail@example.com" }), // prettier-ignore
      make("aws:cloudwatch/metricAlarm:MetricAlarm", "bounce-rate", { namespace: "AWS/SES", metricName: "Reputation.BounceRate", comparisonOperator: "GreaterThanThreshold", threshold: 0.05, alarmActions: [ref("bounces", "arn")] }), // prettier-ignore
      make("aws:cloudwatch/metricAlarm:MetricAlarm", "health", { region: "us-east-1", namespace: "AWS/Route53", metricName: "HealthCheckStatus", comparisonOperator: "LessThanThreshold", threshold: 1, alarmActions: [ref("bounces", "arn")] }), // prettier-ignore
    ],
    broken: [
      { what: "in clear text", rule: ENCRYPTED, change: change("aws:sns/topic:Topic", { kmsMasterKeyId: undefined }) },
      { what: "a rate above one", rule: "alarms-are-heard", change: changeNamed("bounce-rate", { threshold: 5 }) },
      { what: "a check's metric where it isn't", rule: "alarms-are-heard", change: changeNamed("health", { region: "eu-west-1" }) }, // prettier-ignore
    ],
  },
];
