import { ExportedResource } from "./deployment";
import { Mutation, set, Where } from "./mutate";

const isSource = (r: ExportedResource) => !r.outputs?.["replicateSourceDb"];
const INSTANCE: Where = { type: "aws:rds/instance:Instance", is: isSource };
const SUBNETS: Where = { type: "aws:rds/subnetGroup:SubnetGroup" };

const one = (rule: string, says: RegExp, what: string, props: Record<string, unknown>): Mutation => ({
  ...{ what, rule, says },
  change: set(INSTANCE, () => props),
});

/** Ways to break a database. */
export const database: readonly Mutation[] = [
  one("standby-is-ready", /set multiAz to true/, "a database without a standby", { multiAz: false }),
  one("data-can-be-restored", /backupRetentionPeriod 0/, "a database without backups", { backupRetentionPeriod: 0 }),
  one("data-is-encrypted", /set storageEncrypted to true/, "a database in clear text", { storageEncrypted: false }),
  one("deletion-is-protected", /set deletionProtection/, "a database that can be deleted", {
    deletionProtection: false,
  }),
  one("internet-reaches-no-instance", /publiclyAccessible true/, "a database with a public address", {
    publiclyAccessible: true,
  }),
  {
    what: "a database's subnets in one zone",
    rule: "workloads-span-zones",
    says: /subnet group of databases .* runs only in/,
    change: set(SUBNETS, ({ subnetIds }) => ({ subnetIds: (subnetIds as string[]).slice(0, 1) })),
  },
];
