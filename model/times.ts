/** How long AWS takes for something, in seconds. */
export interface Duration {
  /** What to expect. */
  readonly typical: number;
  /** What AWS says that it may take, where it names a bound; else what to reckon with. */
  readonly worst: number;
}

/** Which of a duration's two figures a forecast or a drill goes by. */
export type Pace = keyof Duration;

/** The times that AWS documents, each with the page that says so. What a resource says of itself is not among them. */
export const TIMES = {
  /**
   * From the first failed EC2 status check until Auto Scaling marks an instance unhealthy: the check runs every minute,
   * and Auto Scaling "waits a few minutes" for AWS to fix it. An instance that isn't running is unhealthy at once.
   * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html
   */
  impairedInstance: { typical: 180, worst: 300 },
  /**
   * Between two evaluations of an alarm: a minute, or ten seconds if its period is shorter than a minute.
   * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
   */
  alarmEvaluation: { typical: 60, worst: 60 },
  highResolutionAlarmEvaluation: { typical: 10, worst: 10 },
  /**
   * How long an instance refresh goes on trying when it gets nowhere, before it fails.
   * https://docs.aws.amazon.com/autoscaling/ec2/userguide/instance-refresh-overview.html
   */
  refreshWithoutProgress: { typical: 3_600, worst: 3_600 },
  /**
   * The failover of a Multi-AZ DB instance. Long transactions and recoveries add to it.
   * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html
   */
  multiAzInstanceFailover: { typical: 60, worst: 120 },
  /**
   * The failover of a Multi-AZ DB cluster: "typically under 35 seconds". The lag of the replicas adds to it.
   * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts-failover.html
   */
  multiAzClusterFailover: { typical: 35, worst: 35 },
  /**
   * The failover of an ElastiCache shard: "typically just a few seconds" from the promotion on. How long it takes to find
   * out, AWS doesn't say.
   * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/AutoFailover.html
   */
  cacheFailover: { typical: 10, worst: 60 },
} as const satisfies Readonly<Record<string, Duration>>;
