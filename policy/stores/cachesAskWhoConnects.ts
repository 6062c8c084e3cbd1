import { PolicyResource } from "@pulumi/policy";
import { make } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { Rule } from "../core/rule";
import { at, read, UNKNOWN } from "../core/unknown";

const REPLICATION_GROUP = "aws:elasticache/replicationGroup:ReplicationGroup";
const SERVERLESS = "aws:elasticache/serverlessCache:ServerlessCache";
const USER = "aws:elasticache/user:User";
const MEMORYDB = "aws:memorydb/cluster:Cluster";

const group = (props: object) =>
  make(REPLICATION_GROUP, "sessions", {
    description: "sessions",
    engine: "valkey",
    transitEncryptionEnabled: true,
    ...props,
  });

/** Who reaches a cache's port isn't yet who may read its sessions. */
export const cachesAskWhoConnects: Rule = {
  name: "caches-ask-who-connects",
  what: "Caches and session stores let in only who has a token or a user's password.",
  why: "Sessions are what people are logged on with. Without authentication whoever gets onto one instance or into one task of the network reads and changes all of them.",
  mend: "Give the replication group `authToken` or `userGroupIds`, which both need `transitEncryptionEnabled`, a serverless cache `userGroupId`, and a MemoryDB cluster an ACL of its own.",
  pages: [
    "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth.html",
    "https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html",
    "https://docs.aws.amazon.com/memorydb/latest/devguide/clusters.acls.html",
  ],
  eachResource: true,
  examples: { fails: [group({})], passes: [group({ userGroupIds: ["sessions"] })] },
  find: (graph: Graph) => [
    // A secondary of a global datastore has what its primary has.
    ...graph
      .ofType(REPLICATION_GROUP)
      .filter((one) => isNotGiven(one, "globalReplicationGroupId"))
      .flatMap((one) => unguarded(one, "cache", ["authToken", "authTokenWo", "authTokenWoVersion", "userGroupIds"])),
    ...graph
      .ofType(SERVERLESS)
      .filter((one) => read(() => one.props["engine"]) !== "memcached")
      .flatMap((one) => unguarded(one, "serverless cache", ["userGroupId"])),
    ...graph.ofType(MEMORYDB).flatMap(open),
    ...graph.ofType(USER).flatMap(passwordless),
  ],
};

const isNotGiven = ({ props }: PolicyResource, property: string) =>
  [undefined, null, ""].includes(read(() => props[property] as string | undefined) as string | undefined);

function unguarded(one: PolicyResource, what: string, properties: readonly string[]): Finding[] {
  const { name, props, urn } = one;
  const isGiven = properties.some((property) => {
    const value = read(() => props[property] as unknown);
    return Array.isArray(value) ? value.length > 0 : !isNotGiven(one, property);
  });
  return isGiven
    ? []
    : [{ message: `${what} ${name} lets everybody in who reaches its port: give it ${properties.filter((p) => !p.includes("Wo")).join(" or ")}`, urn }]; // prettier-ignore
}

function open({ name, props, urn }: PolicyResource): Finding[] {
  return read(() => props["aclName"]) === "open-access"
    ? [{ message: `MemoryDB cluster ${name} has aclName open-access: give it an ACL with users`, urn }]
    : [];
}

/** A user that needs no password may be there, as a group needs one named default, if it may do nothing. */
function passwordless({ name, props, urn }: PolicyResource): Finding[] {
  const free =
    read(() => props["noPasswordRequired"]) === true ||
    read(() => at(props, "authenticationMode.type")) === "no-password-required";
  const access = read(() => props["accessString"] as string | undefined);
  if (!free || (typeof access === "string" && /^\s*off\b/.test(access))) {
    return [];
  }
  return access === UNKNOWN
    ? [undetermined(`accessString of user ${name} isn't known before the update: write it literally`, urn)]
    : [{ message: `user ${name} needs no password: give it one, or begin its accessString with off`, urn }];
}
