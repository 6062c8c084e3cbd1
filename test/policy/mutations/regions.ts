import { BUCKET, REPLICATION, VERSIONING } from "../../../policy/buckets/replication";
import { METRIC_ALARM } from "../../../policy/core/graph";
import { HEALTH_CHECK, RECORD } from "../../../policy/dns/records";
import { ExportedResource, nameOf } from "./deployment";
import { Mutation, set, Where, without } from "./mutate";

type Props = Record<string, unknown>;

const REPLICATED = "buckets-are-replicated";
const FAILOVER = "failover-answers-by-health";

const STORE: Where = { type: "aws:elasticache/replicationGroup:ReplicationGroup" };
const isOf = (type: string) => (r: ExportedResource) => String(r.outputs?.["type"]) === type;
const routed = (r: ExportedResource) =>
  [r.outputs?.["failoverRoutingPolicies"], r.outputs?.["latencyRoutingPolicies"]].some((list) => (list as unknown[] | undefined)?.length); // prettier-ignore
const ENDPOINT: Where = { type: HEALTH_CHECK, name: /-endpoint$/ };
const CALCULATED: Where = { type: HEALTH_CHECK, is: isOf("CALCULATED") };

const one = (rule: string, says: RegExp, what: string, where: Where, props: Props): Mutation => ({
  ...{ what, rule, says },
  change: set(where, () => props),
});
/** The way out of the stack's Region, whose destination says where it is. */
const OUT = { type: REPLICATION, is: (r: ExportedResource) => r.outputs?.["region"] === undefined };
const rules = (change: (rule: Props) => Props): Mutation["change"] =>
  set(OUT, ({ rules }) => ({ rules: (rules as Props[]).map((rule) => ({ ...rule, ...change(rule) })) })); // prettier-ignore
const criteria = (change: Props) =>
  rules(({ sourceSelectionCriteria }) => ({ sourceSelectionCriteria: { ...(sourceSelectionCriteria as Props), ...change } })); // prettier-ignore
const destination = (change: Props) =>
  rules(({ destination }) => ({ destination: { ...(destination as Props), ...change } }));
/** The name that fails over, as the stack has it. */
const publicName = (stack: readonly ExportedResource[]) =>
  String(stack.find((r) => r.type === RECORD && routed(r))?.outputs?.["name"]);

/** Ways to break what two Regions live by: session stores, replicated files, failover in DNS. */
export const regions: readonly Mutation[] = [
  one("standby-is-ready", /automaticFailoverEnabled/, "a session store that doesn't fail over", STORE, { automaticFailoverEnabled: false }), // prettier-ignore
  one("standby-is-ready", /multiAzEnabled/, "a session store in one zone", STORE, { multiAzEnabled: false }),
  one("enough-instances", /numCacheClusters|replicasPerNodeGroup/, "a session store of one node", STORE, { numCacheClusters: 1, numNodeGroups: undefined, replicasPerNodeGroup: undefined }), // prettier-ignore
  one("data-is-encrypted", /transitEncryptionEnabled/, "sessions in clear text on the way", STORE, { transitEncryptionEnabled: false }), // prettier-ignore
  one("caches-ask-who-connects", /lets everybody in/, "a session store that asks nobody", STORE, { userGroupIds: [], authToken: undefined }), // prettier-ignore
  { what: "a session store's subnets in one zone", rule: "workloads-span-zones", says: /subnet group of ElastiCache .* runs only in/, change: set({ type: "aws:elasticache/subnetGroup:SubnetGroup" }, ({ subnetIds }) => ({ subnetIds: (subnetIds as string[]).slice(0, 1) })) }, // prettier-ignore
  { what: "a bucket without versions", rule: REPLICATED, says: /keeps no versions/, change: (stack) => without({ type: VERSIONING, is: (r) => isReplicated(stack, r) })(stack) }, // prettier-ignore
  { what: "replication that is off", rule: REPLICATED, says: /replicates nothing/, change: rules(() => ({ status: "Disabled" })) }, // prettier-ignore
  { what: "encrypted objects that aren't copied", rule: REPLICATED, says: /skips objects/, change: criteria({ sseKmsEncryptedObjects: { status: "Disabled" } }) }, // prettier-ignore
  { what: "replicas' changes that don't come back", rule: REPLICATED, says: /not what is changed of replicas/, change: criteria({ replicaModifications: { status: "Disabled" } }) }, // prettier-ignore
  { what: "no key for replicas", rule: REPLICATED, says: /has no key for its replicas/, change: destination({ encryptionConfiguration: undefined }) }, // prettier-ignore
  { what: "a key of a third Region for replicas", rule: REPLICATED, says: /with a key of ap-south-1/, change: destination({ encryptionConfiguration: { replicaKmsKeyId: "arn:aws:kms:ap-south-1:123456789012:key/1" } }) }, // prettier-ignore
  one(FAILOVER, /has no health check/, "a public name without a check", { type: RECORD, is: (r) => routed(r) && JSON.stringify(r.outputs).includes("PRIMARY") }, { healthCheckId: undefined }), // prettier-ignore
  { what: "a check of the name that fails over", rule: FAILOVER, says: /leads to whichever Region answers/, change: (stack) => set(ENDPOINT, () => ({ fqdn: publicName(stack) }))(stack) }, // prettier-ignore
  one(FAILOVER, /is disabled/, "a check that is off", CALCULATED, { disabled: true }),
  one(FAILOVER, /never healthy/, "a check that wants more than there are", CALCULATED, { childHealthThreshold: 5 }),
  one(FAILOVER, /always healthy/, "a check that wants none", CALCULATED, { childHealthThreshold: 0 }),
  { what: "both halves of a public name as primary", rule: FAILOVER, says: /are both (PRIMARY|SECONDARY)/, change: (stack) => twice(stack) }, // prettier-ignore
  one("alarms-are-heard", /us-east-1 alone has/, "an alarm of a health check in another Region", { type: METRIC_ALARM, is: (r) => r.outputs?.["metricName"] === "HealthCheckStatus" }, { region: "eu-west-1" }), // prettier-ignore
];

/** Whether a resource is about a bucket that is replicated. */
function isReplicated(stack: readonly ExportedResource[], { propertyDependencies }: ExportedResource): boolean {
  const buckets = stack.filter((r) => r.type === BUCKET).map((r) => r.urn);
  const of = (r: Pick<ExportedResource, "propertyDependencies">) => (r.propertyDependencies?.["bucket"] ?? []).filter((urn) => buckets.includes(urn)); // prettier-ignore
  const sources = stack.filter((r) => r.type === REPLICATION).flatMap(of);
  return of({ propertyDependencies }).some((urn) => sources.includes(urn));
}

/** The stack's own record once more, by another name. */
function twice(stack: ExportedResource[]): ExportedResource[] {
  const changed = set({ type: RECORD, is: (r) => routed(r) && r.outputs?.["failoverRoutingPolicies"] !== undefined }, () => ({}))(stack); // prettier-ignore
  const record = changed.find((r) => r.type === RECORD && routed(r));
  return record === undefined ? stack : [...changed, { ...record, urn: record.urn.replace(nameOf(record), "again") }];
}
