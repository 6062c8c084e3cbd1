import * as pulumi from "@pulumi/pulumi";
import { relaunchClients } from "../../lambdas/outposts/clients";
import { RUN_SECONDS } from "../../lambdas/outposts/memory";
import { reconcile } from "../../lambdas/outposts/reconcile";
import { RelaunchSettings } from "../../lambdas/outposts/settings";
import { alarmStatePattern } from "../common/alarmStatePattern";
import { CallbackTrigger } from "../common/callbackTrigger";
import { EventCallback } from "../common/eventCallback";
import { placeOf } from "../common/place";
import { StateTable } from "../common/stateTable";
import { LaunchTemplate } from "./launchTemplate";
import { OutpostServer } from "./outpostServer";
import { relaunchStatements } from "./permissions";

/** One application: a launch template of which so many instances must run. */
export interface RelaunchApplication {
  readonly name: string;
  /** The version of a launch template that it is relaunched from, as `lookUpLaunchTemplate` finds it. */
  readonly launchTemplate: LaunchTemplate;
  /** The type that it is relaunched as; the destination has to offer it. */
  readonly instanceType: string;
  /** How many instances must run. */
  readonly count: number;
  /** The destination's subnet. @default the destination's first */
  readonly destinationSubnetId?: string;
  /** Target groups (of instances) whose members are moved. */
  readonly targetGroupArns: readonly string[];
  /** Launched in ascending order when there is not room for all. */
  readonly priority: number;
}

/** The length and number of data of an alarm on `ConnectedStatus`. */
export interface ConnectionAlarm {
  /** Seconds of one datum. */
  readonly periodSeconds: number;
  /** How many data in a row must be below 1. */
  readonly evaluationPeriods: number;
}

/** Arguments of `OutpostRelaunch`. */
export interface OutpostRelaunchArgs {
  /** Name of the pair, for people. */
  readonly pair: string;
  readonly source: OutpostServer;
  readonly destination: OutpostServer;
  readonly applications: readonly RelaunchApplication[];
  /** The alarm on the source's `ConnectedStatus`, and what it goes by. */
  readonly alarm: ConnectionAlarm & { readonly name: pulumi.Input<string> };
  /** ARN of the topic for people. */
  readonly topicArn: pulumi.Input<string>;
  /** ARN of the topic that hears of dead letters. */
  readonly alarmTopicArn: pulumi.Input<string>;
  /** ARN of the KMS key for logs and dead letters. */
  readonly kmsKeyArn: pulumi.Input<string>;
  /** The table that holds the lock of a direction and what people have been told. */
  readonly stateTable: StateTable;
  /** What to do with relaunched instances when the source is back. */
  readonly failback: "notify" | "terminate-relaunched";
  /** Account that owns the Outposts. @default this one */
  readonly ownerAccountId?: string;
}

/**
 * One direction of a pair: what is lost on the source is relaunched on the destination, and given back. One function, run
 * by the source's alarm and every minute: 43,800 runs a month of about 0.3 s, 256 MiB on arm64: 43,800 × ($0.0000002 +
 * 0.3 × $0.0000033) = $0.05; four reads of the state table's kilobyte each: 87,600 × $0.000000125 × 2 = $0.02; the alarm
 * on dead letters $0.10. CloudWatch's metrics are only read during an outage.
 *
 * @example
 * new OutpostRelaunch("store-a-to-b", {
 *   ...{ pair: "store", source, destination, applications, kmsKeyArn: key.arn, stateTable },
 *   alarm: { name: alarm.name, periodSeconds: 60, evaluationPeriods: 3 },
 *   ...{ topicArn: topic.arn, alarmTopicArn: topic.arn },
 * });
 */
export class OutpostRelaunch extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: OutpostRelaunchArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:OutpostRelaunch", name, {}, opts);
    const callback = this.createCallback(byPriority(args.applications));
    this.runOnAlarm(callback);
    this.runEveryMinute(callback);
    this.registerOutputs();
  }

  private createCallback(applications: readonly RelaunchApplication[]): EventCallback {
    const { source, destination, kmsKeyArn, alarmTopicArn, stateTable, topicArn, failback } = this.args;
    return new EventCallback(
      `${this.name}-reconcile`,
      {
        description: `Relaunches what ran on ${source.serverName} on ${destination.serverName}, and gives it back`,
        settings: this.settings(applications),
        clients: relaunchClients,
        handler: reconcile,
        statements: relaunchStatements({
          system: this.system(),
          outpostArn: destination.outpostArn,
          templates: applications.map((a) => a.launchTemplate),
          subnetIds: applications.map((a) => this.subnetOf(a)),
          targetGroupArns: applications.flatMap((a) => [...a.targetGroupArns]),
          topicArn,
          stateTable,
          failback,
          place: placeOf(this),
        }),
        kmsKeyArn,
        alarmTopicArn,
        timeoutSeconds: RUN_SECONDS,
      },
      { parent: this },
    );
  }

  private settings(applications: readonly RelaunchApplication[]): pulumi.Output<RelaunchSettings> {
    const { args } = this;
    const server = ({ serverName, outpost, outpostId, subnetIds, capacity }: OutpostServer) => ({
      ...{ name: serverName, outpost, outpostId, capacity },
      subnetIds: [...subnetIds],
    });
    return pulumi.output({
      system: this.system(),
      pair: args.pair,
      source: server(args.source),
      destination: server(args.destination),
      applications: applications.map((application) => ({
        name: application.name,
        launchTemplateId: application.launchTemplate.id,
        version: application.launchTemplate.version,
        networkInterfaces: [...application.launchTemplate.networkInterfaces],
        instanceType: application.instanceType,
        count: application.count,
        subnetId: this.subnetOf(application),
        targetGroupArns: [...application.targetGroupArns],
      })),
      failback: args.failback,
      sourceAlarm: args.alarm,
      ownerAccountId: args.ownerAccountId,
      stateTable: args.stateTable.tableName,
      topicArn: args.topicArn,
    });
  }

  private subnetOf(application: RelaunchApplication): pulumi.Input<string> {
    return application.destinationSubnetId ?? this.args.destination.subnetIds[0] ?? "";
  }

  /**
   * Partition of the state table, and value of the tag of relaunched instances. Tags are the account's: a pair of the
   * same name in another stack must not take these for its own, and terminate them.
   */
  private system(): string {
    return `${pulumi.getProject()}/${pulumi.getStack()}/outposts/${this.name}`;
  }

  private runOnAlarm(callback: EventCallback): void {
    const description = "The source's service link is down, or back";
    const eventPattern = alarmStatePattern([this.args.alarm.name], "ALARM", "OK");
    new CallbackTrigger(`${this.name}-alarm`, { description, callback, eventPattern }, { parent: this });
  }

  /** Instances come to pass their checks, targets become healthy and drain without an event; and events are lost. */
  private runEveryMinute(callback: EventCallback): void {
    const description = "Looks whether anything is left to do";
    const scheduleExpression = "rate(1 minute)";
    new CallbackTrigger(`${this.name}-minute`, { description, callback, scheduleExpression }, { parent: this });
  }
}

function byPriority(applications: readonly RelaunchApplication[]): RelaunchApplication[] {
  return [...applications].sort((a, b) => a.priority - b.priority);
}
