import { EncryptionKey } from "./components/encryptionKey";
import { HaGateway } from "./components/haGateway";
import { ManagementTrail } from "./components/managementTrail";
import { MetricsSink } from "./components/metricsSink";
import { Network } from "./components/network";
import { Notifications } from "./components/notifications";
import { StateTable } from "./components/stateTable";
import { OutpostRelaunchPair } from "./components/outpostRelaunchPair";
import { OutpostServer } from "./components/outpostServer";
import { loadConfig, StackConfig } from "./config";

/** The program of every stack: configuration in, components wired, stack outputs out. */
async function program(): Promise<Record<string, unknown>> {
  const config = loadConfig();
  if (config.network === undefined || config.notifications === undefined) {
    return {};
  }

  const key = new EncryptionKey("main", { description: "Everything that nplusone encrypts in this stack" });
  const shared = { kmsKeyArn: key.arn };
  const network = new Network("net", { ...config.network, ...shared });
  const notifications = new Notifications("notifications", { ...config.notifications, ...shared });
  const topicArn = notifications.topicArn;
  const stateTable = new StateTable("state", shared);

  const gateway = config.gateway && deployGateway(config.gateway, network, { ...shared, topicArn, stateTable });
  if (config.outposts) {
    deployOutposts(config.outposts, network, { ...shared, topicArn, stateTable });
  }

  return { vpcId: network.vpcId, topicArn, gatewayPublicIps: gateway?.publicIps };
}

type Shared = Pick<ConstructorParameters<typeof HaGateway>[1], "kmsKeyArn" | "topicArn" | "stateTable">;

function deployGateway(config: NonNullable<StackConfig["gateway"]>, network: Network, shared: Shared): HaGateway {
  const { cloudTrail, ...args } = config;
  if (cloudTrail === "create") {
    new ManagementTrail("management", { kmsKeyArn: shared.kmsKeyArn });
  }
  const zones = network.zones.map((zone) => ({ ...zone, routeTableIds: [zone.privateRouteTableId] }));
  return new HaGateway("gateway", {
    ...args,
    ...shared,
    vpcId: network.vpcId,
    vpcCidrBlock: network.cidrBlock,
    zones,
  });
}

function deployOutposts(config: NonNullable<StackConfig["outposts"]>, network: Network, shared: Shared): void {
  const servers = new Map(
    Object.entries(config.servers).map(([name, server]) => [
      name,
      new OutpostServer(name, { ...server, vpcId: network.vpcId }),
    ]),
  );
  for (const { name, source, destination, ...args } of config.pairs) {
    const sides = { source: servers.get(source), destination: servers.get(destination) };
    new OutpostRelaunchPair(name, { ...args, ...shared, ...(sides as Record<keyof typeof sides, OutpostServer>) });
  }
  const ownerAccountIds = [...new Set(config.pairs.flatMap((pair) => pair.ownerAccountId ?? []))];
  if (ownerAccountIds.length > 0) {
    new MetricsSink("outposts", { ownerAccountIds });
  }
}

export = program;
