import { z } from "zod";
import { databaseProblems, placeProblems, StackPlace } from "../components/database/problems";
import { alarmPercent, checkOnce, Problem, problemIn, regionName, resourceName } from "./common";

const storage = z.strictObject({
  allocatedGiB: z
    .int("expected a whole number of GiB")
    .min(20, "expected 20 GiB or more")
    .meta({ description: "What it begins with: 20 or more, a cluster's 100 or more.", unit: "GiB", examples: [100] }),
  maximumGiB: z
    .int("expected a whole number of GiB")
    .min(1)
    .optional()
    .meta({
      description: "Up to which the storage of an instance grows by itself, a tenth more than `allocatedGiB` at least.",
      unit: "GiB",
      absent: "twice `allocatedGiB`",
      examples: [500],
    }),
  iops: z
    .int("expected a whole number")
    .min(1)
    .optional()
    .meta({
      description: "The IOPS of a cluster's storage, 1,000 to 50 a GiB. A cluster needs it, an instance has none.",
      unit: "IOPS",
      absent: "an instance's come with its size",
      examples: [3000],
    }),
});

const alarms = z.strictObject({
  cpuPercent: alarmPercent.default(80).meta({
    description: "The CPU above which people are told, after 15 minutes.",
    unit: "percent",
    examples: [80],
  }),
  freeStoragePercent: alarmPercent.default(10).meta({
    description: "The share of `allocatedGiB` below which people are told that storage runs out, after 15 minutes.",
    unit: "percent",
    examples: [10],
  }),
  replicaLagSeconds: z
    .int()
    .min(1)
    .default(60)
    .meta({
      description: "How far a replica or a cluster's readers may be behind, for 5 minutes.",
      unit: "seconds",
      examples: [60],
    }),
  connections: z
    .int()
    .min(1)
    .optional()
    .meta({
      description: "The number of connections above which people are told, after 5 minutes.",
      unit: "connections",
      absent: "70 % of what the engine allows by default on `instanceClass`",
      examples: [400],
    }),
});

const replicaOf = z.strictObject({
  sourceArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:rds:[a-z0-9-]+:\d{12}:db:[a-z][a-z0-9-]*$/, "expected the ARN of an RDS instance")
    .meta({
      description: "ARN of the database in the other Region, whose `masterPassword` is `own`.",
      examples: ["arn:aws:rds:us-east-1:123456789012:db:prod-us-east-1-orders"],
    }),
  secretArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+$/, "expected a secret's ARN")
    .meta({
      description: "ARN of its secret's replica in this Region: the secret's own ARN with this Region in it.",
      examples: ["arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod-us-east-1-orders-4f5a6b7-AbCdEf"],
    }),
});

const oneDatabase = z
  .strictObject({
    name: resourceName.regex(/^[a-z]/, "expected a name that begins with a letter").meta({
      description: "The database's name. RDS calls it by the stack's name and this one.",
      examples: ["orders"],
    }),
    engine: z.enum(["postgres", "mysql"], "expected postgres or mysql").meta({
      description: "`postgres` or `mysql`.",
      examples: ["postgres"],
    }),
    engineVersion: z.string("expected a major version, quoted").meta({
      description: "The major version, quoted. RDS upgrades minor ones by itself; another major one is an upgrade.",
      examples: ["17"],
    }),
    topology: z
      .enum(["instance", "cluster"], "expected instance or cluster")
      .default("instance")
      .meta({
        description:
          "`instance`: a Multi-AZ instance, whose standby in another zone can't be read. `cluster`: a Multi-AZ DB cluster " +
          "over three zones, with two readers that take over in less than 35 seconds; it can't be replicated to another " +
          "Region, and neither can its backups.",
        examples: ["instance"],
      }),
    instanceClass: z
      .string()
      .regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/, "expected an instance class such as db.m7g.large")
      .meta({
        description: "The class of each of its instances; a cluster's have a local disk (`db.m6gd.large`).",
        examples: ["db.m7g.large"],
      }),
    storage: storage.meta({ description: "Its storage: gp3 for an instance, io1 for a cluster." }),
    databaseName: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,62}$/, "expected at most 63 lower-case letters, digits and underscores, a letter first")
      .optional()
      .meta({
        description: "The database that is made on the server.",
        absent: "`name`, with underscores for hyphens",
        examples: ["orders"],
      }),
    masterUsername: z
      .string()
      .regex(/^[a-z][a-z0-9_]{0,15}$/, "expected at most 16 lower-case letters, digits and underscores, a letter first")
      .refine((name) => !["admin", "rdsadmin"].includes(name), "expected another name: RDS keeps this one for itself")
      .optional()
      .meta({ description: "The master user.", absent: "`dbadmin`", examples: ["dbadmin"] }),
    tiers: z
      .array(z.string())
      .default([])
      .meta({
        description: "The tiers of `nplusone:web` that may reach it, by name. No others.",
        examples: [["shop"]],
      }),
    masterPassword: z
      .enum(["managed", "own"], "expected managed or own")
      .optional()
      .meta({
        description:
          "`managed`: RDS makes it, keeps it in Secrets Manager and rotates it every 7 days; RDS then makes no replicas. " +
          "`own`: a secret of the stack, replicated to `partnerRegion` and rotated by a function. It can't be changed later.",
        absent: "`managed`",
        examples: ["own"],
      }),
    rotationDays: z
      .int()
      .min(1)
      .max(365)
      .optional()
      .meta({
        description: "How often an own password is rotated.",
        unit: "days",
        absent: "30",
        examples: [30],
      }),
    partnerRegion: regionName.optional().meta({
      description: "The Region that backups are replicated to, and an own secret. An instance needs it.",
      absent: "a cluster has none",
      ask: true,
      examples: ["eu-west-1"],
    }),
    hasReplica: z
      .boolean()
      .optional()
      .meta({
        description: "Whether another stack has a replica of it (`replicaOf`): `masterPassword` then has to be `own`.",
        absent: "`false`",
        examples: [true],
      }),
    replicaOf: replicaOf.optional().meta({
      description:
        "Makes it a replica of a database in another Region. Taking this out promotes it: `docs/runbooks/database.md`.",
      absent: "a database of its own",
    }),
    backupRetentionDays: z
      .int()
      .min(7, "expected 7 days or more")
      .max(35, "expected at most 35 days, which is all that RDS keeps")
      .default(14)
      .meta({
        description: "For how long it can be restored to any second, here and from the replicated backups.",
        unit: "days",
        examples: [14],
      }),
    protected: z
      .boolean()
      .default(true)
      .meta({
        description:
          "Whether AWS and Pulumi refuse to delete it. To destroy it: `false`, `pulumi up`, `pulumi destroy`.",
        examples: [true],
      }),
    alarms: alarms.prefault({}).meta({ description: "When people are told." }),
  })
  .superRefine((value, context) => {
    for (const { path, message } of databaseProblems(value)) {
      problemIn(context)([...path], message);
    }
  });

/** The databases of a stack. */
export const database = z
  .array(oneDatabase)
  .min(1, "expected at least one database")
  .superRefine((databases, context) => checkOnce(databases, { name: "each database" }, problemIn(context)))
  .meta({ description: "Databases that survive the loss of a zone, for tiers to use." });

/** What is wrong with databases, given what else is known of the stack. */
export function checkDatabases(databases: z.infer<typeof database>, stack: StackPlace, problem: Problem): void {
  databases.forEach((one, i) => {
    for (const { path, message } of placeProblems(one, stack)) {
      problem([i, ...path], message);
    }
  });
}
