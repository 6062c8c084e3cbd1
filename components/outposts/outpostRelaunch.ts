import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { relaunchClients } from "../../lambdas/outposts/clients";
import { failback } from "../../lambdas/outposts/failback";
import { relaunch } from "../../lambdas/outposts/relaunch";
import { RelaunchSettings } from "../../lambdas/outposts/settings";
import { alarmStatePattern } from "../common/alarmStatePattern";
import { CallbackTrigger } from "../common/callbackTrigger";
import { EventCallback } from "../common/eventCallback";
import { placeOf } from "../common/place";
import { StateTable } from "../common/stateTable";
import { OutpostServer } from "./outpostServer";
import { failbackStatements, relaunchStatements, ResolvedTemplate } from "./permissions";

/** One application: a launch template of which so many instances must run. */
export interface RelaunchApplication {
  readonly name: string;
  /** The launch template, by id or by name, and its version: a number, `$Default` or `$Latest`. */
  readonly launchTemplate: { readonly id?: string; readonly name?: string; readonly version: string };
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

/** Arguments of `OutpostRelaunch`. */
export interface OutpostRelaunchArgs {
  /** Name of the pair, for people. */
  readonly pair: string;
  readonly source: OutpostServer;
  readonly destination: OutpostServer;
  readonly applications: readonly RelaunchApplication[];
  /** The alarm on the source's `ConnectedStatus`. */
  readonly alarm: aws.cloudwatch.MetricAlarm;
  /** ARN of the topic for people. */
  readonly topicArn: pulumi.Input<string>;
  /** ARN of the topic that hears of dead letters. */
  readonly alarmTopicArn: pulumi.Input<string>;
  readonly kmsKeyArn: pulumi.Input<string>;
  /** The table that holds the lock of an outage and what people have been told. */
  readonly stateTable: StateTable;
  /** What to do with relaunched instances when the source is back. */
  readonly failback: "notify" | "terminate-relaunched";
  readonly ownerAccountId?: string;
}

/** Seconds for which a relaunch waits for status checks; within Lambda's 15 minutes with room for the rest. */
const DEADLINE_SECONDS = 780;

/** One direction of a pair: what is lost on the source is relaunched on the destination. */
export class OutpostRelaunch extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: OutpostRelaunchArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:OutpostRelaunch", name, {}, opts);
    const applications = [...args.applications].sort((a, b) => a.priority - b.priority);
    const templates = applications.map((application) => this.templateOf(application));
    const settings = this.settings(applications, templates);
    this.createRelaunch(settings, applications, templates);
    this.createFailback(settings, applications);
    this.registerOutputs();
  }

  /** What the launch template says: its ids, its image, and the role that its instances get. */
  private templateOf({ launchTemplate }: RelaunchApplication): pulumi.Output<ResolvedTemplate> {
    const { id, name } = launchTemplate;
    const parent = { parent: this };
    return aws.ec2
      .getLaunchTemplateOutput(id === undefined ? { name } : { id }, parent)
      .apply(async ({ id: templateId, arn, imageId, iamInstanceProfiles }) => {
        const [profile] = iamInstanceProfiles.map((p) => p.name || (p.arn.split("/").pop() ?? ""));
        const role = profile && (await aws.iam.getInstanceProfile({ name: profile }, parent)).roleArn;
        return { id: templateId, arn, imageId, roleArn: role || undefined };
      });
  }

  private subnetOf(application: RelaunchApplication): pulumi.Input<string> {
    return application.destinationSubnetId ?? this.args.destination.subnetIds[0] ?? "";
  }

  private settings(
    applications: readonly RelaunchApplication[],
    templates: readonly pulumi.Output<ResolvedTemplate>[],
  ): pulumi.Output<RelaunchSettings> {
    const { args } = this;
    const server = ({ serverName, outpostId, subnetIds, capacity }: OutpostServer) => ({
      name: serverName,
      outpostId,
      subnetIds: [...subnetIds],
      capacity,
    });
    return pulumi.output({
      system: this.system(),
      pair: args.pair,
      source: server(args.source),
      destination: server(args.destination),
      applications: applications.map((application, i) => ({
        name: application.name,
        launchTemplateId: templates[i]?.id ?? "",
        version: application.launchTemplate.version,
        instanceType: application.instanceType,
        count: application.count,
        subnetId: this.subnetOf(application),
        targetGroupArns: [...application.targetGroupArns],
      })),
      failback: args.failback,
      sourceAlarm: args.alarm.name,
      ownerAccountId: args.ownerAccountId,
      stateTable: args.stateTable.tableName,
      topicArn: args.topicArn,
      pollSeconds: 10,
      deadlineSeconds: DEADLINE_SECONDS,
    });
  }

  /** Partition of the state table, and value of the tag of relaunched instances. */
  private system(): string {
    return `outposts/${this.name}`;
  }

  private createRelaunch(
    settings: pulumi.Output<RelaunchSettings>,
    applications: readonly RelaunchApplication[],
    templates: readonly pulumi.Output<ResolvedTemplate>[],
  ): void {
    const callback = new EventCallback(
      `${this.name}-relaunch`,
      {
        description: `Relaunches what ran on ${this.args.source.serverName} on ${this.args.destination.serverName}`,
        settings,
        clients: relaunchClients,
        handler: relaunch,
        statements: relaunchStatements({
          ...this.permissionArgs(applications),
          templates: [...templates],
          subnetIds: applications.map((a) => this.subnetOf(a)),
        }),
        ...this.callbackArgs(),
      },
      { parent: this },
    );
    this.onAlarm("disconnected", "The source's service link is down", "ALARM", callback);
    this.everyFiveMinutes("unfinished", "Takes up a relaunch that was left unfinished", callback);
  }

  private createFailback(
    settings: pulumi.Output<RelaunchSettings>,
    applications: readonly RelaunchApplication[],
  ): void {
    const callback = new EventCallback(
      `${this.name}-failback`,
      {
        description: `Looks after what was relaunched for ${this.args.source.serverName} until it is back`,
        settings,
        clients: relaunchClients,
        handler: failback,
        statements: failbackStatements(this.permissionArgs(applications)),
        ...this.callbackArgs(),
      },
      { parent: this },
    );
    this.onAlarm("connected", "The source's service link is back", "OK", callback);
    // Instances pass their checks some time after the link is back.
    this.everyFiveMinutes("return", "Looks whether the source's instances pass their checks again", callback);
  }

  private everyFiveMinutes(suffix: string, description: string, callback: EventCallback): void {
    const scheduleExpression = "rate(5 minutes)";
    new CallbackTrigger(`${this.name}-${suffix}`, { description, callback, scheduleExpression }, { parent: this });
  }

  private onAlarm(suffix: string, description: string, value: "ALARM" | "OK", callback: EventCallback): void {
    const eventPattern = alarmStatePattern([this.args.alarm.name], value);
    new CallbackTrigger(`${this.name}-${suffix}`, { description, callback, eventPattern }, { parent: this });
  }

  private callbackArgs() {
    const { kmsKeyArn, alarmTopicArn } = this.args;
    return { kmsKeyArn, alarmTopicArn, timeoutSeconds: 900 };
  }

  private permissionArgs(applications: readonly RelaunchApplication[]) {
    return {
      system: this.system(),
      outpostArn: this.args.destination.outpostArn,
      targetGroupArns: applications.flatMap((a) => [...a.targetGroupArns]),
      topicArn: this.args.topicArn,
      stateTable: this.args.stateTable,
      place: placeOf(this),
    };
  }
}
