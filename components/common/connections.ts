import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** How a tier reaches a database. No password is among it. */
export interface DatabaseConnection {
  /** DNS name of the writer. It stays the same when the standby takes over. */
  readonly host: pulumi.Output<string>;
  /** TCP port. */
  readonly port: pulumi.Output<number>;
  /** Name of the database on the server. */
  readonly name: string;
  /** `postgres` or `mysql`. */
  readonly engine: "postgres" | "mysql";
  /** ARN of the Secrets Manager secret with `username` and `password`. */
  readonly secretArn: pulumi.Output<string>;
  /** ARN of the KMS key that encrypts the secret. */
  readonly secretKmsKeyArn: pulumi.Output<string>;
}

/**
 * How a stack's tiers and databases find each other by the names that the configuration gives them, though the code of
 * neither knows the other's. A tier's instances carry a security group of its own, which databases admit.
 */
export class Connections {
  private readonly groups = new Map<string, aws.ec2.SecurityGroup>();
  private readonly databases = new Map<string, DatabaseConnection>();

  /** @param vpcId the VPC of the tiers */
  constructor(private readonly vpcId: pulumi.Input<string>) {}

  /**
   * Id of the security group that the instances of a tier carry. It has no rules: it says who somebody is. It is made
   * when it is first asked for, so that neither side has to come first.
   */
  clientGroup(tier: string): pulumi.Output<string> {
    const group =
      this.groups.get(tier) ??
      new aws.ec2.SecurityGroup(`${tier}-client`, {
        vpcId: this.vpcId,
        description: `Carried by what may reach the databases of ${tier}`,
      });
    this.groups.set(tier, group);
    return group.id;
  }

  /** Makes a database known to the tiers that are deployed after it. */
  offer(database: string, connection: DatabaseConnection): void {
    this.databases.set(database, connection);
  }

  /** @throws if no such database has been offered: systems that use databases are deployed after these. */
  to(database: string): DatabaseConnection {
    const connection = this.databases.get(database);
    if (connection === undefined) {
      throw new pulumi.RunError(`there is no database ${database} in this stack, or it could not be deployed`);
    }
    return connection;
  }
}
