import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Entrance } from "../common/connections";
import type { Partner } from "../common/foundation";
import { placeOf } from "../common/place";

/** Arguments of `FailoverName`. */
export interface FailoverNameArgs {
  /** The name that users know. */
  readonly domainName: string;
  /** The public hosted zone of the name. */
  readonly zoneId: string;
  /** The balancer that is behind the name in this Region. */
  readonly entrance: Entrance;
  /** How Route 53 finds out whether this Region serves. */
  readonly healthCheck: {
    /** What is asked for: 2xx or 3xx means that the Region serves. */
    readonly path: string;
    /** Seconds between two requests of a checker: 10 or 30. */
    readonly intervalSeconds: number;
    /** Answers in a row that change what the check says. */
    readonly failureThreshold: number;
  };
  /** The stack's part in the pair. */
  readonly partner: Pick<Partner, "role" | "mode">;
  /** Id of the health check that a person turns when the Region has to stay out (`RegionHold`). */
  readonly holdCheckId: pulumi.Input<string>;
  /** ARN of a topic in us-east-1. */
  readonly topicArn: pulumi.Input<string>;
}

/**
 * Where Route 53 has the metrics of its health checks, and an alarm on them has to be.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
 */
export const HEALTH_CHECK_METRICS_REGION = "us-east-1";

/** The name that leads to one Region alone. */
export const ownNameOf = (domainName: string, region: pulumi.Input<string>): pulumi.Output<string> =>
  pulumi.interpolate`${region}.${domainName}`;

/**
 * One Region's half of a public name: the Region's own name, a health check on that, and the record by which the name
 * leads here while the check is healthy; the partner's stack makes the other half. Route 53 switches by itself, with
 * nothing of the lost Region, `intervalSeconds × failureThreshold` after the loss, and resolvers keep an alias of a
 * balancer for 60 s: with 10 s and 3 answers, 90 s; with 30 s, 150 s.
 *
 * If neither Region is healthy, Route 53 answers with the primary, or, with both active, with either: a check that is
 * wrong takes nobody's site away. Neither record evaluates its target's health, which is an AND over all target groups of
 * a balancer, in which one without targets would take the Region out.
 *
 * $2.10 a month: $0.50 for the check of an endpoint in AWS, $1.00 for every 10 s, $0.50 for the calculated one, $0.10 for
 * the alarm; with HTTPS $1.00 more.
 *
 * @example
 * new FailoverName("shop", {
 *   domainName: "shop.example.com", zoneId: "Z0123456789ABCDEFGHIJ", entrance: connections.entrances.to("shop"),
 *   healthCheck: { path: "/healthz", intervalSeconds: 10, failureThreshold: 3 },
 *   partner: { role: "primary", mode: "warm" }, holdCheckId: hold.healthCheckId, topicArn: topics.in("us-east-1"),
 * });
 */
export class FailoverName extends pulumi.ComponentResource {
  /** The name that leads to this Region alone. */
  readonly ownName: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: FailoverNameArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:FailoverName", name, {}, opts);

    this.ownName = ownNameOf(args.domainName, placeOf(this).region);
    this.createOwnRecord();
    const check = this.createCheck(this.createEndpointCheck());
    this.createFailoverRecord(check);
    this.createAlarm(check);
    this.registerOutputs({ ownName: this.ownName });
  }

  private createOwnRecord(): void {
    const { zoneId } = this.args;
    const own = { zoneId, name: this.ownName, type: "A", aliases: this.aliases() };
    new aws.route53.Record(`${this.name}-own`, own, { parent: this });
  }

  /** It asks for the Region's own name: the public one leads elsewhere as soon as this one fails. */
  private createEndpointCheck(): aws.route53.HealthCheck {
    const { entrance, healthCheck } = this.args;
    const isHttps = entrance.protocol === "HTTPS";
    return new aws.route53.HealthCheck(
      `${this.name}-endpoint`,
      {
        type: entrance.protocol,
        fqdn: this.ownName,
        port: isHttps ? 443 : 80,
        // Without it, a balancer with several certificates answers with its default one, or refuses.
        enableSni: isHttps,
        resourcePath: healthCheck.path,
        requestInterval: healthCheck.intervalSeconds,
        failureThreshold: healthCheck.failureThreshold,
        tags: { Name: `${pulumi.getStack()} ${this.name} endpoint` },
      },
      { parent: this },
    );
  }

  /** The Region is in if it serves and nobody holds it back. */
  private createCheck(endpoint: aws.route53.HealthCheck): aws.route53.HealthCheck {
    return new aws.route53.HealthCheck(
      `${this.name}-check`,
      {
        type: "CALCULATED",
        childHealthchecks: [endpoint.id, this.args.holdCheckId],
        childHealthThreshold: 2,
        tags: { Name: `${pulumi.getStack()} ${this.name}` },
      },
      { parent: this },
    );
  }

  private createFailoverRecord(check: aws.route53.HealthCheck): void {
    const { domainName, partner, zoneId } = this.args;
    const type = partner.role === "primary" ? "PRIMARY" : "SECONDARY";
    const routing =
      partner.mode === "active-active"
        ? { latencyRoutingPolicies: [{ region: placeOf(this).region }] }
        : { failoverRoutingPolicies: [{ type }] };
    new aws.route53.Record(
      `${this.name}-failover`,
      {
        zoneId,
        name: domainName,
        type: "A",
        setIdentifier: pulumi.getStack(),
        ...routing,
        healthCheckId: check.id,
        aliases: this.aliases(),
      },
      { parent: this },
    );
  }

  private aliases() {
    const { dnsName, hostedZoneId } = this.args.entrance;
    return [{ name: dnsName, zoneId: hostedZoneId, evaluateTargetHealth: false }];
  }

  /** A pilot light is out until it is lit, which nobody needs to be told. */
  private createAlarm(check: aws.route53.HealthCheck): void {
    const { domainName, partner, topicArn } = this.args;
    if (partner.role === "standby" && partner.mode === "pilot-light") {
      return;
    }
    new aws.cloudwatch.MetricAlarm(
      `${this.name}-out`,
      {
        region: HEALTH_CHECK_METRICS_REGION,
        alarmDescription: `${domainName} doesn't lead to ${pulumi.getStack()}, which doesn't serve or is held back: see docs/runbooks/region.md.`,
        namespace: "AWS/Route53",
        metricName: "HealthCheckStatus",
        dimensions: { HealthCheckId: check.id },
        statistic: "Minimum",
        comparisonOperator: "LessThanThreshold",
        threshold: 1,
        period: 60,
        evaluationPeriods: 1,
        // Route 53 reports every minute. Silence means nothing of the Region.
        treatMissingData: "missing",
        alarmActions: [topicArn],
        okActions: [topicArn],
      },
      { parent: this },
    );
  }
}
