import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Offering } from "../common/connections";
import { placeOf } from "../common/place";
import { refuseIfAny } from "../common/problems";
import { planAlarms } from "./alarms";
import { zonesOfMembers } from "./members";
import { sessionStoreProblems } from "./problems";
import { SessionStoreArgs } from "./sessionStoreArgs";

const PORT = 6379;
const ENGINE = "valkey";
/** Days that the engine's logs are kept in CloudWatch. */
const LOG_RETENTION_DAYS = 90;

/** What ElastiCache logs: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Log_Delivery.html */
const LOGS = ["slow-log", "engine-log"] as const;

/**
 * What the one user may do: everything with any key and channel, but for what is dangerous to all others (FLUSHALL, KEYS,
 * CONFIG, …). Clients read INFO to see whether a node is ready, which counts among the dangerous ones.
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/Clusters.RBAC.html#Access-string
 */
export const ACCESS = "on ~* &* +@all -@dangerous +info";

/**
 * A Valkey store for sessions on ElastiCache that survives the loss of a zone: a primary and replicas over the zones'
 * isolated subnets, of which one takes over by itself under the same name. Open to the named security groups alone, over
 * TLS alone, for who may `elasticache:Connect` by IAM: there is no password anywhere. Replication is asynchronous: what was
 * written in the last second before a failover may be lost. Nothing of it is in another Region: there, sessions begin anew.
 *
 * A month in us-east-1, two `cache.t4g.small`: 2 × 0.0256 × 730 = $37.38, eight alarms $0.80, snapshots 0.085 a GB beyond
 * the first of each, so about $38.
 *
 * @example
 * const { offering } = new SessionStore("sessions", {
 *   userId: "prod-us-east-1-sessions", engineVersion: "8.0", nodeType: "cache.t4g.small", members: 2,
 *   maintenanceWindow: "sun:05:00-sun:06:00", snapshotWindow: "03:00-04:00", snapshotRetentionDays: 1,
 *   alarms: { memoryPercent: 80, cpuPercent: 80, replicationLagSeconds: 5 }, vpcId: network.vpcId,
 *   subnetIds: Object.fromEntries(network.zones.map((z) => [z.availabilityZone, z.isolatedSubnetId])),
 *   clientGroupIds: { shop: shopGroup.id }, kmsKeyArn: key.arn, topicArn: topic.arn, eventTopicArn: events.topicArn,
 * });
 *
 * Throws a `pulumi.InputPropertiesError` that lists every problem of the arguments.
 */
export class SessionStore extends pulumi.ComponentResource {
  /** What a task needs to use it: `SESSION_STORE_HOST`, `_PORT`, `_NAME`, `_USER` and `_REGION`, and leave to connect. */
  readonly offering: Offering;
  /** DNS name of the primary. It stays the same when a replica takes over. */
  readonly host: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: SessionStoreArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:SessionStore", name, {}, opts);
    checkArgs(args);

    const user = this.createUser();
    const group = this.createReplicationGroup(user);
    this.createAlarms(group);

    this.host = group.primaryEndpointAddress;
    this.offering = this.offer(group, user);
    this.registerOutputs({ host: this.host });
  }

  /** IAM wants its id and its name to be the same: https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/auth-iam.html */
  private createUser(): aws.elasticache.User {
    const { userId } = this.args;
    return new aws.elasticache.User(
      `${this.name}-user`,
      { userId, userName: userId, engine: ENGINE, accessString: ACCESS, authenticationMode: { type: "iam" } },
      { parent: this },
    );
  }

  /**
   * A group of Valkey users needs no `default` one, unlike one of Redis users, and without it nobody is let in who doesn't
   * say who they are.
   */
  private createUserGroup(user: aws.elasticache.User): aws.elasticache.UserGroup {
    return new aws.elasticache.UserGroup(
      `${this.name}-users`,
      { userGroupId: this.args.userId, engine: ENGINE, userIds: [user.userId] },
      { parent: this },
    );
  }

  private createReplicationGroup(user: aws.elasticache.User): aws.elasticache.ReplicationGroup {
    const { args } = this;
    return new aws.elasticache.ReplicationGroup(
      `${this.name}-store`,
      {
        description: `Sessions of ${args.userId}`,
        engine: ENGINE,
        engineVersion: args.engineVersion,
        autoMinorVersionUpgrade: true,
        nodeType: args.nodeType,
        clusterMode: "disabled",
        numCacheClusters: args.members,
        preferredCacheClusterAzs: zonesOfMembers(args.members, Object.keys(args.subnetIds)),
        multiAzEnabled: true,
        automaticFailoverEnabled: true,
        port: PORT,
        subnetGroupName: this.createSubnetGroup().name,
        securityGroupIds: [this.createSecurityGroup().id],
        parameterGroupName: this.createParameterGroup().name,
        atRestEncryptionEnabled: true,
        kmsKeyId: args.kmsKeyArn,
        transitEncryptionEnabled: true,
        transitEncryptionMode: "required",
        userGroupIds: [this.createUserGroup(user).userGroupId],
        maintenanceWindow: args.maintenanceWindow,
        snapshotWindow: args.snapshotWindow,
        snapshotRetentionLimit: args.snapshotRetentionDays,
        notificationTopicArn: args.eventTopicArn,
        logDeliveryConfigurations: this.createLogGroups(),
      },
      { parent: this },
    );
  }

  private createSubnetGroup(): aws.elasticache.SubnetGroup {
    const { subnetIds, userId } = this.args;
    return new aws.elasticache.SubnetGroup(
      `${this.name}-subnets`,
      { description: `Isolated subnets of ${userId}`, subnetIds: Object.values(subnetIds) },
      { parent: this },
    );
  }

  private createSecurityGroup(): aws.ec2.SecurityGroup {
    const { clientGroupIds, userId, vpcId } = this.args;
    return new aws.ec2.SecurityGroup(
      `${this.name}-sessions`,
      {
        vpcId,
        description: `${userId}: from its tiers alone, to nowhere`,
        ingress: Object.entries(clientGroupIds).map(([client, groupId]) => ({
          protocol: "tcp",
          fromPort: PORT,
          toPort: PORT,
          securityGroups: [groupId],
          description: client,
        })),
      },
      { parent: this },
    );
  }

  /** When memory runs out, the sessions that were used least recently go first, and nothing that has no end of its own. */
  private createParameterGroup(): aws.elasticache.ParameterGroup {
    return new aws.elasticache.ParameterGroup(
      `${this.name}-parameters`,
      {
        family: `${ENGINE}${this.args.engineVersion.split(".")[0]}`,
        description: "Sessions that were used least recently go first",
        parameters: [{ name: "maxmemory-policy", value: "volatile-lru" }],
      },
      { parent: this },
    );
  }

  private createLogGroups() {
    return LOGS.map((logType) => {
      const logGroup = new aws.cloudwatch.LogGroup(
        `${this.name}-${logType}`,
        { retentionInDays: LOG_RETENTION_DAYS, kmsKeyId: this.args.kmsKeyArn },
        { parent: this },
      );
      return { logType, destinationType: "cloudwatch-logs", logFormat: "json", destination: logGroup.name };
    });
  }

  private createAlarms(group: aws.elasticache.ReplicationGroup): void {
    const { alarms, members, topicArn, userId } = this.args;
    for (let i = 0; i < members; i++) {
      const CacheClusterId = group.memberClusters.apply((ids) => [...ids].sort()[i] ?? "");
      for (const { name, description, ...alarm } of planAlarms(alarms)) {
        new aws.cloudwatch.MetricAlarm(
          `${this.name}-${i + 1}-${name}`,
          {
            ...alarm,
            comparisonOperator: "GreaterThanThreshold",
            alarmDescription: `${userId}: ${description}; docs/runbooks/session-store.md says what to do`,
            namespace: "AWS/ElastiCache",
            dimensions: { CacheClusterId },
            alarmActions: [topicArn],
            okActions: [topicArn],
          },
          { parent: this },
        );
      }
    }
  }

  private offer(group: aws.elasticache.ReplicationGroup, user: aws.elasticache.User): Offering {
    return {
      environment: {
        SESSION_STORE_HOST: group.primaryEndpointAddress,
        SESSION_STORE_PORT: String(PORT),
        SESSION_STORE_NAME: group.replicationGroupId,
        SESSION_STORE_USER: user.userName,
        SESSION_STORE_REGION: placeOf(this).region,
      },
      statements: [{ Effect: "Allow", Action: "elasticache:Connect", Resource: [group.arn, user.arn] }],
    };
  }
}

/** ElastiCache's own rule for user ids and those of user groups. */
const USER_ID = /^(?=.{1,40}$)[a-z](-?[a-z0-9])*$/;

/** @throws {@link pulumi.InputPropertiesError} that lists every problem of the arguments. */
function checkArgs(args: SessionStoreArgs): void {
  const problems = sessionStoreProblems(args).map(({ path, message }) => ({
    propertyPath: path.join("."),
    reason: message,
  }));
  if (!USER_ID.test(args.userId)) {
    const reason = `expected at most 40 lower-case letters, digits and single hyphens, a letter first: not ${args.userId}`;
    problems.push({ propertyPath: "userId", reason });
  }
  if (Object.keys(args.subnetIds).length < 2) {
    problems.push({ propertyPath: "subnetIds", reason: "expected subnets in two zones or more" });
  }
  refuseIfAny("session store", problems);
}
