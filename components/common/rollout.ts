import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { refreshesClients, rolloutClients } from "../../lambdas/common/rollout/clients";
import { tellRefreshes } from "../../lambdas/common/rollout/refreshes";
import { rollout } from "../../lambdas/common/rollout/rollout";
import { RefreshesSettings, RolloutSettings } from "../../lambdas/common/rollout/settings";
import { Callback } from "./callback";
import { CallbackTrigger } from "./callbackTrigger";
import { EventCallback } from "./eventCallback";
import { placeOf } from "./place";
import { StateTable } from "./stateTable";
import { rolloutStatements, tellingStatements } from "./rolloutPermissions";

/** A group that versions of its launch template are rolled out to. */
export interface RolledOut extends pulumi.Resource {
  readonly groupName: pulumi.Output<string>;
  readonly groupArn: pulumi.Output<string>;
  /** The launch template as it is declared now; the group may be on an earlier version. */
  readonly launchTemplate: aws.ec2.LaunchTemplate;
  /** ARN of the instances' role. */
  readonly roleArn: pulumi.Output<string>;
}

/** Arguments of `Rollout`. */
export interface RolloutArgs {
  /** What the group is, for people: a tier's name. */
  readonly of: string;
  /** What the state table knows it by, e.g. `web/shop`. */
  readonly system: string;
  /** Where people read what to do, e.g. `docs/runbooks/web.md`. */
  readonly runbook: string;
  readonly group: RolledOut;
  /** Names of the alarms that tell that a version is bad. */
  readonly alarmNames: readonly pulumi.Input<string>[];
  /** Seconds from an instance's launch until it does its work, at most; until then no health check counts. */
  readonly startSeconds: number;
  readonly kmsKeyArn: pulumi.Input<string>;
  readonly topicArn: pulumi.Input<string>;
  readonly stateTable: StateTable;
}

/**
 * Room for launching before terminating, in percent of the desired capacity: at least one instance.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-instance-maintenance-policy.html
 */
export const HEALTHY_PERCENTAGES = { minHealthyPercentage: 100, maxHealthyPercentage: 110 };

/** Seconds that the rollout may take: as long as its looks at an earlier refresh that it cancels. */
const ROLLOUT_SECONDS = 120;
/**
 * Seconds that a new instance has to be found healthy in, after its health checks begin to count: without them, the next
 * old one would go before a bad new one is noticed. How often Auto Scaling looks is unpublished.
 */
const PROOF_SECONDS = 120;

/**
 * Brings the launch template's newest version to a group without a gap, and takes a bad one back. Whenever the version
 * changes, `pulumi up` runs a callback, which starts an instance refresh: launch before terminate, and back to the
 * version before if instances don't get healthy or an alarm goes off. The provider's own `instanceRefresh` can't go back:
 * it writes the new version to the group first (terraform-provider-aws issue 34189). `pulumi up` doesn't wait for the
 * end; another callback tells people. $0.10 a month: the alarm on that one's dead letters.
 *
 * @example
 * new Rollout("shop-rollout", {
 *   of: "shop", system: "web/shop", runbook: "docs/runbooks/web.md", group, alarmNames: alarms.rolloutAlarmNames, startSeconds: 300,
 *   kmsKeyArn: key.arn, topicArn: topic.arn, stateTable,
 * });
 */
export class Rollout extends pulumi.ComponentResource {
  constructor(
    private readonly name: string,
    private readonly args: RolloutArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:Rollout", name, {}, opts);
    this.invoke(this.createRollout());
    this.createTelling();
    this.registerOutputs();
  }

  private createRollout(): Callback<unknown, RolloutSettings> {
    const { group } = this.args;
    return new Callback(
      this.name,
      {
        description: `Rolls versions of the launch template out to ${this.args.of}`,
        settings: pulumi.output({
          groupName: group.groupName,
          launchTemplateId: group.launchTemplate.id,
          alarmNames: [...this.args.alarmNames],
          warmupSeconds: this.args.startSeconds + PROOF_SECONDS,
          ...HEALTHY_PERCENTAGES,
        }),
        clients: rolloutClients,
        handler: (event: unknown, settings: RolloutSettings, clients) => rollout(event, settings, clients),
        statements: rolloutStatements({
          place: placeOf(this),
          groupArn: group.groupArn,
          launchTemplateArn: group.launchTemplate.arn,
          instanceRoleArn: group.roleArn,
        }),
        kmsKeyArn: this.args.kmsKeyArn,
        timeoutSeconds: ROLLOUT_SECONDS,
      },
      { parent: this },
    ) as Callback<unknown, RolloutSettings>;
  }

  /** Run when it is made, and again whenever its input changes. */
  private invoke(callback: Callback<unknown, RolloutSettings>): void {
    new aws.lambda.Invocation(
      `${this.name}-version`,
      {
        functionName: callback.functionName,
        input: pulumi.jsonStringify({ version: this.args.group.launchTemplate.latestVersion.apply(String) }),
      },
      // The group, so that there is something to roll out to; the callback, so that its role may.
      { parent: this, dependsOn: [this.args.group, callback] },
    );
  }

  private createTelling(): void {
    const { group, of, runbook, stateTable, system, topicArn } = this.args;
    const callback = new EventCallback(
      `${this.name}-refreshes`,
      {
        description: `Tells people how instance refreshes of ${of} have ended`,
        settings: pulumi.output({
          of,
          runbook,
          groupName: group.groupName,
          stateTable: stateTable.tableName,
          system,
          topicArn,
        }),
        clients: refreshesClients,
        handler: (event: unknown, settings: RefreshesSettings, clients) => tellRefreshes(event, settings, clients),
        statements: tellingStatements(system, topicArn, stateTable),
        kmsKeyArn: this.args.kmsKeyArn,
        alarmTopicArn: topicArn,
      },
      { parent: this },
    );
    new CallbackTrigger(
      `${this.name}-on-refresh`,
      {
        description: `An instance refresh of ${of} has ended or is going back`,
        callback,
        // https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-autoscaling.html
        eventPattern: {
          source: ["aws.autoscaling"],
          "detail-type": [
            "Succeeded",
            "Failed",
            "Cancelled",
            "Rollback Started",
            "Rollback Succeeded",
            "Rollback Failed",
          ].map((ended) => `EC2 Auto Scaling Instance Refresh ${ended}`),
          detail: { AutoScalingGroupName: [group.groupName] },
        },
      },
      { parent: this },
    );
    new CallbackTrigger(
      `${this.name}-on-schedule`,
      {
        description: "Looks for refreshes of whose end no event has come",
        callback,
        scheduleExpression: "rate(5 minutes)",
      },
      { parent: this },
    );
  }
}
