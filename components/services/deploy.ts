import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { EncryptionKey } from "../common/encryptionKey";
import { Foundation, Partner, StackOutputs } from "../common/foundation";
import { placeOf } from "../common/place";
import { imageNameOf } from "./imageName";
import { Registry } from "./repository";
import { ServiceArgs, ServiceTier, ServiceTierArgs } from "./serviceTier";

/** A service as configured: it names what it uses. */
export interface ServiceConfig extends Omit<ServiceArgs, "connection" | "offerings"> {
  /** Names of what it uses of this stack. @default none */
  readonly database?: string;
  readonly sessionStore?: string;
  readonly userFiles?: string;
  readonly mail?: string;
}

type Derived =
  | keyof Foundation["shared"]
  | "vpcId"
  | "vpcCidrBlock"
  | "zones"
  | "services"
  | "clientSecurityGroupIds"
  | "registry"
  | "pilotLight";

/** A cluster as configured. */
export interface ClusterConfig extends Omit<ServiceTierArgs, Derived> {
  readonly name: string;
  readonly services: readonly ServiceConfig[];
}

/** A stack's `services`: its clusters, whose entrances are made known to what is deployed after them. */
export function deployServices(
  clusters: readonly ClusterConfig[],
  { connections, network, partner, shared }: Foundation,
): StackOutputs {
  const registry = createRegistry(clusters, partner);
  const tiers = clusters.map(({ name, services, ...args }) => {
    const tier = new ServiceTier(name, {
      ...args,
      ...shared,
      vpcId: network.vpcId,
      vpcCidrBlock: network.cidrBlock,
      zones: network.zones,
      services: services.map(({ database, sessionStore, userFiles, mail, ...service }) => ({
        ...service,
        connection: database === undefined ? undefined : connections.databases.to(database),
        offerings: [
          ...(sessionStore === undefined ? [] : [connections.sessionStores.to(sessionStore)]),
          ...(userFiles === undefined ? [] : [connections.userFiles.to(userFiles)]),
          ...(mail === undefined ? [] : [connections.mail.to(mail)]),
        ],
      })),
      clientSecurityGroupIds: services.some((s) => s.database !== undefined || s.sessionStore !== undefined)
        ? [connections.clientGroup(name)]
        : [],
      registry,
      pilotLight: partner?.role === "standby" && partner.mode === "pilot-light",
    });
    if (tier.entrance !== undefined) {
      connections.entrances.offer(name, tier.entrance);
    }
    return { name, tier };
  });
  const urls = tiers.flatMap(({ name, tier: { entrance } }) =>
    entrance === undefined
      ? []
      : [[name, pulumi.interpolate`${entrance.protocol.toLowerCase()}://${entrance.dnsName}/`] as const],
  );
  const lights = tiers.flatMap(({ name, tier: { lightFunctionName } }) =>
    lightFunctionName === undefined ? [] : [[name, lightFunctionName] as const],
  );
  return {
    ...(urls.length === 0 ? {} : { serviceUrls: Object.fromEntries(urls) }),
    ...(lights.length === 0 ? {} : { pilotLights: Object.fromEntries(lights) }),
  };
}

/**
 * Where the stack's images are kept. A primary replicates them to its partner's Region; the standby uses what is there,
 * under names that both know. A registry has one replication configuration: two primaries of one account and Region would
 * overwrite each other's.
 */
function createRegistry(clusters: readonly ClusterConfig[], partner: Partner | undefined): Registry {
  const isStandby = partner?.role === "standby";
  const prefix = `${pulumi.getProject()}/${isStandby ? partner.stack : pulumi.getStack()}`;
  const hasOwnImages = clusters.some(({ services }) =>
    services.some(({ image }) => image === undefined || imageNameOf(image).repository === undefined),
  );
  if (partner === undefined || isStandby || !hasOwnImages) {
    return { prefix, owned: !isStandby };
  }
  const { region } = partner;
  const key = new EncryptionKey("image-replicas", { description: "Images that are replicated to this Region", region });
  const configuration = new aws.ecr.ReplicationConfiguration("images", {
    replicationConfiguration: {
      rules: [
        {
          destinations: [{ region, registryId: placeOf(key).account }],
          repositoryFilters: [{ filter: `${prefix}/`, filterType: "PREFIX_MATCH" }],
        },
      ],
    },
  });
  return { prefix, owned: true, replica: { region, kmsKeyArn: key.arn, configuration } };
}
