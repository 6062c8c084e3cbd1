import * as pulumi from "@pulumi/pulumi";
import { Foundation, StackOutputs } from "../common/foundation";
import { SessionStore } from "./sessionStore";
import { SessionStoreArgs } from "./sessionStoreArgs";
import { StoreEvents } from "./storeEvents";

type Derived = "userId" | "vpcId" | "subnetIds" | "clientGroupIds" | "kmsKeyArn" | "topicArn" | "eventTopicArn";

/** A session store as configured: it names the clusters and tiers that may reach it. */
export interface SessionStoreConfig extends Omit<SessionStoreArgs, Derived> {
  readonly name: string;
  /** Names of the clusters and tiers that may connect. */
  readonly tiers: readonly string[];
}

/** The session stores of a stack, made known to what is deployed after them. */
export function deploySessionStores(
  configs: readonly SessionStoreConfig[],
  { network, shared, connections }: Foundation,
): StackOutputs {
  const events = new StoreEvents("session-store-events", shared);
  const hosts = configs.map(({ name, tiers, ...config }) => {
    const store = new SessionStore(name, {
      ...config,
      userId: `${pulumi.getStack()}-${name}`.toLowerCase(),
      vpcId: network.vpcId,
      subnetIds: Object.fromEntries(network.zones.map((z) => [z.availabilityZone, z.isolatedSubnetId])),
      clientGroupIds: Object.fromEntries(tiers.map((tier) => [tier, connections.clientGroup(tier)])),
      kmsKeyArn: shared.kmsKeyArn,
      topicArn: shared.topicArn,
      eventTopicArn: events.topicArn,
    });
    connections.sessionStores.offer(name, store.offering);
    return [name, store.host] as const;
  });
  return { sessionStoreHosts: Object.fromEntries(hosts) };
}
