import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { createLogBucket } from "./logBucket";
import { placeOf } from "./place";

/**
 * TLS 1.3 and 1.2, of the latter only with forward secrecy and authenticated encryption.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
 */
export const TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-2021-06";

/** Leads HTTP to HTTPS. */
export const TO_HTTPS = { type: "redirect", redirect: { port: "443", protocol: "HTTPS", statusCode: "HTTP_301" } };

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
export const TARGET_GROUP_HEALTH = {
  dnsFailover: { minimumHealthyTargetsCount: "1", minimumHealthyTargetsPercentage: "off" },
  unhealthyStateRouting: { minimumHealthyTargetsCount: 1, minimumHealthyTargetsPercentage: "off" },
};

/** What a security group admits to a balancer: HTTP, and HTTPS where there is a certificate. */
export function admitted(
  cidrBlocks: readonly string[],
  certificateArn: string | undefined,
): aws.types.input.ec2.SecurityGroupIngress[] {
  const admit = (fromPort: number, description: string) => ({
    ...{ protocol: "tcp", fromPort, toPort: fromPort, description },
    cidrBlocks: [...cidrBlocks],
  });
  return [admit(80, "HTTP"), ...(certificateArn === undefined ? [] : [admit(443, "HTTPS")])];
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
