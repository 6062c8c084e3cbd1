import {
  AttachInstancesCommand,
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DetachInstancesCommand,
} from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { DeleteItemCommand, DynamoDBClient, ListTablesCommand, ScanCommand } from "@aws-sdk/client-dynamodb";
import { DeleteTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { describeAlarms } from "../alarms";
import { Clients } from "../../endpoint/clients";
import { Received } from "../../endpoint/internet";
import { World } from "../../endpoint/world";
import { deployedStack, RecoveryConfig, RecoveryInstanceConfig } from "../../stacks/stackFiles";
import { findInstance } from "./landscape";

/** A configured instance as AWS knows it. */
export interface RecoveryInstance {
  readonly name: string;
  readonly instanceId: string;
  readonly availabilityZone: string;
  /** Name of the alarm on its CPU. */
  readonly alarm: string;
  /** The host of its URL. */
  readonly urlHost: string;
  readonly healthCheckId: string;
  /** Name of the group that it shares its work with, if any. */
  readonly group: string | undefined;
  /** Where its SSH server is: `host:port`. */
  readonly sshHost: string;
}

/** Percent of CPU of an instance that is well, and of one that is not, whatever threshold is configured. */
const CPU_WELL = 0;
const CPU_PEGGED = 100;

/** A stack's recovery workflow and its instances, as the AWS APIs know them. */
export class RecoveryWorld {
  private constructor(
    private readonly region: string,
    private readonly clients: Clients,
    private readonly config: RecoveryConfig,
    readonly instances: readonly RecoveryInstance[],
  ) {}

  static async find(stack: string, clients: Clients): Promise<RecoveryWorld> {
    const {
      region,
      config: { recovery },
    } = await deployedStack(stack);
    const alarms = await describeAlarms(clients.make(CloudWatchClient, region), "recovery-");
    const describe = async (config: RecoveryInstanceConfig): Promise<RecoveryInstance> => {
      const instance = await findInstance(clients.make(EC2Client, region), config);
      const instanceId = instance?.InstanceId ?? "";
      return {
        name: config.name,
        instanceId,
        availabilityZone: instance?.Placement?.AvailabilityZone ?? "",
        alarm: alarms.find((a) => a.Dimensions?.some((d) => d.Value === instanceId))?.AlarmName ?? "",
        urlHost: new URL(config.url).host,
        healthCheckId: config.healthCheckId,
        group: config.group,
        sshHost: `${config.ssh.host ?? instance?.PrivateIpAddress}:${config.ssh.port}`,
      };
    };
    if (recovery === undefined) {
      throw new Error(`${stack} has no nplusone:recovery`);
    }
    return new RecoveryWorld(region, clients, recovery, await Promise.all(recovery.instances.map(describe)));
  }

  get chat(): RecoveryConfig["chat"] {
    return this.config.chat;
  }

  get pager(): RecoveryConfig["pager"] {
    return this.config.pager;
  }

  /** Seconds in which a restarted instance has to pass its checks. */
  get deadlineSeconds(): number {
    return this.config.restart.deadlineSeconds;
  }

  /** The host that chat messages go to. */
  get chatHost(): string {
    return this.chat.type === "slack" ? "slack.com" : "hooks.example.com";
  }

  /** The host that pages go to. */
  get pagerHost(): string {
    const eu = this.pager.type !== "sns" && this.pager.region === "eu" ? ".eu" : "";
    return this.pager.type === "opsgenie" ? `api${eu}.opsgenie.com` : `events${eu}.pagerduty.com`;
  }

  /** A world in which all instances are well but for what is said. */
  world(over: Partial<World> = {}): Partial<World> {
    const cpu = Object.fromEntries(this.instances.map((i) => [i.instanceId, CPU_WELL]));
    return { ...over, cpu: { ...cpu, ...over.cpu } };
  }

  /** A world in which an instance is pegged, and its URL answers with an error. */
  failing({ instanceId, urlHost }: RecoveryInstance, over: Partial<World> = {}): Partial<World> {
    const cpu = { [instanceId]: CPU_PEGGED };
    return this.world({ ...over, cpu, internet: { [urlHost]: { status: 503 }, ...over.internet } });
  }

  /** What undoes `failing`. */
  healed({ instanceId, urlHost }: RecoveryInstance): Partial<World> {
    return { cpu: { [instanceId]: CPU_WELL }, internet: { [urlHost]: { status: 200 } } };
  }

  /** Time passes: what earlier drills did is forgotten. */
  async forget(): Promise<void> {
    const dynamoDb = this.clients.make(DynamoDBClient, this.region);
    const { TableNames = [] } = await dynamoDb.send(new ListTablesCommand({}));
    const TableName = TableNames.find((name) => name.startsWith("state-"));
    const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName }));
    for (const { system = { S: "" }, subject = { S: "" } } of Items) {
      if (system.S?.startsWith("recovery")) {
        await dynamoDb.send(new DeleteItemCommand({ TableName, Key: { system, subject } }));
      }
    }
  }

  /** Makes an instance a member of an Auto Scaling group, while something is done. */
  async asGroupMember(instance: RecoveryInstance, group: string, during: () => Promise<void>): Promise<void> {
    const autoScaling = this.clients.make(AutoScalingClient, this.region);
    const membership = { AutoScalingGroupName: group, InstanceIds: [instance.instanceId] };
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: group,
        InstanceId: instance.instanceId,
        MinSize: 0,
        MaxSize: 1,
        DesiredCapacity: 0,
        AvailabilityZones: [instance.availabilityZone],
      }),
    );
    await autoScaling.send(new AttachInstancesCommand(membership));
    try {
      await during();
    } finally {
      await autoScaling.send(new DetachInstancesCommand({ ...membership, ShouldDecrementDesiredCapacity: true }));
      await autoScaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: group, ForceDelete: true }));
      // AWS takes its tag off with the membership; moto doesn't.
      await this.clients
        .make(EC2Client, this.region)
        .send(
          new DeleteTagsCommand({ Resources: [instance.instanceId], Tags: [{ Key: "aws:autoscaling:groupName" }] }),
        );
    }
  }
}

/** The texts of messages to a chat, of whatever type. */
export function chatTexts(received: readonly Received[], world: RecoveryWorld): string[] {
  return received
    .filter((r) => r.host === world.chatHost)
    .map((r) => {
      const { title = "", text = "" } = JSON.parse(r.body) as { title?: string; text?: string };
      return `${title}\n${text}`;
    });
}

/** What a page says, of whatever type it is. */
export interface Page {
  readonly alias: string;
  readonly title: string;
  readonly text: string;
}

/** The pages that a pager got. */
export function pages(received: readonly Received[], world: RecoveryWorld): Page[] {
  return received
    .filter((r) => r.host === world.pagerHost)
    .map((r) => {
      const body = JSON.parse(r.body) as {
        alias?: string;
        message?: string;
        description?: string;
        dedup_key?: string;
        payload?: { summary?: string; custom_details?: { text?: string } };
      };
      return {
        alias: body.alias ?? body.dedup_key ?? "",
        title: body.message ?? body.payload?.summary ?? "",
        text: body.description ?? body.payload?.custom_details?.text ?? "",
      };
    });
}
