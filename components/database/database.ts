import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { DatabaseConnection } from "../common/connections";
import { EncryptionKey } from "../common/encryptionKey";
import { refuseIfAny } from "../common/problems";
import { planAlarms } from "./alarms";
import { DatabaseArgs } from "./databaseArgs";
import { DatabaseCluster } from "./databaseCluster";
import { DatabaseInstance } from "./databaseInstance";
import { ENGINES } from "./engine";
import { databaseProblems } from "./problems";
import { Server, ServerArgs } from "./server";

/** Days that the database's logs are kept in CloudWatch. */
const LOG_RETENTION_DAYS = 90;

/** What people are told about an instance. */
const INSTANCE_EVENTS = ["availability", "deletion", "failover", "failure", "low storage", "read replica", "recovery"];
/** What people are told about a cluster, and about its instances: of a failover by the cluster alone. */
const CLUSTER_EVENTS = ["deletion", "failover", "failure"];
const MEMBER_EVENTS = ["availability", "failure", "low storage", "recovery"];

/**
 * A PostgreSQL or MySQL database on RDS that survives the loss of a zone: in isolated subnets, open to the named security
 * groups alone and over TLS alone, encrypted by a key of its own, with backups, alarms and events that people hear of.
 *
 * A month in us-east-1, `db.m7g.large` with 100 GiB: instance and standby 0.336 × 730 = $245.28, storage 100 × 0.23 =
 * $23.00, two keys $2.00, replicated backups 100 × 0.095 = $9.50, secret $0.40, three alarms $0.30, so $280.48. A cluster of
 * `db.m6gd.large` with 100 GiB and 1,000 IOPS: 3 × 0.189 × 730 = $413.91, storage 3 × 100 × 0.125 = $37.50, IOPS 3 × 1,000 ×
 * 0.10 = $300.00, key, secret and twelve alarms $2.60, so $754.01.
 *
 * @example
 * const { connection } = new Database("orders", {
 *   identifier: "prod-us-east-1-orders", engine: "postgres", engineVersion: "17", topology: "instance",
 *   instanceClass: "db.m7g.large", storage: { allocatedGiB: 100 }, databaseName: "orders", partnerRegion: "eu-west-1",
 *   backupRetentionDays: 14, protected: true, vpcId: network.vpcId, kmsKeyArn: key.arn, topicArn: topic.arn,
 *   alarms: { cpuPercent: 80, freeStoragePercent: 10, replicaLagSeconds: 60 },
 *   subnetIds: network.zones.map((z) => z.isolatedSubnetId), clientGroupIds: { shop: shopGroup.id },
 * });
 *
 * Throws a `pulumi.InputPropertiesError` that lists every problem of the arguments.
 */
export class Database extends pulumi.ComponentResource {
  /** How tiers reach it. */
  readonly connection: DatabaseConnection;

  constructor(
    private readonly name: string,
    private readonly args: DatabaseArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:Database", name, {}, opts);
    checkArgs(args);

    const key = this.createKey();
    const subnetGroup = this.createSubnetGroup();
    const securityGroup = this.createSecurityGroup();
    const logGroups = this.createLogGroups(key);
    const server = this.createServer(key, subnetGroup, securityGroup, logGroups);
    this.createAlarms(server);
    this.createEventSubscriptions(server);

    const { host, port, secretArn, secretKmsKeyArn } = server;
    this.connection = { host, port, name: args.databaseName, engine: args.engine, secretArn, secretKmsKeyArn };
    this.registerOutputs({ connection: this.connection });
  }

  private createKey(): EncryptionKey {
    const description = `Data, backups and secret of ${this.args.identifier}`;
    return new EncryptionKey(`${this.name}-data`, { description, keep: true }, { parent: this });
  }

  private createSubnetGroup(): aws.rds.SubnetGroup {
    const description = `Isolated subnets of ${this.args.identifier}`;
    return new aws.rds.SubnetGroup(
      `${this.name}-subnets`,
      { description, subnetIds: [...this.args.subnetIds] },
      { parent: this },
    );
  }

  private createSecurityGroup(): aws.ec2.SecurityGroup {
    const { clientGroupIds, engine, identifier, vpcId } = this.args;
    const { port } = ENGINES[engine];
    return new aws.ec2.SecurityGroup(
      `${this.name}-database`,
      {
        vpcId,
        description: `${identifier}: from its tiers alone, to nowhere`,
        ingress: Object.entries(clientGroupIds).map(([client, groupId]) => ({
          protocol: "tcp",
          fromPort: port,
          toPort: port,
          securityGroups: [groupId],
          description: client,
        })),
      },
      { parent: this },
    );
  }

  /** RDS would make them itself, unencrypted and kept for ever. */
  private createLogGroups(key: EncryptionKey): aws.cloudwatch.LogGroup[] {
    const { engine, identifier, topology } = this.args;
    return ENGINES[engine].logs.map(
      (log) =>
        new aws.cloudwatch.LogGroup(
          `${this.name}-${log}-logs`,
          { name: `/aws/rds/${topology}/${identifier}/${log}`, retentionInDays: LOG_RETENTION_DAYS, kmsKeyId: key.arn },
          { parent: this },
        ),
    );
  }

  private createServer(
    key: EncryptionKey,
    subnetGroup: aws.rds.SubnetGroup,
    securityGroup: aws.ec2.SecurityGroup,
    logGroups: aws.cloudwatch.LogGroup[],
  ): Server {
    const args: ServerArgs = {
      ...this.args,
      subnetGroupName: subnetGroup.name,
      securityGroupId: securityGroup.id,
      keyArn: key.arn,
      // The subnet group's automatic name is another one each time that a stack is made anew, and so is the snapshot's.
      finalSnapshotIdentifier: subnetGroup.name.apply((n) => `${this.args.identifier}-final-${n.slice(-7)}`),
    };
    const opts = { parent: this, dependsOn: logGroups };
    return args.topology === "cluster"
      ? new DatabaseCluster(this.name, args, opts)
      : new DatabaseInstance(this.name, args, opts);
  }

  private createAlarms({ members }: Server): void {
    const { identifier, topicArn } = this.args;
    members.forEach((member, i) => {
      const of = members.length === 1 ? this.name : `${this.name}-${i + 1}`;
      for (const { name, description, ...alarm } of planAlarms(this.args)) {
        new aws.cloudwatch.MetricAlarm(
          `${of}-${name}`,
          {
            ...alarm,
            alarmDescription: `${identifier}: ${description}; docs/runbooks/database.md says what to do`,
            namespace: "AWS/RDS",
            dimensions: { DBInstanceIdentifier: member },
            statistic: "Average",
            alarmActions: [topicArn],
            okActions: [topicArn],
          },
          { parent: this },
        );
      }
    });
  }

  private createEventSubscriptions(server: Server): void {
    const { identifier, topology } = this.args;
    const members = [...server.members];
    if (topology === "cluster") {
      // The cluster has to be there before anybody can ask for its events.
      this.subscribe("cluster", "db-cluster", [server.host.apply(() => identifier)], CLUSTER_EVENTS);
      this.subscribe("members", "db-instance", members, MEMBER_EVENTS);
    } else {
      this.subscribe("events", "db-instance", members, INSTANCE_EVENTS);
    }
  }

  private subscribe(
    name: string,
    sourceType: "db-cluster" | "db-instance",
    sourceIds: pulumi.Output<string>[],
    eventCategories: string[],
  ): void {
    new aws.rds.EventSubscription(
      `${this.name}-${name}`,
      { snsTopic: this.args.topicArn, sourceType, sourceIds, eventCategories },
      { parent: this },
    );
  }
}

/** RDS's own rule for identifiers; a cluster's instances have a suffix of 11 characters. */
const IDENTIFIER = /^(?=.{1,52}$)[a-z](-?[a-z0-9])*$/;

/** @throws {@link pulumi.InputPropertiesError} that lists every problem of the arguments. */
function checkArgs(args: DatabaseArgs): void {
  const problems = databaseProblems(args).map(({ path, message }) => ({
    propertyPath: path.join("."),
    reason: message,
  }));
  if (!IDENTIFIER.test(args.identifier)) {
    const reason = `expected at most 52 lower-case letters, digits and single hyphens, a letter first: not ${args.identifier}`;
    problems.push({ propertyPath: "identifier", reason });
  }
  if (args.subnetIds.length < 2) {
    problems.push({ propertyPath: "subnetIds", reason: "expected subnets in two zones or more" });
  }
  refuseIfAny("database", problems);
}
