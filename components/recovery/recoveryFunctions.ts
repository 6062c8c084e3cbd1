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
import { pageSomebody } from "../../lambdas/recovery/pageSomebody";
import { reportOutcome } from "../../lambdas/recovery/reportOutcome";
import { restart } from "../../lambdas/recovery/restart";
import { Chat, Pager, RecoveryTarget, RestartGroup } from "../../lambdas/recovery/settings";
import { asTask } from "../../lambdas/recovery/task";
import { Callback, CallbackArgs } from "../common/callback";
import { CallbackTrigger } from "../common/callbackTrigger";
import { EventCallback } from "../common/eventCallback";
import { Place, placeOf } from "../common/place";
import { maxWaitSeconds } from "./definition";
import * as permissions from "./permissions";
import { Configured, RecoveryWorkflowArgs } from "./workflowArgs";

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
  readonly callback: Callback | EventCallback;
}

/** Seconds that a check's function may take: less than its state in the machine. */
const CHECK_SECONDS = 20;

/**
 * The functions of the recovery workflow, each with a role of its own: six that every execution calls, and two for each
 * instance, so that one may ask about one health check and the other restart one instance. $0.10 a month when idle: the alarm on
 * the dead letters of the SSH check's daily run.
 *
 * @example
 * new RecoveryFunctions("recovery", { ...workflowArgs, machineName: "prod-recovery", sshSecurityGroupId: group.id });
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

  private readonly place: Place;

  constructor(
    private readonly name: string,
    private readonly args: RecoveryFunctionsArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:RecoveryFunctions", name, {}, opts);
    this.place = placeOf(this);
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
    return this.createCallback("status", {
      description: "Reads an instance's EC2 status checks",
      settings: this.checkSettings(),
      clients: () => ({ ec2: new EC2Client(clientConfig()) }),
      handler: asTask(checkStatus),
      statements: permissions.STATUS_STATEMENTS,
    });
  }

  private createUrl(): NamedCallback {
    return this.createCallback("url", {
      description: "Asks for an instance's URL",
      settings: this.checkSettings(),
      clients: () => ({}),
      handler: asTask(checkUrl),
      statements: [],
    });
  }

  /** The one function in a VPC. It is run daily, since Lambda takes the interfaces of one that is idle for weeks. */
  private createSsh(): NamedCallback {
    const functionName = this.functionName("ssh");
    const callback = new EventCallback(
      `${this.name}-ssh`,
      {
        description: "Waits for the banner of an instance's SSH server",
        settings: this.checkSettings(),
        clients: () => ({}),
        handler: asTask(checkSsh),
        statements: permissions.sshStatements(functionName, this.place),
        vpc: { subnetIds: this.args.subnetIds, securityGroupIds: [this.args.sshSecurityGroupId] },
        timeoutSeconds: CHECK_SECONDS,
        functionName,
        kmsKeyArn: this.args.kmsKeyArn,
        alarmTopicArn: this.args.topicArn,
      },
      { parent: this },
    );
    new CallbackTrigger(
      `${this.name}-ssh-daily`,
      {
        description: "Keeps the SSH check attached to the VPC",
        callback,
        scheduleExpression: "rate(1 day)",
        input: { target: this.args.targets[0]?.name },
      },
      { parent: this },
    );
    return { name: functionName, callback };
  }

  private createCpu(): NamedCallback {
    const { thresholdPercent, periodSeconds } = this.args.alarm;
    return this.createCallback("cpu", {
      description: "Reads an instance's newest CPUUtilization",
      settings: { ...this.checkSettings(), thresholdPercent, periodSeconds },
      clients: () => ({ cloudWatch: new CloudWatchClient(clientConfig()) }),
      handler: asTask(checkCpu),
      statements: permissions.CPU_STATEMENTS,
    });
  }

  private createHealthCheck(target: RecoveryTarget): NamedCallback {
    return this.createCallback(`${target.name}-health-check`, {
      description: `Asks Route 53's checkers about ${target.name}`,
      settings: this.checkSettings(target),
      clients: () => ({ route53: new Route53Client(clientConfig()) }),
      handler: asTask(checkHealth),
      statements: permissions.healthStatements(target, this.place),
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
      settings,
      clients: restartClients,
      handler: asTask(restart),
      statements: permissions.restartStatements({
        place: this.place,
        target,
        machineName: this.args.machineName,
        stateTable: this.args.stateTable,
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
    return this.createCallback("report", {
      description: "Posts what came of a recovery to the chat",
      settings: this.tellSettings(this.args.chat),
      clients: tellClients,
      handler: asTask(reportOutcome),
      statements: this.tellStatements(this.args.chat, this.args.secretKeyArns.chat),
      timeoutSeconds: 30,
    });
  }

  private createPage(): NamedCallback {
    return this.createCallback("page", {
      description: "Pages about an instance that was not recovered",
      settings: this.tellSettings(this.args.pager),
      clients: tellClients,
      handler: asTask(pageSomebody),
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
      stateTable: this.args.stateTable,
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
  private createCallback<Settings, Clients>(suffix: string, args: OwnCallbackArgs<Settings, Clients>): NamedCallback {
    const functionName = this.functionName(suffix);
    const callback = new Callback(
      `${this.name}-${suffix}`,
      {
        timeoutSeconds: CHECK_SECONDS,
        ...args,
        functionName,
        kmsKeyArn: this.args.kmsKeyArn,
      },
      { parent: this },
    );
    return { name: functionName, callback };
  }
}

type OwnCallbackArgs<Settings, Clients> = Omit<CallbackArgs<unknown, Settings, Clients>, "functionName" | "kmsKeyArn">;
