import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { EC2Client } from "@aws-sdk/client-ec2";
import { Route53Client } from "@aws-sdk/client-route-53";
import { clientConfig } from "../../lambdas/common/clientConfig";
import { checkCpu } from "../../lambdas/recovery/checkCpu";
import { checkHealth } from "../../lambdas/recovery/checkHealth";
import { checkSsh } from "../../lambdas/recovery/checkSsh";
import { checkStatus } from "../../lambdas/recovery/checkStatus";
import { checkUrl } from "../../lambdas/recovery/checkUrl";
import { restartClients, tellClients } from "../../lambdas/recovery/clients";
import { restart } from "../../lambdas/recovery/restart";
import { Chat, Pager, RecoveryTarget, RestartGroup } from "../../lambdas/recovery/settings";
import { asTask } from "../../lambdas/recovery/task";
import { page, report } from "../../lambdas/recovery/tell";
import { Callback, CallbackArgs } from "../common/callback";
import { maxWaitSeconds } from "./definition";
import * as permissions from "./permissions";
import type { Configured, RecoveryWorkflowArgs } from "./recoveryWorkflow";

/** Arguments of `RecoveryFunctions`: those of the workflow, and what it has made so far. */
export interface RecoveryFunctionsArgs extends RecoveryWorkflowArgs {
  /** Name of the state machine, and beginning of the functions' names. */
  readonly machineName: string;
  /** Id of the SSH check's security group. */
  readonly sshSecurityGroupId: pulumi.Input<string>;
}

/** A function of the state machine, with a name that the definition can use before the function is there. */
export interface NamedCallback {
  readonly name: string;
  readonly callback: Callback<unknown>;
}

/** Seconds that a check's function may take: less than its state in the machine. */
const CHECK_SECONDS = 20;

/**
 * The functions of the recovery workflow, each with a role of its own: six that every execution calls, and two for each
 * instance, so that one may ask about one health check and the other restart one instance. Free when idle.
 */
export class RecoveryFunctions extends pulumi.ComponentResource {
  readonly status: NamedCallback;
  readonly url: NamedCallback;
  readonly ssh: NamedCallback;
  readonly cpu: NamedCallback;
  readonly report: NamedCallback;
  readonly page: NamedCallback;
  /** The two functions of each instance, by the instance's name. */
  readonly own: Readonly<Record<string, { readonly healthCheck: NamedCallback; readonly restart: NamedCallback }>>;

  private readonly place: permissions.Place;

  constructor(
    private readonly name: string,
    private readonly args: RecoveryFunctionsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:RecoveryFunctions", name, {}, opts);
    this.place = {
      region: aws.getRegionOutput({}, { parent: this }).region,
      account: aws.getCallerIdentityOutput({}, { parent: this }).accountId,
    };
    this.status = this.createStatus();
    this.url = this.createUrl();
    this.ssh = this.createSsh();
    this.cpu = this.createCpu();
    this.report = this.createReport();
    this.page = this.createPage();
    this.own = Object.fromEntries(
      args.targets.map((target) => [
        target.name,
        { healthCheck: this.createHealthCheck(target), restart: this.createRestart(target) },
      ]),
    );
    this.registerOutputs();
  }

  /** All of them. */
  get all(): NamedCallback[] {
    const { status, url, ssh, cpu, report, page, own } = this;
    return [status, url, ssh, cpu, report, page, ...Object.values(own).flatMap((o) => [o.healthCheck, o.restart])];
  }

  private createStatus(): NamedCallback {
    const settings = this.checkSettings();
    return this.createCallback("status", {
      description: "Reads an instance's EC2 status checks",
      factory: () => {
        const clients = { ec2: new EC2Client(clientConfig()) };
        return asTask((event) => checkStatus(event, settings, clients));
      },
      statements: permissions.STATUS_STATEMENTS,
    });
  }

  private createUrl(): NamedCallback {
    const settings = this.checkSettings();
    return this.createCallback("url", {
      description: "Asks for an instance's URL",
      factory: () => asTask((event) => checkUrl(event, settings)),
      statements: [],
    });
  }

  private createSsh(): NamedCallback {
    const settings = this.checkSettings();
    return this.createCallback("ssh", {
      description: "Waits for the banner of an instance's SSH server",
      factory: () => asTask((event) => checkSsh(event, settings)),
      statements: permissions.sshStatements(this.functionName("ssh"), this.place),
      vpc: { subnetIds: this.args.subnetIds, securityGroupIds: [this.args.sshSecurityGroupId] },
    });
  }

  private createCpu(): NamedCallback {
    const { thresholdPercent, periodSeconds } = this.args.alarm;
    const settings = { ...this.checkSettings(), thresholdPercent, periodSeconds };
    return this.createCallback("cpu", {
      description: "Reads an instance's newest CPUUtilization",
      factory: () => {
        const clients = { cloudWatch: new CloudWatchClient(clientConfig()) };
        return asTask((event) => checkCpu(event, settings, clients));
      },
      statements: permissions.CPU_STATEMENTS,
    });
  }

  private createHealthCheck(target: RecoveryTarget): NamedCallback {
    const settings = this.checkSettings(target);
    return this.createCallback(`${target.name}-health-check`, {
      description: `Asks Route 53's checkers about ${target.name}`,
      factory: () => {
        const clients = { route53: new Route53Client(clientConfig()) };
        return asTask((event) => checkHealth(event, settings, clients));
      },
      statements: permissions.healthStatements(target),
    });
  }

  private createRestart(target: RecoveryTarget): NamedCallback {
    const settings = pulumi.output({
      ...this.checkSettings(target),
      stateTable: this.args.stateTable.tableName,
      cooldownMinutes: this.args.restart.cooldownMinutes,
      maxWaitSeconds: maxWaitSeconds(this.args.restart),
      group: this.groupOf(target),
    });
    return this.createCallback(`${target.name}-restart`, {
      description: `Restarts ${target.name}, once for an outage`,
      factory: () => {
        const resolved = settings.get();
        const clients = restartClients();
        return asTask((event) => restart(event, resolved, clients));
      },
      statements: permissions.restartStatements({
        ...this.place,
        target,
        machineName: this.args.machineName,
        stateTableArn: this.args.stateTable.arn,
      }),
      timeoutSeconds: 30,
    });
  }

  private groupOf({ group }: RecoveryTarget): RestartGroup | undefined {
    if (group === undefined) {
      return undefined;
    }
    const members = this.args.targets.filter((t) => t.group === group);
    return {
      name: group,
      members: Object.fromEntries(members.map((m) => [m.name, m.instanceId])),
      minHealthyPercentage: this.args.groups[group]?.minHealthyPercentage ?? 100,
    };
  }

  private createReport(): NamedCallback {
    const settings = this.tellSettings(this.args.chat);
    return this.createCallback("report", {
      description: "Posts what came of a recovery to the chat",
      factory: () => {
        const resolved = settings.get();
        const clients = tellClients();
        return asTask((event) => report(event, resolved, clients));
      },
      statements: this.tellStatements(this.args.chat, this.args.secretKeyArns.chat),
      timeoutSeconds: 30,
    });
  }

  private createPage(): NamedCallback {
    const settings = this.tellSettings(this.args.pager);
    return this.createCallback("page", {
      description: "Pages about an instance that was not recovered",
      factory: () => {
        const resolved = settings.get();
        const clients = tellClients();
        return asTask((event) => page(event, resolved, clients));
      },
      statements: this.tellStatements(this.args.pager, this.args.secretKeyArns.pager),
      timeoutSeconds: 30,
    });
  }

  private tellSettings<Channel extends Chat | Pager>(channel: Configured<Channel>) {
    return pulumi.output({
      ...this.checkSettings(),
      channel: (channel.type === "sns" ? { ...channel, topicArn: this.args.topicArn } : channel) as Channel,
      stateTable: this.args.stateTable.tableName,
      region: this.place.region,
    });
  }

  private tellStatements(channel: Configured<Chat | Pager>, secretKeyArn: string | undefined) {
    return permissions.tellStatements({
      targets: this.args.targets,
      stateTableArn: this.args.stateTable.arn,
      channel: channel.type === "sns" ? { topicArn: this.args.topicArn } : channel,
      secretKeyArn,
    });
  }

  /** What a function may look at: one instance, or all. Plain data, so that it is serialized as it is. */
  private checkSettings(only?: RecoveryTarget): { targets: Record<string, RecoveryTarget> } {
    const targets = only === undefined ? this.args.targets : [only];
    return { targets: Object.fromEntries(targets.map((t) => [t.name, t])) };
  }

  private functionName(suffix: string): string {
    return `${this.args.machineName}-${suffix}`;
  }

  /** A function of the state machine, with a name that its definition can use before the function is there. */
  private createCallback(suffix: string, args: OwnCallbackArgs): NamedCallback {
    const functionName = this.functionName(suffix);
    const callback = new Callback<unknown>(
      `${this.name}-${suffix}`,
      {
        timeoutSeconds: CHECK_SECONDS,
        ...args,
        functionName,
        synchronous: true,
        kmsKeyArn: this.args.kmsKeyArn,
        alarmTopicArn: this.args.topicArn,
      },
      { parent: this },
    );
    return { name: functionName, callback };
  }
}

type OwnCallbackArgs = Pick<CallbackArgs<unknown>, "description" | "factory" | "statements" | "timeoutSeconds" | "vpc">;
