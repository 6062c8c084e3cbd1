import { Foundation, StackOutputs } from "../common/foundation";
import { refuseConfigIfAny } from "../common/problems";
import { lookUpTiers } from "./lookup";
import { WebTier, WebTierArgs } from "./webTier";

/** A tier as configured: it names its database. */
export interface TierConfig extends Omit<
  WebTierArgs,
  keyof Foundation["shared"] | "vpcId" | "vpcCidrBlock" | "zones" | "database" | "clientSecurityGroupIds"
> {
  readonly name: string;
  /** Name of a database of this stack. @default none */
  readonly database?: string;
}

/**
 * A stack's `web`: its tiers.
 * @throws `pulumi.RunError` that lists every image that isn't there or doesn't run on its tier's instance type.
 */
export async function deployWeb(
  tiers: readonly TierConfig[],
  { connections, network, shared }: Foundation,
): Promise<StackOutputs> {
  refuseConfigIfAny(await lookUpTiers(tiers));
  const deployed = tiers.map(({ name, database, ...args }) => {
    const tier = new WebTier(name, {
      ...args,
      ...shared,
      vpcId: network.vpcId,
      vpcCidrBlock: network.cidrBlock,
      zones: network.zones,
      ...(database === undefined
        ? {}
        : { database: connections.databases.to(database), clientSecurityGroupIds: [connections.clientGroup(name)] }),
    });
    connections.entrances.offer(name, tier.entrance);
    return { name, tier };
  });
  const bastions = deployed.flatMap(({ name, tier }) => (tier.bastionIp === undefined ? [] : [[name, tier.bastionIp]]));
  return {
    webUrls: Object.fromEntries(deployed.map(({ name, tier }) => [name, tier.url])),
    ...(bastions.length === 0 ? {} : { bastionIps: Object.fromEntries(bastions) as Record<string, unknown> }),
  };
}
