import * as pulumi from "@pulumi/pulumi";
import { Foundation, StackOutputs } from "../common/foundation";
import { FailoverName, FailoverNameArgs, HEALTH_CHECK_METRICS_REGION } from "./failoverName";
import { RegionHold } from "./regionHold";

/** A public name as configured: it names the tier or cluster behind it. */
export interface FailoverNameConfig extends Pick<FailoverNameArgs, "domainName" | "zoneId" | "healthCheck"> {
  readonly name: string;
  /** Name of a web tier or a service cluster of this stack. */
  readonly target: string;
}

/**
 * A stack's `dnsFailover`: its half of the pair's public names.
 * @throws `pulumi.RunError` if the stack has no partner.
 */
export function deployDnsFailover(
  names: readonly FailoverNameConfig[],
  { connections, partner, topics }: Foundation,
): StackOutputs {
  if (partner === undefined) {
    throw new pulumi.RunError("dnsFailover needs a partner: with one Region there is nowhere to fail over to");
  }
  const hold = new RegionHold("hold", { partnerRegion: partner.region });
  const topicArn = topics.in(HEALTH_CHECK_METRICS_REGION);
  for (const { name, target, ...args } of names) {
    const entrance = connections.entrances.to(target);
    new FailoverName(`${name}-dns`, { ...args, entrance, partner, holdCheckId: hold.healthCheckId, topicArn });
  }
  return { dnsFailover: { names: names.map(({ domainName }) => domainName), ...hold.commands } };
}
