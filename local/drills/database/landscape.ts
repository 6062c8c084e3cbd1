import { CreateDBInstanceCommand, RDSClient } from "@aws-sdk/client-rds";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Clients } from "../../endpoint/clients";
import { unlessThere } from "../../stacks/making";
import { StackFile } from "../../stacks/stackFiles";

/** Makes the databases in other Regions that a stack's replicas follow, and their secrets' replicas in its own. */
export async function prepareDatabases(
  { region, config: { database = [] } }: StackFile,
  clients: Clients,
): Promise<ReadonlyMap<string, string>> {
  const arns = new Map<string, string>();
  for (const { replicaOf, ...one } of database) {
    if (replicaOf === undefined) {
      continue;
    }
    const databaseName = one.databaseName ?? one.name.replaceAll("-", "_");
    arns.set(replicaOf.sourceArn, await makeSource(clients, replicaOf.sourceArn, { ...one, databaseName }));
    arns.set(replicaOf.secretArn, await makeSecret(clients, region, replicaOf.secretArn));
  }
  return arns;
}

/** A database of another name, so that it isn't taken for one that a stack of the same rehearsal deploys. Returns its ARN. */
async function makeSource(
  clients: Clients,
  sourceArn: string,
  source: {
    readonly engine: string;
    readonly engineVersion: string;
    readonly databaseName: string;
    readonly storage: { readonly allocatedGiB: number };
  },
): Promise<string> {
  const [region = "", identifier = ""] = [sourceArn.split(":")[3], sourceArn.split(":")[6]];
  const DBInstanceIdentifier = `source-${identifier}`;
  await unlessThere(
    clients.make(RDSClient, region).send(
      new CreateDBInstanceCommand({
        ...{ DBInstanceIdentifier, DBInstanceClass: "db.m7g.large", Engine: source.engine },
        ...{ EngineVersion: source.engineVersion, DBName: source.databaseName },
        AllocatedStorage: source.storage.allocatedGiB,
        ...{ MasterUsername: "dbadmin", MasterUserPassword: "rehearsed-only", BackupRetentionPeriod: 7 },
        StorageEncrypted: true,
      }),
    ),
  );
  return sourceArn.replace(identifier, DBInstanceIdentifier);
}

/** A secret of the same name. Returns its ARN. */
async function makeSecret(clients: Clients, region: string, secretArn: string): Promise<string> {
  const [before = "", named = ""] = secretArn.split(":secret:");
  const Name = named.replace(/-[A-Za-z0-9]{6}$/, "");
  const SecretString = JSON.stringify({ username: "dbadmin", password: "rehearsed-only" });
  await unlessThere(clients.make(SecretsManagerClient, region).send(new CreateSecretCommand({ Name, SecretString })));
  return `${before}:secret:${Name}`;
}
