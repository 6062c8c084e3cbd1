import * as aws from "@pulumi/aws";
import { DatabaseSpec } from "./problems";

/** What AWS says about the source of a replica. */
export interface SourceLookup {
  /** ARN of the key that encrypts the secret's replica in this Region. */
  readonly secretKmsKeyArn: string;
  /** Where in the database's configuration something is wrong, and what was expected. */
  readonly problems: readonly { readonly path: readonly string[]; readonly message: string }[];
}

/** Looks up, before anything of a replica is registered, whether RDS can make one of its source. Never throws. */
export async function lookUpSource(spec: DatabaseSpec & { readonly databaseName: string }): Promise<SourceLookup> {
  const problems: SourceLookup["problems"][number][] = [];
  const { sourceArn = "", secretArn = "" } = spec.replicaOf ?? {};
  const [, , , region = "", , , dbInstanceIdentifier = ""] = sourceArn.split(":");
  const [, secretKmsKeyArn] = await Promise.all([
    aws.rds
      .getInstance({ dbInstanceIdentifier, region })
      .then((source) => problems.push(...sourceProblems(spec, source, sourceArn)))
      .catch((error: unknown) =>
        problems.push({ path: ["replicaOf", "sourceArn"], message: notThere(sourceArn, error) }),
      ),
    aws.secretsmanager
      .getSecret({ arn: secretArn })
      .then(({ kmsKeyId }) => keyArn(kmsKeyId, secretArn))
      .catch((error: unknown) => {
        problems.push({ path: ["replicaOf", "secretArn"], message: notThere(secretArn, error) });
        return "";
      }),
  ]);
  return { secretKmsKeyArn, problems };
}

const notThere = (arn: string, error: unknown) => `expected something that AWS has, not ${arn}: ${String(error)}`;

/** A key is given by its ARN or its id. */
const keyArn = (key: string, secretArn: string): string => {
  const [, partition = "", , region = "", account = ""] = secretArn.split(":");
  return key.startsWith("arn:") ? key : `arn:${partition}:kms:${region}:${account}:key/${key}`;
};

/** What of a source RDS says, and a replica depends on. */
export type Source = Pick<
  aws.rds.GetInstanceResult,
  "masterUserSecrets" | "backupRetentionPeriod" | "storageEncrypted" | "engine" | "engineVersion" | "dbName"
>;

/** Why RDS would make no such replica of a source. */
export function sourceProblems(
  { engine, engineVersion, databaseName }: DatabaseSpec & { readonly databaseName: string },
  source: Source,
  arn: string,
): SourceLookup["problems"][number][] {
  const problems: SourceLookup["problems"][number][] = [];
  const wrong = (path: string, message: string) => problems.push({ path: path.split("."), message });
  if (source.masterUserSecrets.length > 0) {
    const why = "RDS makes no replica of a database whose master password it manages";
    wrong("replicaOf.sourceArn", `expected a database with masterPassword: own, not ${arn}: ${why}`);
  }
  if (source.backupRetentionPeriod === 0) {
    wrong("replicaOf.sourceArn", `expected a database with automated backups, which ${arn} has not`);
  }
  if (!source.storageEncrypted) {
    wrong("replicaOf.sourceArn", `expected an encrypted database, which ${arn} is not`);
  }
  if (source.engine !== engine) {
    wrong("engine", `expected ${source.engine}, as the source has it, not ${engine}`);
  } else if (`${source.engineVersion}.`.startsWith(`${engineVersion}.`) === false) {
    wrong(
      "engineVersion",
      `expected the source's major version, not ${engineVersion}: it runs ${source.engineVersion}`,
    );
  }
  if (source.dbName !== databaseName) {
    wrong("databaseName", `expected ${source.dbName}, as the source has it, not ${databaseName}`);
  }
  return problems;
}
