import { PolicyResource } from "@pulumi/policy";
import { Finding, undetermined } from "../core/finding";
import { Graph, IAM_ROLE } from "../core/graph";
import { read, UNKNOWN } from "../core/unknown";
import { leadsAbroad } from "../dns/records";
import { mayDo, namedResources } from "../events/iam";
import { TASK_DEFINITION } from "../services/types";
import { BUCKETS, Replication } from "./replication";

const INSTANCE_PROFILE = "aws:iam/instanceProfile:InstanceProfile";
const ROLE_POLICY = "aws:iam/rolePolicy:RolePolicy";
const WRITE = "s3:PutObject";

/**
 * Buckets that tasks and instances write to and that nothing replicates, where DNS leads to another Region when this one
 * is lost. Buckets of another stack aren't seen, and what functions and services of AWS's write (logs, trails) belongs to
 * this Region.
 */
export function unreplicated(
  graph: Graph,
  replications: readonly Replication[],
  localBuckets: readonly string[],
): Finding[] {
  const record = leadsAbroad(graph);
  if (record === undefined) {
    return [];
  }
  const fine = new Set(replications.map(({ source }) => source));
  const judged = new Map<PolicyResource, Finding>();
  for (const role of rolesOfWorkloads(graph)) {
    for (const { bucket, writes } of bucketsOf(graph, role)) {
      const before = judged.get(bucket);
      const isCertain = before !== undefined && before.verdict === undefined;
      if (isCertain || fine.has(bucket) || localBuckets.includes(bucket.name)) {
        continue;
      }
      const what = `bucket ${bucket.name}, that ${role.name} writes to,`;
      const mend = "add a BucketReplicationConfig, or name it in the option localBuckets";
      judged.set(
        bucket,
        writes
          ? { message: `${what} stays behind when ${record.name} fails over to another Region: ${mend}`, urn: bucket.urn }
          : undetermined(`whether ${role.name} writes to bucket ${bucket.name}, which isn't replicated, isn't known before the update: ${mend}`, bucket.urn), // prettier-ignore
      );
    }
  }
  return [...judged.values()];
}

/** The roles of tasks and of instances. */
function rolesOfWorkloads(graph: Graph): PolicyResource[] {
  return [
    ...new Set([
      ...graph.ofType(TASK_DEFINITION).flatMap((task) => graph.referred(task, "taskRoleArn", IAM_ROLE)),
      ...graph.ofType(INSTANCE_PROFILE).flatMap((profile) => graph.referred(profile, "role", IAM_ROLE)),
    ]),
  ];
}

/** The buckets of this stack that a role's policies name, and whether it may write there. */
function bucketsOf(
  graph: Graph,
  role: PolicyResource,
): { readonly bucket: PolicyResource; readonly writes: boolean }[] {
  const named = namedResources(graph, role).flatMap((arn) => {
    const [, name = ""] = /^arn:[\w-]+:s3:::([^/*?]+)/.exec(arn) ?? [];
    const bucket = graph.byId(name, ...BUCKETS) ?? graph.byId(`arn:aws:s3:::${name}`, ...BUCKETS);
    return bucket === undefined ? [] : [{ bucket, object: `arn:aws:s3:::${name}/object` }];
  });
  const certain = named
    .filter(({ object }) => mayDo(graph, role, WRITE, object) === true)
    .map(({ bucket }) => ({ bucket, writes: true }));
  const possible = graph
    .referrers(role, ROLE_POLICY, "role")
    .filter((policy) => read(() => policy.props["policy"] as unknown) === UNKNOWN)
    .flatMap((policy) => graph.dependencies(policy, "policy", ...BUCKETS).map((bucket) => ({ bucket, writes: false })));
  return [...certain, ...possible];
}
