/** What values a metric of AWS's own takes. */
export interface MetricRange {
  readonly namespace: RegExp;
  readonly name: RegExp;
  /** The highest value; the lowest is 0. */
  readonly highest: number;
  /** Whether what is dead stops reporting, so that missing data is bad news. @default false */
  readonly silenceIsDeath?: boolean;
  /** The only Region that has it. @default that of what it measures */
  readonly onlyIn?: string;
}

/**
 * Metrics with a range that AWS documents: percents, and those that are 0 or 1. (An ECS service may use more than 100 %.)
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/viewing_metrics_with_cloudwatch.html,
 * https://docs.aws.amazon.com/outposts/latest/server-userguide/outposts-cloudwatch-metrics.html,
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-cloudwatch.html,
 * https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/CacheMetrics.Redis.html,
 * https://docs.aws.amazon.com/ses/latest/dg/reputationdashboard-cloudwatch-alarm.html
 */
export const METRICS: readonly MetricRange[] = [
  { namespace: /^AWS\/Outposts$/, name: /^ConnectedStatus$/, highest: 1, silenceIsDeath: true },
  { namespace: /^AWS\/Route53$/, name: /^HealthCheckStatus$/, highest: 1, silenceIsDeath: true, onlyIn: "us-east-1" },
  { namespace: /^AWS\/Route53$/, name: /^HealthCheckPercentageHealthy$/, highest: 100, onlyIn: "us-east-1" },
  { namespace: /^AWS\/SES$/, name: /^Reputation\.(Bounce|Complaint)Rate$/, highest: 1 },
  { namespace: /^AWS\/EC2$/, name: /^StatusCheckFailed/, highest: 1 },
  {
    namespace: /^AWS\/(EC2|RDS|ElastiCache|DocDB|Neptune|Redshift)$/,
    name: /^(CPU|Memory|Disk|EngineCPU)Utilization$/,
    highest: 100,
  },
  { namespace: /^AWS\/ElastiCache$/, name: /^DatabaseMemoryUsage(CountedForEvict)?Percentage$/, highest: 100 },
  { namespace: /^AWS\/Outposts$/, name: /Utilization$/, highest: 100 },
];
