import { DescribeInstancesCommand, EC2Client, Instance, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { Clients } from "../../endpoint/clients";
import { World } from "../../endpoint/world";
import { IMAGE_ID, unlessThere } from "../../stacks/making";
import { StackFile } from "../../stacks/stackFiles";

/** Makes the instances and the secrets that a stack's recovery names. */
export async function prepareRecovery(
  { region, config: { recovery } }: StackFile,
  clients: Clients,
): Promise<ReadonlyMap<string, string>> {
  const ec2 = clients.make(EC2Client, region);
  for (const { tags = {} } of recovery?.instances ?? []) {
    await runInstance(ec2, tags);
  }
  for (const channel of [recovery?.chat, recovery?.pager]) {
    if (channel !== undefined && channel.type !== "sns") {
      await createSecret(clients.make(SecretsManagerClient, region), channel.secretArn);
    }
  }
  return new Map();
}

/** Route 53's checkers of one health check, roughly. */
const CHECKERS = 16;

/** The health checks, all of whose checkers are content. */
export function recoveryWorld({ region, config }: StackFile): Partial<World> {
  const well = { healthy: CHECKERS, of: CHECKERS, region };
  return {
    healthChecks: Object.fromEntries((config.recovery?.instances ?? []).map((i) => [i.healthCheckId, well])),
  };
}

/** The instances that run with these tags. */
export async function findInstances(ec2: EC2Client, tags: Readonly<Record<string, string>>): Promise<Instance[]> {
  const { Reservations = [] } = await ec2.send(
    new DescribeInstancesCommand({
      Filters: [
        ...Object.entries(tags).map(([tag, value]) => ({ Name: `tag:${tag}`, Values: [value] })),
        { Name: "instance-state-name", Values: ["running"] },
      ],
    }),
  );
  return Reservations.flatMap((r) => r.Instances ?? []);
}

async function runInstance(ec2: EC2Client, tags: Readonly<Record<string, string>>): Promise<void> {
  if ((await findInstances(ec2, tags)).length === 0) {
    const Tags = Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
    await ec2.send(
      new RunInstancesCommand({
        ImageId: IMAGE_ID,
        InstanceType: "m7g.large",
        MinCount: 1,
        MaxCount: 1,
        Monitoring: { Enabled: true },
        TagSpecifications: [{ ResourceType: "instance", Tags }],
      }),
    );
  }
}

/** A secret whose value is of use to nobody. Its ARN ends in a suffix that AWS has added to the name. */
async function createSecret(secrets: SecretsManagerClient, secretArn: string): Promise<void> {
  const Name = secretArn.split(":secret:")[1]?.replace(/-[^-]{6}$/, "");
  await unlessThere(secrets.send(new CreateSecretCommand({ Name, SecretString: SECRET })));
}

/** The value of every secret of a rehearsal; a webhook's URL, and good enough for a key or a token. */
export const SECRET = "https://hooks.example.com/rehearsal";
