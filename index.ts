import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Connections } from "./components/common/connections";
import { EncryptionKey } from "./components/common/encryptionKey";
import { Foundation, StackOutputs } from "./components/common/foundation";
import { Notifications } from "./components/common/notifications";
import { repositoryUrl } from "./components/common/repository";
import { tagEverything } from "./components/common/stackTags";
import { StateTable } from "./components/common/stateTable";
import { Topics } from "./components/common/topics";
import { Network } from "./components/network/network";
import * as systems from "./components/systems";
import { loadConfig, StackConfig } from "./config";
import { ReadStackFile } from "./config/stackFile";
import { version } from "./package.json";

/**
 * The program of every stack: configuration in, foundation and systems wired, stack outputs out.
 * @param readStackFile finds the partner's file, where that isn't beside Pulumi.yaml
 */
async function program(readStackFile?: ReadStackFile): Promise<StackOutputs> {
  const config = loadConfig(readStackFile);
  const { network, notifications, partner, tags } = config;
  if (network === undefined || notifications === undefined) {
    return {};
  }
  tagEverything({ version, ...repositoryUrl(__dirname), ...tags });
  const foundation = layFoundation(network, notifications, partner);
  const outputs = await deployAll(config, foundation);
  return { vpcId: foundation.network.vpcId, topicArn: foundation.shared.topicArn, ...outputs };
}

/** What every system stands on: a network, a key, a topic and a table. */
function layFoundation(
  network: NonNullable<StackConfig["network"]>,
  notifications: NonNullable<StackConfig["notifications"]>,
  partner: StackConfig["partner"],
): Foundation {
  const key = new EncryptionKey("main", { description: "Everything that nplusone encrypts in this stack" });
  const kmsKeyArn = key.arn;
  const net = new Network("net", { ...network, kmsKeyArn });
  const { topicArn } = new Notifications("notifications", { ...notifications, kmsKeyArn });
  return {
    network: net,
    connections: new Connections(net.vpcId),
    partner,
    topics: new Topics({ region: aws.config.region, topicArn }, notifications.emails),
    shared: {
      kmsKeyArn,
      topicArn,
      stateTable: new StateTable("state", { kmsKeyArn }),
    },
  };
}

type Systems = {
  readonly [Name in keyof typeof systems]: (
    config: NonNullable<StackConfig[Name]>,
    foundation: Foundation,
  ) => StackOutputs | Promise<StackOutputs>;
};
const SYSTEMS: Systems = systems;

/**
 * Deploys the systems that are configured, in the order of components/systems.ts. One that can't be, because AWS lacks
 * what its configuration names, doesn't keep the others from being registered: the error comes last.
 */
async function deployAll(config: StackConfig, foundation: Foundation): Promise<StackOutputs> {
  const failed: unknown[] = [];
  let outputs: StackOutputs = {};
  for (const name of Object.keys(SYSTEMS) as (keyof Systems)[]) {
    try {
      outputs = { ...outputs, ...(await deploy(name, config, foundation)) };
    } catch (error) {
      failed.push(error);
    }
  }
  if (failed.length > 1) {
    throw new pulumi.RunError(failed.map(String).join("\n"));
  }
  if (failed.length > 0) {
    throw failed[0];
  }
  return outputs;
}

async function deploy<Name extends keyof Systems>(
  name: Name,
  config: StackConfig,
  foundation: Foundation,
): Promise<StackOutputs> {
  const own = config[name];
  return own === undefined ? {} : SYSTEMS[name](own, foundation);
}

export = program;
