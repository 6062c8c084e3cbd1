import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { Entrance } from "./connections";
import { createLogBucket } from "./logBucket";
import { placeOf } from "./place";

/** What balancers have in common, as configured. */
export interface BalancerOptions {
  readonly vpcId: pulumi.Input<string>;
  /** IPv4 range of the VPC: where the targets are. */
  readonly vpcCidrBlock: string;
  /** Ranges from which it can be reached. */
  readonly allowedCidrBlocks: readonly string[];
  /** ARN of an ACM certificate of this Region. @default none: there is HTTP only */
  readonly certificateArn?: string;
  /** Days that access logs are kept. */
  readonly accessLogRetentionDays: number;
  /** Whether AWS refuses to delete the balancer. */
  readonly deletionProtection: boolean;
}

/** What a target group's targets are. */
export interface TargetOptions {
  readonly vpcId: pulumi.Input<string>;
  /** TCP port that they listen on, unless each is registered with one of its own. */
  readonly port: number;
  /** What the balancer asks for: 200 means that a target works. */
  readonly healthCheckPath: string;
  /** Seconds for which requests may go on that a target has when it is taken out. */
  readonly drainSeconds: number;
}

/** A listener of HTTP. */
export const HTTP_LISTENER = { port: 80, protocol: "HTTP" };

/** A listener that leads HTTP to HTTPS. */
export const REDIRECTING_LISTENER = {
  ...HTTP_LISTENER,
  defaultActions: [{ type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } }],
};

/**
 * A listener of HTTPS over TLS 1.3 and 1.2, of the latter only with forward secrecy and authenticated encryption.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
export function httpsListener(certificateArn: string) {
  return { port: 443, protocol: "HTTPS", certificateArn, sslPolicy: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06" };
}

/** A target is out after three checks, 30 s; back after two. */
export const HEALTH_CHECK = {
  protocol: "HTTP",
  matcher: "200",
  interval: 10,
  timeout: 5,
  healthyThreshold: 2,
  unhealthyThreshold: 3,
};

/**
 * When the balancer leaves a zone's address out of DNS, and when it sends requests to unhealthy targets rather than to
 * none. AWS's own numbers, stated because the provider turns the first off if it is not. The balancer sends requests to
 * all zones, so these count the targets of all: shares would say nothing about one zone.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
 */
const TARGET_GROUP_HEALTH = {
  dnsFailover: { minimumHealthyTargetsCount: "1", minimumHealthyTargetsPercentage: "off" },
  unhealthyStateRouting: { minimumHealthyTargetsCount: 1, minimumHealthyTargetsPercentage: "off" },
};

/** How DNS leads to a balancer, and by what it is asked. */
export function entranceTo(
  { dnsName, zoneId }: Pick<aws.lb.LoadBalancer, "dnsName" | "zoneId">,
  { certificateArn }: BalancerOptions,
): Entrance {
  return { dnsName, hostedZoneId: zoneId, protocol: certificateArn === undefined ? "HTTP" : "HTTPS" };
}

/** Rules of a balancer's security group: HTTP in, and HTTPS where there is a certificate; out to its targets only. */
export function balancerRules(
  { allowedCidrBlocks, certificateArn, vpcCidrBlock }: BalancerOptions,
  targets: { readonly fromPort: number; readonly toPort: number; readonly description: string },
): Required<Pick<aws.ec2.SecurityGroupArgs, "ingress" | "egress">> {
  const admit = (port: number, description: string) => ({
    ...{ protocol: "tcp", fromPort: port, toPort: port, description },
    cidrBlocks: [...allowedCidrBlocks],
  });
  return {
    ingress: [admit(80, "HTTP"), ...(certificateArn === undefined ? [] : [admit(443, "HTTPS")])],
    egress: [{ protocol: "tcp", ...targets, cidrBlocks: [vpcCidrBlock] }],
  };
}

/** Arguments of a target group. A slow target gets fewer requests: they go to the one with the fewest in progress. */
export function targetGroupArgs({ drainSeconds, healthCheckPath, port, vpcId }: TargetOptions) {
  return {
    vpcId,
    targetType: "instance",
    protocol: "HTTP",
    port,
    healthCheck: { ...HEALTH_CHECK, path: healthCheckPath },
    deregistrationDelay: drainSeconds,
    loadBalancingAlgorithmType: "least_outstanding_requests",
    targetGroupHealth: TARGET_GROUP_HEALTH,
  };
}

/** Attributes of a balancer: it is ready for zonal shift, and drops headers that its targets could misread. */
export function balancerAttributes({ deletionProtection }: BalancerOptions, accessLogBucket: pulumi.Output<string>) {
  return {
    accessLogs: { enabled: true, bucket: accessLogBucket },
    enableDeletionProtection: deletionProtection,
    enableZonalShift: true,
    dropInvalidHeaderFields: true,
  };
}

/**
 * A bucket for a balancer's access logs. Balancers deliver with S3's own encryption only, and try whether they may when
 * they are made.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 * @returns the bucket's name, once balancers may deliver to it.
 */
export function createAccessLogBucket(
  name: string,
  retentionDays: number,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const { account } = placeOf(parent);
  const { policy } = createLogBucket(
    name,
    {
      retentionDays,
      statements: (bucketArn) => [
        {
          Effect: "Allow",
          Principal: { Service: "logdelivery.elasticloadbalancing.amazonaws.com" },
          Action: "s3:PutObject",
          Resource: pulumi.interpolate`${bucketArn}/AWSLogs/${account}/*`,
        },
      ],
    },
    { parent },
  );
  return policy.bucket;
}
