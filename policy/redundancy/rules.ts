import { make, ref } from "../core/example";
import { GROUP, SUBNET } from "../core/graph";
import { Rule } from "../core/rule";
import { PILOT_LIGHT, tooFewTasks } from "../services/enoughTasks";
import { topicsInClear } from "../stores/topicsInClear";
import { judge } from "./judge";

const subnet = (zone: string) =>
  make(SUBNET, `private-${zone}`, { vpcId: "vpc-1", availabilityZone: `us-east-1${zone}` });
const group = (minSize: number, ...zones: string[]) =>
  make(GROUP, "app", { minSize, maxSize: 6, vpcZoneIdentifiers: zones.map((z) => ref(`private-${z}`)) });
const database = (props: object) =>
  make("aws:rds/instance:Instance", "orders", { engine: "postgres", instanceClass: "db.m7g.large", ...props });
const WELL_ARCHITECTED = "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/design-principles.html";
const TABLE = "What is looked at of each type stands in the table below.";

/** What may run in several zones does. */
export const workloadsSpanZones: Rule<{ readonly minimumZones?: number }> = {
  name: "workloads-span-zones",
  what: "What may be spread over Availability Zones is spread over two or more.",
  why: `What runs in one zone is lost with it. ${TABLE}`,
  mend: "List subnets of two or more zones. In a preview their elements have to be listed one by one to be counted.",
  pages: [WELL_ARCHITECTED],
  options: {
    minimumZones: {
      type: "integer",
      minimum: 2,
      maximum: 6,
      default: 2,
      description: "Zones over which all must be spread.",
    },
  },
  examples: {
    fails: [subnet("a"), subnet("b"), group(2, "a")],
    passes: [subnet("a"), subnet("b"), group(2, "a", "b")],
  },
  find: (graph, { minimumZones = 2 }) => judge("workloads-span-zones", minimumZones)(graph),
};

/** Standbys that AWS offers are switched on. */
export const standbyIsReady: Rule = {
  name: "standby-is-ready",
  what: "Databases, caches, brokers and file systems have the standby in another zone that AWS offers.",
  why: `Without a standby, the loss of a zone means a restore from a backup: hours, and what was written since. ${TABLE}`,
  mend: "Switch it on; see each finding.",
  pages: [WELL_ARCHITECTED],
  examples: { fails: [database({ multiAz: false })], passes: [database({ multiAz: true })] },
  find: judge("standby-is-ready"),
};

/** Two at least, so that one is left. */
export const enoughInstances: Rule<{ readonly pilotLightTag?: string }> = {
  name: "enough-instances",
  what: "Groups, services and clusters have two or more members, and no instance stands alone.",
  why: `One of one is an outage for as long as its replacement takes to start. Nobody is served by a bastion, so it may be a group of one: one that has a public address, to log on to and for nothing else. Of an ECS service the minimum of its scalable target counts, if it has one. ${TABLE}`,
  mend: "Raise the minimum to two, or to what the load needs and one more.",
  pages: [WELL_ARCHITECTED],
  options: {
    pilotLightTag: {
      type: "string",
      minLength: 1,
      default: PILOT_LIGHT,
      description:
        'The tag by which an ECS service, with the value "true", may have no task: until its Region is needed.',
    },
  },
  examples: {
    fails: [subnet("a"), subnet("b"), group(1, "a", "b")],
    passes: [subnet("a"), subnet("b"), group(2, "a", "b")],
  },
  find: (graph, { pilotLightTag = PILOT_LIGHT }) => [
    ...judge("enough-instances")(graph),
    ...tooFewTasks(graph, pilotLightTag),
  ],
};

/** What redundancy doesn't save from: a wrong DELETE is replicated too. */
export const dataCanBeRestored: Rule = {
  name: "data-can-be-restored",
  what: "Databases, tables and file systems keep backups.",
  why: `A standby repeats every mistake at once; only a backup undoes one. ${TABLE}`,
  mend: "Keep backups for 7 days or more; see each finding.",
  pages: [WELL_ARCHITECTED],
  examples: { fails: [database({ backupRetentionPeriod: 0 })], passes: [database({ backupRetentionPeriod: 7 })] },
  find: judge("data-can-be-restored"),
};

/** A copy of the disks is of no use to who finds one. */
export const dataIsEncrypted: Rule = {
  name: "data-is-encrypted",
  what: "Databases, caches, file systems and topics are encrypted where they are stored, caches on the way, too.",
  why: `Backups, snapshots and replicas are encrypted as their source is, and most can't be encrypted later: everything has to be copied into a new one. What AWS encrypts whatever a program says isn't asked about: log groups, repositories of images, buckets, queues, serverless caches. A topic that ElastiCache publishes to may be in clear text: it publishes to no other. ${TABLE}`,
  mend: "Switch encryption on when the resource is made; of one that exists, restore an encrypted copy of a snapshot.",
  pages: [
    "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html",
    "https://docs.aws.amazon.com/sns/latest/dg/sns-server-side-encryption.html",
  ],
  examples: { fails: [database({ storageEncrypted: false })], passes: [database({ storageEncrypted: true })] },
  find: (graph) => [...judge("data-is-encrypted")(graph), ...topicsInClear(graph)],
};

/** Nothing that keeps data, or that all traffic passes, is deleted by one wrong command. */
export const deletionIsProtected: Rule = {
  name: "deletion-is-protected",
  what: "Databases, tables, load balancers and firewalls are protected from deletion.",
  why: `A renamed resource, or a stack that is destroyed by mistake, deletes them otherwise. ${TABLE}`,
  mend: "Switch deletion protection on. To delete one on purpose: switch it off, update, then delete.",
  pages: [WELL_ARCHITECTED],
  examples: { fails: [database({ deletionProtection: false })], passes: [database({ deletionProtection: true })] },
  find: judge("deletion-is-protected"),
};
