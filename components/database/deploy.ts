import * as pulumi from "@pulumi/pulumi";
import { Foundation, StackOutputs } from "../common/foundation";
import { refuseConfigIfAny } from "../common/problems";
import { Database } from "./database";
import { DatabaseArgs } from "./databaseArgs";
import { lookUpSource, SourceLookup } from "./lookup";
import { DatabaseSpec } from "./problems";

type Derived =
  "identifier" | "databaseName" | "vpcId" | "subnetIds" | "clientGroupIds" | "kmsKeyArn" | "topicArn" | "replicaOf";

/** A database as configured: it names the tiers that may reach it. */
export interface DatabaseConfig extends Omit<DatabaseArgs, Derived>, Pick<DatabaseSpec, "databaseName" | "replicaOf"> {
  readonly name: string;
  /** Names of the tiers that may connect. */
  readonly tiers: readonly string[];
}

/**
 * The databases of a stack, made known to the tiers that are deployed after them.
 * @throws {@link pulumi.RunError} that lists all sources of replicas of which RDS would make none, and why.
 */
export async function deployDatabases(
  configs: readonly DatabaseConfig[],
  { network, shared, connections }: Foundation,
): Promise<StackOutputs> {
  const databases = configs.map((config) => ({
    ...config,
    databaseName: config.databaseName ?? config.name.replaceAll("-", "_"),
  }));
  const sources = await lookUpSources(databases);
  const hosts = databases.map(({ name, tiers, replicaOf, ...config }, i) => {
    const source = sources[i];
    const database = new Database(name, {
      ...config,
      ...(replicaOf && source ? { replicaOf: { ...replicaOf, secretKmsKeyArn: source.secretKmsKeyArn } } : {}),
      identifier: `${pulumi.getStack()}-${name}`,
      vpcId: network.vpcId,
      subnetIds: network.zones.map((z) => z.isolatedSubnetId),
      clientGroupIds: Object.fromEntries(tiers.map((tier) => [tier, connections.clientGroup(tier)])),
      kmsKeyArn: shared.kmsKeyArn,
      topicArn: shared.topicArn,
    });
    connections.databases.offer(name, database.connection);
    return [name, database.connection.host] as const;
  });
  return { databaseHosts: Object.fromEntries(hosts) };
}

/** What AWS says about the sources of the replicas among some databases. @throws as `deployDatabases`. */
async function lookUpSources(
  databases: readonly (DatabaseConfig & { readonly databaseName: string })[],
): Promise<(SourceLookup | undefined)[]> {
  const sources = await Promise.all(databases.map((d) => (d.replicaOf === undefined ? undefined : lookUpSource(d))));
  refuseConfigIfAny(
    sources.flatMap((source, i) =>
      (source?.problems ?? []).map(({ path, message }) => ({ path: ["database", i, ...path], message })),
    ),
  );
  return sources;
}
