import * as pulumi from "@pulumi/pulumi";
import { DatabaseSpec } from "./problems";

/** When people are told about a database. */
export interface DatabaseAlarmArgs {
  /** Percent of CPUUtilization above which it is busy, over 15 minutes. */
  readonly cpuPercent: number;
  /** Percent of the allocated storage below which it runs out, over 15 minutes. */
  readonly freeStoragePercent: number;
  /** Seconds that a replica or reader may be behind, over 5 minutes. */
  readonly replicaLagSeconds: number;
  /** Connections above which there are too many, over 5 minutes. @default 70 % of what the engine allows by default */
  readonly connections?: number | undefined;
}

/** Arguments of `Database`. */
export interface DatabaseArgs extends DatabaseSpec {
  /** The server's name in AWS: an RDS identifier, unique in the account and Region. It is never changed. */
  readonly identifier: string;
  /** `postgres` or `mysql`. */
  readonly engine: DatabaseSpec["engine"];
  /** The major version, e.g. `17` or `8.4`. RDS upgrades minor versions by itself. */
  readonly engineVersion: string;
  /** `instance`: Multi-AZ instance; `cluster`: Multi-AZ DB cluster with two readable standbys. */
  readonly topology: "instance" | "cluster";
  /** E.g. `db.m7g.large`; a cluster's has a local disk. */
  readonly instanceClass: string;
  /** GiB; gp3 for an instance (grows to `maximumGiB`, @default twice as much), io1 with `iops` for a cluster. */
  readonly storage: DatabaseSpec["storage"];
  /** The database that is made on the server. */
  readonly databaseName: string;
  /** The master user. @default dbadmin */
  readonly masterUsername?: string | undefined;
  /**
   * `managed`: RDS makes the password, keeps it in Secrets Manager and rotates it; RDS then makes no replicas. `own`: a
   * secret of the stack, replicated to the partner Region and rotated by a function. @default managed
   */
  readonly masterPassword?: "managed" | "own" | undefined;
  /** Days after which an own password is rotated. @default 30 */
  readonly rotationDays?: number | undefined;
  /** Region that an instance's backups, and an own secret, are replicated to. @default a cluster has none */
  readonly partnerRegion?: string | undefined;
  /** Whether another stack has a replica of it. @default false */
  readonly hasReplica?: boolean | undefined;
  /** The database in another Region that this one follows, and its secret's replica here. @default one of its own */
  readonly replicaOf?: DatabaseSpec["replicaOf"] & {
    /** ARN of the key that encrypts the secret's replica. */
    readonly secretKmsKeyArn: pulumi.Input<string>;
  };
  /** Days for which it can be restored to any second, 7 to 35. */
  readonly backupRetentionDays: number;
  /** Whether AWS and Pulumi refuse to delete it. */
  readonly protected: boolean;
  /** When people are told. */
  readonly alarms: DatabaseAlarmArgs;
  /** The VPC of the subnets. */
  readonly vpcId: pulumi.Input<string>;
  /** Isolated subnets, one a zone. */
  readonly subnetIds: readonly pulumi.Input<string>[];
  /** Security groups of those who may connect, by who they are. No one else may. */
  readonly clientGroupIds: Readonly<Record<string, pulumi.Input<string>>>;
  /** ARN of the KMS key of what is not the database's data: the rotation's logs. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** ARN of the topic that people are told through. */
  readonly topicArn: pulumi.Input<string>;
}
