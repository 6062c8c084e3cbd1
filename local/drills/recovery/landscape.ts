import { DescribeInstancesCommand, EC2Client, Filter, Instance, RunInstancesCommand, Tag } from "@aws-sdk/client-ec2";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { ACCOUNT } from "../../emulators/emulators";
import { Clients } from "../../endpoint/clients";
import { World } from "../../endpoint/world";
import { IMAGE_ID, standsFor, subnetFor, unlessThere } from "../../stacks/making";
import { RecoveryInstanceConfig, StackFile } from "../../stacks/stackFiles";

/** Makes the instances, subnets and secrets that a stack's recovery names. */
export async function prepareRecovery(
  { region, config: { recovery } }: StackFile,
  clients: Clients,
): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  if (recovery === undefined) {
    return ids;
  }
  const ec2 = clients.make(EC2Client, region);
  for (const { instanceId, tags = {} } of recovery.instances) {
    const own = instanceId === undefined ? tagList(tags) : standsFor(instanceId);
    ids.set(instanceId ?? "", (await running(ec2, taggedWith(own)))?.InstanceId ?? (await runInstance(ec2, own)));
  }
  for (const id of recovery.subnetIds) {
    ids.set(id, await subnetFor(ec2, id));
  }
  for (const channel of [recovery.chat, recovery.pager]) {
    if (channel.type !== "sns") {
      ids.set(channel.secretArn, await makeSecret(clients, channel.secretArn));
    }
  }
  return ids;
}

const tagList = (tags: Readonly<Record<string, string>>): Tag[] =>
  Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));

/** Route 53's checkers of one health check, roughly. */
const CHECKERS = 16;

/** The health checks, all of whose checkers are content. */
export function recoveryWorld({ region, config }: StackFile): Partial<World> {
  const well = { healthy: CHECKERS, of: CHECKERS, region };
  return {
    healthChecks: Object.fromEntries((config.recovery?.instances ?? []).map((i) => [i.healthCheckId, well])),
  };
}

/** An instance that a stack's file names by id or tags, if it runs. */
export function findInstance(
  ec2: EC2Client,
  { instanceId, tags = {} }: Pick<RecoveryInstanceConfig, "instanceId" | "tags">,
): Promise<Instance | undefined> {
  return running(
    ec2,
    instanceId === undefined ? taggedWith(tagList(tags)) : [{ Name: "instance-id", Values: [instanceId] }],
  );
}

const taggedWith = (tags: readonly Tag[]): Filter[] =>
  tags.map(({ Key, Value = "" }) => ({ Name: `tag:${Key}`, Values: [Value] }));

async function running(ec2: EC2Client, filters: readonly Filter[]): Promise<Instance | undefined> {
  const Filters = [...filters, { Name: "instance-state-name", Values: ["running"] }];
  const { Reservations = [] } = await ec2.send(new DescribeInstancesCommand({ Filters }));
  return Reservations[0]?.Instances?.[0];
}

async function runInstance(ec2: EC2Client, Tags: Tag[]): Promise<string> {
  const { Instances = [] } = await ec2.send(
    new RunInstancesCommand({
      ImageId: IMAGE_ID,
      InstanceType: "m7g.large",
      MinCount: 1,
      MaxCount: 1,
      Monitoring: { Enabled: true },
      TagSpecifications: [{ ResourceType: "instance", Tags }],
    }),
  );
  return Instances[0]?.InstanceId ?? "";
}

/**
 * A secret of the same name, in the Region of its ARN and the rehearsal's account. Returns an ARN as the file has it, with
 * the suffix that AWS adds to the name or without.
 */
async function makeSecret(clients: Clients, secretArn: string): Promise<string> {
  const [before = "", Name = ""] = secretArn.replace(/-[A-Za-z0-9]{6}$/, "").split(":secret:");
  const [arn, partition, service, region = ""] = before.split(":");
  const secrets = clients.make(SecretsManagerClient, region);
  await unlessThere(secrets.send(new CreateSecretCommand({ Name, SecretString: SECRET })));
  return [arn, partition, service, region, ACCOUNT, "secret", Name].join(":");
}

/** The value of every secret of a rehearsal; a webhook's URL, and good enough for a key or a token. */
export const SECRET = "https://hooks.example.com/rehearsal";
