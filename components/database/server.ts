import * as pulumi from "@pulumi/pulumi";
import { DatabaseArgs } from "./databaseArgs";

/** What an instance or a cluster is made with, besides the database's own arguments. */
export interface ServerArgs extends DatabaseArgs {
  /** Name of the subnet group. */
  readonly subnetGroupName: pulumi.Input<string>;
  /** Id of the security group. */
  readonly securityGroupId: pulumi.Input<string>;
  /** ARN of the KMS key of the data, its backups, and what Performance Insights records. */
  readonly keyArn: pulumi.Input<string>;
  /** Name of the snapshot that is taken when it is deleted. */
  readonly finalSnapshotIdentifier: pulumi.Input<string>;
}

/** A database server: an instance or a cluster. */
export interface Server {
  /** DNS name of the writer. */
  readonly host: pulumi.Output<string>;
  /** TCP port. */
  readonly port: pulumi.Output<number>;
  /** ARN of the secret with the master user's name and password. */
  readonly secretArn: pulumi.Output<string>;
  /** ARN of the KMS key that encrypts the secret. */
  readonly secretKmsKeyArn: pulumi.Output<string>;
  /** Identifiers of its instances, which metrics and events are about. */
  readonly members: readonly pulumi.Output<string>[];
}

/** The master user's name, unless configured. */
export const MASTER_USERNAME = "dbadmin";

/** What an instance and a cluster call the same. */
export function commonInputs(args: ServerArgs) {
  return {
    engine: args.engine,
    // A prefix: RDS upgrades the rest by itself.
    engineVersion: args.engineVersion,
    allowMajorVersionUpgrade: true,
    dbSubnetGroupName: args.subnetGroupName,
    vpcSecurityGroupIds: [args.securityGroupId],
    storageEncrypted: true,
    kmsKeyId: args.keyArn,
    backupRetentionPeriod: args.backupRetentionDays,
    copyTagsToSnapshot: true,
    deletionProtection: args.protected,
    performanceInsightsEnabled: true,
    performanceInsightsKmsKeyId: args.keyArn,
    // What costs nothing.
    performanceInsightsRetentionPeriod: 7,
  };
}

/** The secret of a password that RDS manages. */
export const managedSecretArn = (secrets: pulumi.Output<readonly { readonly secretArn?: string }[] | undefined>) =>
  secrets.apply((all) => all?.[0]?.secretArn ?? "");
