import { PolicyResource } from "@pulumi/policy";
import assert from "node:assert/strict";
import { alarmsAreHeard } from "../../policy/alarms/alarmsAreHeard";
import { bucketsAreReplicated } from "../../policy/buckets/bucketsAreReplicated";
import { BUCKET, ENCRYPTION, REPLICATION, VERSIONING } from "../../policy/buckets/replication";
import { Rule } from "../../policy/core/rule";
import { failoverAnswersByHealth } from "../../policy/dns/failoverAnswersByHealth";
import { HEALTH_CHECK, RECORD } from "../../policy/dns/records";
import { cachesAskWhoConnects } from "../../policy/stores/cachesAskWhoConnects";
import { breaks, cannotTell, find, holds } from "./find";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

describe("buckets-are-replicated", () => {
  const rule: Rule = bucketsAreReplicated;
  const bucket = (name: string, region: string) => resource(BUCKET, name, { bucket: name, region });
  const [here, there] = [bucket("here", "us-east-1"), bucket("there", "eu-west-1")];
  const versions = (of: PolicyResource, status: unknown = "Enabled") =>
    resource(VERSIONING, `${of.name}-versions`, { versioningConfiguration: { status } }, { bucket: of });
  const kms = resource(ENCRYPTION, "kms", { rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "aws:kms" } }] }, { bucket: here }); // prettier-ignore
  const config = (rules: unknown, from = here, to = there) =>
    resource(REPLICATION, `${from.name}-config`, { rules, bucket: UNKNOWN }, { bucket: from, rules: [to] });
  const replicating = (props: object = {}) => [{ status: "Enabled", destination: { bucket: UNKNOWN }, ...props }];
  const both = [here, there, versions(here), versions(there)];
  const selected = { sseKmsEncryptedObjects: { status: "Enabled" } };

  it("holds for versions on both sides, and for a destination that isn't this stack's", () => {
    holds(rule, [...both, config(replicating())]);
    holds(rule, [here, versions(here), resource(REPLICATION, "abroad", { rules: replicating() }, { bucket: here })]);
    holds(rule, [here, there]);
  });
  it("takes a bucket's own versioning, too", () => {
    const old = resource(BUCKET, "old", { versioning: { enabled: true } });
    holds(rule, [old, there, versions(there), config(replicating(), old)]);
  });
  it("breaks without versions, on the bucket that lacks them", () => {
    breaks(rule, [here, there, versions(there), config(replicating())], /keeps no versions/, "here");
    breaks(rule, [here, there, versions(here), versions(there, "Suspended"), config(replicating())], /keeps no versions/, "there"); // prettier-ignore
  });
  it("breaks without a rule that is enabled", () => {
    breaks(rule, [...both, config([])], /replicates nothing/, "here-config");
    breaks(rule, [...both, config(replicating({ status: "Disabled" }))], /replicates nothing/, "here-config");
  });
  it("wants encrypted objects selected, and a key where they go", () => {
    const key = (replicaKmsKeyId: unknown) => ({ destination: { bucket: UNKNOWN, encryptionConfiguration: { replicaKmsKeyId } } }); // prettier-ignore
    const judged = (props: object) => [...both, kms, config(replicating(props))];
    holds(rule, judged({ sourceSelectionCriteria: selected, ...key(UNKNOWN) }));
    holds(rule, judged({ sourceSelectionCriteria: selected, ...key("arn:aws:kms:eu-west-1:1:key/k") }));
    breaks(rule, judged(key(UNKNOWN)), /skips objects that are encrypted/, "here-config");
    breaks(rule, judged({ sourceSelectionCriteria: selected }), /has no key for its replicas/, "here-config");
    breaks(rule, judged({ sourceSelectionCriteria: selected, ...key("arn:aws:kms:us-east-1:1:key/k") }), /in eu-west-1 with a key of us-east-1/, "here-config"); // prettier-ignore
  });
  it("wants modifications of replicas to go back, where replication does", () => {
    const modifications = { sourceSelectionCriteria: { replicaModifications: { status: "Enabled" } } };
    const ways = (props: object) => [...both, config(replicating(props)), config(replicating(modifications), there, here)]; // prettier-ignore
    holds(rule, ways(modifications));
    breaks(rule, ways({}), /not what is changed of replicas/, "here-config");
  });
  it("can't tell what isn't known", () => {
    cannotTell(rule, [...both, config(UNKNOWN)], /rules of here-config aren't known/, "here-config");
    cannotTell(rule, [...both, config(replicating({ status: UNKNOWN }))], /status of the rules/, "here-config");
    cannotTell(rule, [here, there, versions(here, UNKNOWN), versions(there), config(replicating())], /keeps versions/, "here"); // prettier-ignore
    cannotTell(rule, [...both, kms, config(replicating({ sourceSelectionCriteria: { sseKmsEncryptedObjects: { status: UNKNOWN } }, destination: { encryptionConfiguration: { replicaKmsKeyId: "k" } } }))], /sseKmsEncryptedObjects/, "here-config"); // prettier-ignore
  });

  describe("of buckets that workloads write to", () => {
    const role = resource("aws:iam/role:Role", "task-role", {});
    const task = resource("aws:ecs/taskDefinition:TaskDefinition", "task", {}, { taskRoleArn: role });
    const failover = resource(RECORD, "www", { failoverRoutingPolicies: [{ type: "SECONDARY" }] });
    const policy = (...Action: string[]) =>
      resource(
        "aws:iam/rolePolicy:RolePolicy",
        "may",
        { policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action, Resource: "arn:aws:s3:::here/*" }] }) },
        { role },
      );
    // After an update a bucket's name is its id.
    const named = resource(BUCKET, "here", { id: "here" });
    const stack = (...more: PolicyResource[]) => [named, role, task, failover, ...more];

    it("finds one that stays behind", () => {
      breaks(rule, stack(policy("s3:PutObject")), /bucket here, that task-role writes to, stays behind/, "here");
      const profile = resource("aws:iam/instanceProfile:InstanceProfile", "profile", {}, { role });
      breaks(rule, [named, role, profile, failover, policy("s3:Put*")], /stays behind/, "here");
    });
    it("lets one be that is only read, is named, or lives where nothing fails over", () => {
      holds(rule, stack(policy("s3:GetObject")));
      holds(
        rule,
        stack(policy("s3:PutObject")).filter((r) => r !== failover),
      );
      assert.deepEqual(find(rule, stack(policy("s3:PutObject")), { localBuckets: ["here"] }), []);
    });
    it("can't tell by a policy that isn't known", () => {
      const unknown = resource("aws:iam/rolePolicy:RolePolicy", "may", { policy: UNKNOWN }, { role, policy: named });
      cannotTell(rule, stack(unknown), /whether task-role writes to bucket here/, "here");
    });
  });
});

describe("failover-answers-by-health", () => {
  const rule: Rule = failoverAnswersByHealth;
  const check = (props: object = {}) => resource(HEALTH_CHECK, "own", { type: "HTTPS", fqdn: "us.example.com", ...props }); // prettier-ignore
  const record = (props: object, refers: Record<string, PolicyResource> = {}) =>
    resource(RECORD, "www", { name: "www.example.com", type: "A", failoverRoutingPolicies: [{ type: "PRIMARY" }], ...props }, refers); // prettier-ignore
  const checked = (own: PolicyResource) => [own, record({ healthCheckId: UNKNOWN }, { healthCheckId: own })];

  it("holds by a check, or by the health of what an alias leads to", () => {
    holds(rule, checked(check()));
    holds(rule, [record({ aliases: [{ evaluateTargetHealth: true }] })]);
    holds(rule, [record({ failoverRoutingPolicies: [{ type: "SECONDARY" }] })]);
    holds(rule, [record({ failoverRoutingPolicies: undefined })]);
  });
  it("breaks without either, by failover and by latency", () => {
    breaks(rule, [record({})], /\(PRIMARY\) has no health check/, "www");
    breaks(rule, [record({ aliases: [{ evaluateTargetHealth: false }] })], /no health check/, "www");
    const latency = { failoverRoutingPolicies: undefined, latencyRoutingPolicies: [{ region: "us-east-1" }] };
    breaks(rule, [record(latency)], /\(latency\) has no health check/, "www");
  });
  it("breaks by a check of the very name, whatever its case, or one that is off", () => {
    breaks(rule, checked(check({ fqdn: "WWW.Example.com." })), /asks www.example.com, which leads to whichever/, "own");
    holds(rule, checked(check({ fqdn: "www.example.com", ipAddress: "198.51.100.7" })));
    breaks(rule, checked(check({ disabled: true })), /disabled, which means healthy/, "own");
    holds(rule, checked(check({ disabled: true, invertHealthcheck: true })));
  });
  it("breaks by several target groups judged as one", () => {
    const balancer = resource("aws:lb/loadBalancer:LoadBalancer", "lb", { dnsName: "lb-1.elb.amazonaws.com" });
    const group = (name: string) => resource("aws:lb/targetGroup:TargetGroup", name, {});
    const [one, other] = [group("one"), group("other")];
    const listener = resource("aws:lb/listener:Listener", "l", {}, { loadBalancerArn: balancer, defaultActions: one });
    const forward = resource("aws:lb/listenerRule:ListenerRule", "r", {}, { listenerArn: listener, actions: other });
    const alias = { aliases: [{ name: "dualstack.LB-1.elb.amazonaws.com.", evaluateTargetHealth: true }] };
    holds(rule, [balancer, one, listener, record(alias)]);
    breaks(rule, [balancer, one, other, listener, forward, record(alias)], /2 target groups behind lb/, "www");
    const foreign = { aliases: [{ name: "d1.cloudfront.net", evaluateTargetHealth: true }] };
    holds(rule, [balancer, one, other, listener, forward, record(foreign)]);
  });
  it("breaks by two of a kind for one name", () => {
    const second = resource(RECORD, "www2", { name: "www.example.com", type: "A", failoverRoutingPolicies: [{ type: "PRIMARY" }], healthCheckId: "x" }); // prettier-ignore
    breaks(rule, [...checked(check()), second], /both PRIMARY for www.example.com: make one of them SECONDARY/, "www2");
  });
  it("wants thresholds that can be reached, and missed", () => {
    const calculated = (childHealthThreshold: unknown, childHealthchecks: unknown = ["a", "b"]) => [
      resource(HEALTH_CHECK, "sum", { type: "CALCULATED", childHealthchecks, childHealthThreshold }),
    ];
    holds(rule, calculated(2));
    breaks(rule, calculated(3), /wants 3 of 2 checks, so it is never healthy/, "sum");
    breaks(rule, calculated(0), /always healthy: set childHealthThreshold from 1 to 2/, "sum");
    cannotTell(rule, calculated(UNKNOWN), /isn't known/, "sum");
    cannotTell(rule, calculated(1, UNKNOWN), /isn't known/, "sum");
  });
  it("can't tell an alias that isn't known", () =>
    cannotTell(rule, [record({ aliases: UNKNOWN })], /aliases of record www aren't known/, "www"));
});

describe("caches-ask-who-connects", () => {
  const rule: Rule = cachesAskWhoConnects;
  const group = (props: Record<string, unknown>) => [
    resource("aws:elasticache/replicationGroup:ReplicationGroup", "sessions", props),
  ];
  const user = (props: Record<string, unknown>) => [resource("aws:elasticache/user:User", "app", props)];

  it("holds by a token, known or not, one that isn't kept, and users", () => {
    holds(rule, group({ authToken: UNKNOWN }));
    holds(rule, group({ authTokenWoVersion: 1 }));
    holds(rule, group({ userGroupIds: [UNKNOWN] }));
    holds(rule, group({ globalReplicationGroupId: UNKNOWN }));
    holds(rule, [resource("aws:elasticache/serverlessCache:ServerlessCache", "x", { engine: "memcached" })]);
  });
  it("breaks without", () => {
    breaks(rule, group({}), /lets everybody in .* authToken or userGroupIds/, "sessions");
    breaks(rule, group({ userGroupIds: [] }), /lets everybody in/, "sessions");
    breaks(rule, [resource("aws:memorydb/cluster:Cluster", "x", { aclName: "open-access" })], /open-access/, "x");
  });
  it("lets a user without a password be if it may do nothing", () => {
    holds(rule, user({ noPasswordRequired: true, accessString: "off ~* -@all" }));
    breaks(rule, user({ authenticationMode: { type: "no-password-required" }, accessString: "on ~* +@all" }), /needs no password/, "app"); // prettier-ignore
    cannotTell(rule, user({ noPasswordRequired: true, accessString: UNKNOWN }), /isn't known/, "app");
  });
});

describe("alarms-are-heard, of Route 53", () => {
  const alarm = (region: unknown) => [
    resource("aws:cloudwatch/metricAlarm:MetricAlarm", "health", {
      ...{ namespace: "AWS/Route53", metricName: "HealthCheckStatus", comparisonOperator: "LessThanThreshold" },
      ...{ threshold: 1, alarmActions: ["arn:aws:sns:us-east-1:123456789012:theirs"], region },
    }),
  ];
  it("wants them where its metrics are", () => {
    holds(alarmsAreHeard, alarm("us-east-1"));
    holds(alarmsAreHeard, alarm(UNKNOWN));
    breaks(alarmsAreHeard, alarm("eu-west-1"), /us-east-1 alone has HealthCheckStatus/, "health");
  });
});
