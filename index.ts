import * as aws from "@pulumi/aws";
import { EncryptionKey } from "./components/common/encryptionKey";
import { HaGateway } from "./components/gateway/haGateway";
import { ManagementTrail } from "./components/common/managementTrail";
import { MetricsSink } from "./components/outposts/metricsSink";
import { Network } from "./components/network/network";
import { Notifications } from "./components/common/notifications";
import { StateTable } from "./components/common/stateTable";
import { OutpostRelaunchPair } from "./components/outposts/outpostRelaunchPair";
import { OutpostServer } from "./components/outposts/outpostServer";
import { RecoveryWorkflow } from "./components/recovery/recoveryWorkflow";
import { tagEverything } from "./components/common/stackTags";
import { LoadedConfig, loadConfig, StackConfig } from "./config";
import { repository, version } from "./package.json";

/** The program of every stack: configuration in, components wired, stack outputs out. */
async function program(): Promise<Record<string, unknown>> {
  const config = await loadConfig();
  if (config.network === undefined || config.notifications === undefined) {
    return {};
  }

  tagEverything({ version, repositoryUrl: repository.url });
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

  const recovery = config.recovery && deployRecovery(config.recovery, network, { ...shared, topicArn, stateTable });

  return {
    vpcId: network.vpcId,
    topicArn,
    gatewayPublicIps: gateway?.publicIps,
    recoverySshSecurityGroupId: recovery?.sshCheckSecurityGroupId,
  };
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

function deployRecovery(
  config: NonNullable<LoadedConfig["recovery"]>,
  network: Network,
  shared: Shared,
): RecoveryWorkflow {
  const { subnetIds, ...args } = config;
  return new RecoveryWorkflow("recovery", {
    ...args,
    ...shared,
    ...(subnetIds.length > 0
      ? { subnetIds, vpcId: aws.ec2.getSubnetOutput({ id: subnetIds[0] }).vpcId }
      : { subnetIds: network.zones.map((z) => z.privateSubnetId), vpcId: network.vpcId }),
  });
}

export = program;
