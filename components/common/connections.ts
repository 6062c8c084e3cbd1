import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** What a task or an instance needs to use something of the stack. */
export interface Offering {
  /** Variables of the environment, by name. No secrets. */
  readonly environment: Readonly<Record<string, pulumi.Input<string>>>;
  /** What its role has to be allowed. */
  readonly statements: pulumi.Input<pulumi.Input<aws.iam.PolicyStatement>[]>;
}

/** How DNS leads to a tier or to services: the balancer in front of them. */
export interface Entrance {
  /** DNS name of the balancer. */
  readonly dnsName: pulumi.Output<string>;
  /** Hosted zone of the balancer's DNS name, for aliases. */
  readonly hostedZoneId: pulumi.Output<string>;
  /** By what it is asked: HTTPS if there is a certificate. */
  readonly protocol: "HTTP" | "HTTPS";
}

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

/** What one system of a stack makes known to those that are deployed after it, by the names that the configuration gives. */
export class Offers<Offered> {
  private readonly offered = new Map<string, Offered>();

  /** @param what what is offered, for the error's text */
  constructor(private readonly what: string) {}

  offer(name: string, offered: Offered): void {
    this.offered.set(name, offered);
  }

  /** @throws {@link pulumi.RunError} if nothing of this name has been offered: systems that use others come after these. */
  to(name: string): Offered {
    const offered = this.offered.get(name);
    if (offered === undefined) {
      throw new pulumi.RunError(`there is no ${this.what} ${name} in this stack, or it could not be deployed`);
    }
    return offered;
  }
}

/**
 * How a stack's systems find each other by the names that the configuration gives them, though the code of none knows
 * the others'. What tiers run on carries a security group of the tier's own, which databases and session stores admit.
 */
export class Connections {
  readonly databases = new Offers<DatabaseConnection>("database");
  readonly sessionStores = new Offers<Offering>("session store");
  readonly userFiles = new Offers<Offering>("user files");
  readonly mail = new Offers<Offering>("mail");
  readonly entrances = new Offers<Entrance>("web tier or service cluster");

  private readonly groups = new Map<string, aws.ec2.SecurityGroup>();

  /** @param vpcId the VPC of the tiers */
  constructor(private readonly vpcId: pulumi.Input<string>) {}

  /**
   * Id of the security group that the instances of a tier or a cluster carry. It has no rules: it says who somebody is.
   * It is made when it is first asked for, so that neither side has to come first.
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
}
