import * as aws from "@pulumi/aws";
import { Chat, Pager, RecoveryTarget } from "../../lambdas/recovery/settings";
import { ConfigProblem } from "../common/problems";
import { CpuAlarm } from "./recoveryTrigger";
import { Configured } from "./workflowArgs";

/** What a stack's `recovery` names, and AWS has to have. */
export interface RecoveryNames {
  readonly instances: readonly NamedInstance[];
  readonly alarm: CpuAlarm;
  readonly chat: Configured<Chat>;
  readonly pager: Configured<Pager>;
}

/** An instance to look after: its id, or the tags that it alone has in the Region. */
export interface NamedInstance extends Omit<RecoveryTarget, "instanceId" | "ssh"> {
  readonly instanceId?: string;
  readonly tags?: Record<string, string>;
  readonly ssh: {
    /** Without: the instance's private address. */
    readonly host?: string;
    readonly port: number;
  };
}

type Problem = (path: (string | number)[], message: string) => void;

/** What AWS says about the things that a stack's `recovery` names. */
export interface RecoveryLookup {
  readonly targets: readonly RecoveryTarget[];
  /** The channels with the full ARNs of their secrets. */
  readonly chat: Configured<Chat>;
  readonly pager: Configured<Pager>;
  /** ARNs of the KMS keys of the channels' secrets. @default AWS's own key, which needs no permission */
  readonly secretKeyArns: { readonly chat: string | undefined; readonly pager: string | undefined };
  /** What is not there, or not as it has to be. */
  readonly problems: readonly ConfigProblem[];
}

/** CloudWatch has data of shorter periods only of instances with detailed monitoring. Seconds. */
const BASIC_PERIOD_SECONDS = 300;
/** Health checks that have no checkers of their own to ask. */
const WITHOUT_CHECKERS = ["CALCULATED", "CLOUDWATCH_METRIC", "RECOVERY_CONTROL"];

/** Looks up in AWS, before anything of the workflow is registered, what the configuration names. Never throws. */
export async function lookUpRecovery(config: RecoveryNames): Promise<RecoveryLookup> {
  const problems: ConfigProblem[] = [];
  const problem: Problem = (path, message) => problems.push({ path: ["recovery", ...path], message });
  const [targets, chat, pager] = await Promise.all([
    Promise.all(
      config.instances.map(async (instance, i) => {
        const at: Problem = (path, message) => problem(["instances", i, ...path], message);
        const [found] = await Promise.all([findInstance(instance, config, at), checkHealthCheck(instance, at)]);
        return found;
      }),
    ),
    findSecret(config.chat, (path, message) => problem(["chat", ...path], message)),
    findSecret(config.pager, (path, message) => problem(["pager", ...path], message)),
  ]);
  return {
    targets: targets.filter((t) => t !== undefined),
    chat: chat.channel,
    pager: pager.channel,
    secretKeyArns: { chat: chat.secretKeyArn, pager: pager.secretKeyArn },
    problems,
  };
}

async function findInstance(
  instance: NamedInstance,
  { alarm }: RecoveryNames,
  problem: Problem,
): Promise<RecoveryTarget | undefined> {
  const [property, named] =
    instance.instanceId === undefined ? ["tags", JSON.stringify(instance.tags)] : ["instanceId", instance.instanceId];
  try {
    const { ids } = await aws.ec2.getInstances({
      instanceStateNames: ["pending", "running", "stopping", "stopped"],
      ...(instance.instanceId === undefined
        ? { instanceTags: instance.tags }
        : { filters: [{ name: "instance-id", values: [instance.instanceId] }] }),
    });
    const [instanceId] = ids;
    if (instanceId === undefined || ids.length > 1) {
      problem([property], `expected exactly one instance in this Region, but ${ids.length} have ${named}`);
      return undefined;
    }
    const { monitoring, privateIp } = await aws.ec2.getInstance({ instanceId });
    if (!monitoring && alarm.periodSeconds < BASIC_PERIOD_SECONDS) {
      const turnOn = `aws ec2 monitor-instances --instance-ids ${instanceId}`;
      const message = `expected detailed monitoring for periods of ${alarm.periodSeconds} s: run \`${turnOn}\`, or set alarm.periodSeconds to 300`;
      problem([property], message);
    }
    const { instanceId: _id, tags: _tags, ssh, ...target } = instance;
    return { ...target, instanceId, ssh: { host: ssh.host ?? privateIp, port: ssh.port } };
  } catch (error) {
    problem([property], `${named} can't be looked up: ${reasonOf(error)}`);
    return undefined;
  }
}

async function checkHealthCheck({ healthCheckId }: NamedInstance, problem: Problem): Promise<void> {
  try {
    const { properties } = await aws.cloudcontrol.getResource({
      typeName: "AWS::Route53::HealthCheck",
      identifier: healthCheckId,
    });
    const { HealthCheckConfig } = JSON.parse(properties) as { HealthCheckConfig?: { Type?: string } };
    const type = HealthCheckConfig?.Type ?? "";
    if (WITHOUT_CHECKERS.includes(type)) {
      problem(["healthCheckId"], `expected a health check with checkers of its own, but ${healthCheckId} is ${type}`);
    }
  } catch (error) {
    problem(["healthCheckId"], `expected a Route 53 health check that exists: ${reasonOf(error)}`);
  }
}

/** A channel with the full ARN of its secret (it may be given without the suffix that AWS adds), and its key, if any. */
async function findSecret<Channel extends Configured<Chat> | Configured<Pager>>(
  channel: Channel,
  problem: Problem,
): Promise<{ channel: Channel; secretKeyArn: string | undefined }> {
  if (channel.type === "sns") {
    return { channel, secretKeyArn: undefined };
  }
  try {
    const { arn: secretArn, kmsKeyId } = await aws.secretsmanager.getSecret({ arn: channel.secretArn });
    const secretKeyArn = kmsKeyId ? (await aws.kms.getKey({ keyId: kmsKeyId })).arn : undefined;
    return { channel: { ...channel, secretArn }, secretKeyArn };
  } catch (error) {
    problem(["secretArn"], `expected a secret that exists: ${reasonOf(error)}`);
    return { channel, secretKeyArn: undefined };
  }
}

/** What AWS or the provider said, in one line. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const lines = message.replace(/^invocation of .* (returned an error|failed): ?/i, "").split("\n");
  return lines.find((line) => line.trim() !== "") ?? "no reason was given";
}
