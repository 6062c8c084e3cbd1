import {
  CreateLaunchTemplateCommand,
  DescribeInstancesCommand,
  EC2Client,
  Instance,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "yaml";
import { Clients } from "../endpoint/clients";
import { ROOT } from "../common/paths";

/** What a stack's file says of Outposts. */
export interface OutpostsConfig {
  readonly servers?: Record<string, { readonly outpost?: string; readonly capacity?: Record<string, number> }>;
  readonly pairs?: readonly PairConfig[];
}

export interface PairConfig {
  readonly name: string;
  readonly source: string;
  readonly destination: string;
  readonly applications?: readonly ApplicationConfig[];
}

export interface ApplicationConfig {
  readonly name: string;
  readonly launchTemplate?: { readonly name?: string };
  readonly instanceType?: string;
  readonly count?: number;
  readonly home?: string;
}

/** What a stack's file says of recovery. */
export interface RecoveryConfig {
  readonly instances?: readonly RecoveryInstanceConfig[];
  readonly chat?: { readonly type?: string; readonly secretArn?: string };
  readonly pager?: { readonly type?: string; readonly secretArn?: string; readonly region?: string };
}

export interface RecoveryInstanceConfig {
  readonly name: string;
  readonly tags?: Record<string, string>;
  readonly url?: string;
  readonly healthCheckId?: string;
  readonly ssh?: { readonly host?: string; readonly port?: number };
}

/** The parts of a stack's file that name what must be there before the stack. */
interface StackFile {
  readonly config?: {
    readonly "aws:region"?: string;
    readonly "nplusone:outposts"?: OutpostsConfig;
    readonly "nplusone:recovery"?: RecoveryConfig;
  };
}

/** What the rehearsal reads of a stack's file. */
export interface StackFileParts {
  readonly region: string;
  readonly outposts: OutpostsConfig;
  readonly recovery: RecoveryConfig;
}

/** Reads a stack's file. Whether it is right is for the program to say. */
export async function readStackFile(stack: string): Promise<StackFileParts> {
  const { config } = parse(await readFile(join(ROOT, `Pulumi.${stack}.yaml`), "utf8")) as StackFile;
  return {
    region: config?.["aws:region"] ?? "us-east-1",
    outposts: config?.["nplusone:outposts"] ?? {},
    recovery: config?.["nplusone:recovery"] ?? {},
  };
}

/**
 * Makes what stacks take for granted in a real account: the launch templates, Outposts servers, instances, health checks
 * and secrets that their files name. Whatever a file lacks is passed over.
 */
export async function prepareLandscape(stacks: readonly string[], clients: Clients): Promise<void> {
  const files = await Promise.all(stacks.map(readStackFile));
  await Promise.all(
    files.map(async ({ region, outposts, recovery }) => {
      const ec2 = clients.make(EC2Client, region);
      for (const { launchTemplate, instanceType } of (outposts.pairs ?? []).flatMap((p) => p.applications ?? [])) {
        if (launchTemplate?.name !== undefined) {
          await createLaunchTemplate(ec2, launchTemplate.name, instanceType);
        }
      }
      for (const { tags = {} } of recovery.instances ?? []) {
        await runInstance(ec2, tags);
      }
      for (const { secretArn } of [recovery.chat ?? {}, recovery.pager ?? {}]) {
        if (secretArn !== undefined) {
          await createSecret(clients.make(SecretsManagerClient, region), secretArn);
        }
      }
    }),
  );
  const servers = files.flatMap((f) => Object.values(f.outposts.servers ?? {}));
  await clients.endpoint.setBase({
    outposts: Object.fromEntries(
      servers.map(({ outpost = "", capacity = {} }) => [outpost.split("/").pop() ?? "", Object.keys(capacity)]),
    ),
    healthChecks: Object.fromEntries(
      files.flatMap(({ region, recovery }) =>
        (recovery.instances ?? []).map((i) => [i.healthCheckId ?? "", { healthy: CHECKERS, of: CHECKERS, region }]),
      ),
    ),
  });
}

/** Route 53's checkers of one health check, roughly. */
const CHECKERS = 16;

/** The image of everything that runs before the stack: one that moto knows. */
const IMAGE_ID = "ami-12c6146b";

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

async function createLaunchTemplate(ec2: EC2Client, LaunchTemplateName: string, InstanceType = ""): Promise<void> {
  const LaunchTemplateData = { ImageId: IMAGE_ID, InstanceType: InstanceType as never };
  await unlessThere(ec2.send(new CreateLaunchTemplateCommand({ LaunchTemplateName, LaunchTemplateData })));
}

/** Makes something, and is content if it is there already. */
async function unlessThere(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (error) {
    if (!/already|exists/i.test(String(error))) {
      throw error;
    }
  }
}
