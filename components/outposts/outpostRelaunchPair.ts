import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { Notifications } from "../common/notifications";
import { Problem, refuseIfAny } from "../common/problems";
import { ConnectionAlarm, OutpostRelaunch, OutpostRelaunchArgs, RelaunchApplication } from "./outpostRelaunch";
import { OutpostServer } from "./outpostServer";

/** An application of a pair, and the side that it normally runs on. */
export interface PairApplication extends RelaunchApplication {
  /** The side that it runs on; `destination` only in `active-active`. */
  readonly home: "source" | "destination";
}

/** Arguments of `OutpostRelaunchPair`. */
export interface OutpostRelaunchPairArgs extends Pick<OutpostRelaunchArgs, "kmsKeyArn" | "stateTable" | "failback"> {
  readonly source: OutpostServer;
  readonly destination: OutpostServer;
  /** `active-active`: each side is also the other's destination. */
  readonly mode: "active-passive" | "active-active";
  /** What runs on the pair; each is relaunched on the other side. */
  readonly applications: readonly PairApplication[];
  /** E-mail addresses that are told about this pair. None: those of the stack. */
  readonly emails: readonly string[];
  /** ARN of the stack's topic: used if the pair has no addresses of its own, and for dead letters. */
  readonly topicArn: pulumi.Input<string>;
  /** The alarms on `ConnectedStatus`; 3 periods of 60 seconds is what the published design has. */
  readonly alarm: ConnectionAlarm;
  /** Account that owns the Outposts, if it is not this one: its metrics come through CloudWatch's cross-account sharing. */
  readonly ownerAccountId?: string;
}

/**
 * Two Outposts servers that relaunch each other's instances: an alarm on the service link of each, and for each
 * direction the callback that relaunches and gives back. A month: two alarms 2 × $0.10, and a direction $0.17
 * (`OutpostRelaunch`), so $0.37 for an active-passive pair, $0.54 for an active-active one; the spare capacity on the
 * servers is what it really costs. With a topic of its own, e-mails are free up to 1,000 a month.
 *
 * @example
 * const [source, destination] = ["store-a", "store-b"].map((name) => new OutpostServer(name, servers[name]));
 * new OutpostRelaunchPair("store", {
 *   ...{ source, destination, kmsKeyArn: key.arn, topicArn: topic.arn, stateTable },
 *   ...{ mode: "active-passive", failback: "notify", emails: [], alarm: { periodSeconds: 60, evaluationPeriods: 3 } },
 *   applications: [{ ...pointOfSale, launchTemplate, instanceType: "c6id.large", count: 2, home: "source" }],
 * });
 *
 * Throws a `pulumi.InputPropertiesError` that lists every problem of the arguments.
 */
export class OutpostRelaunchPair extends pulumi.ComponentResource {
  /** ARN of the topic that this pair's messages go to. */
  readonly topicArn: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: OutpostRelaunchPairArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:OutpostRelaunchPair", name, {}, opts);
    checkArgs(args);
    const { source, destination, mode } = args;

    this.topicArn = this.createTopic();
    const alarms = {
      source: this.createAlarm(source, destination),
      destination: this.createAlarm(destination, source),
    };
    this.createDirection(source, destination, alarms.source);
    if (mode === "active-active") {
      this.createDirection(destination, source, alarms.destination);
    }
    this.registerOutputs({ topicArn: this.topicArn });
  }

  private createTopic(): pulumi.Output<string> {
    const { emails, kmsKeyArn, topicArn } = this.args;
    return emails.length === 0
      ? pulumi.output(topicArn)
      : new Notifications(`${this.name}-notifications`, { emails, kmsKeyArn }, { parent: this }).topicArn;
  }

  /** The applications that are relaunched when a side is lost. */
  private applicationsOf(server: OutpostServer): PairApplication[] {
    const home = server === this.args.source ? "source" : "destination";
    return this.args.applications.filter((a) => a.home === home);
  }

  private createAlarm(server: OutpostServer, partner: OutpostServer): aws.cloudwatch.MetricAlarm {
    const { periodSeconds, evaluationPeriods } = this.args.alarm;
    const metric = {
      namespace: "AWS/Outposts",
      metricName: "ConnectedStatus",
      dimensions: { OutpostId: server.outpostId },
      period: periodSeconds,
    };
    const { ownerAccountId } = this.args;
    return new aws.cloudwatch.MetricAlarm(
      `${this.name}-${server.serverName}-disconnected`,
      {
        alarmDescription: `The service link of ${server.serverName} (${server.outpostId}) is down: see docs/runbooks/outposts.md.`,
        // Only a metric query can name another account.
        ...(ownerAccountId === undefined
          ? { ...metric, statistic: "Average" }
          : {
              metricQueries: [
                {
                  id: "connected",
                  accountId: ownerAccountId,
                  returnData: true,
                  metric: { ...metric, stat: "Average" },
                },
              ],
            }),
        evaluationPeriods,
        threshold: 1,
        comparisonOperator: "LessThanThreshold",
        // A gap is no outage: the alarm then knows nothing, and says so if it lasts (`reconcile`).
        treatMissingData: "missing",
        alarmActions: [this.topicArn],
        okActions: [this.topicArn],
        tags: this.declaration(server, partner),
      },
      { parent: this },
    );
  }

  /**
   * Who takes over from whom, how much, and how much each side holds, as tags on the alarm: operators see it in the
   * console, and policies add it up over all pairs.
   */
  private declaration(server: OutpostServer, partner: OutpostServer): Record<string, string> {
    const relaunched = this.args.mode === "active-active" || server === this.args.source;
    return {
      "nplusone:outpost": server.outpostId,
      "nplusone:outpost-capacity": typeCounts(server.capacity),
      "nplusone:outpost-runs": typeCounts(demand(this.applicationsOf(server))),
      ...(relaunched ? { "nplusone:relaunched-on": partner.outpostId } : {}),
    };
  }

  private createDirection(source: OutpostServer, destination: OutpostServer, alarm: aws.cloudwatch.MetricAlarm): void {
    const { kmsKeyArn, stateTable, failback, topicArn, ownerAccountId } = this.args;
    new OutpostRelaunch(
      `${this.name}-${source.serverName}`,
      {
        pair: this.name,
        source,
        destination,
        applications: this.applicationsOf(source),
        alarm: { ...this.args.alarm, name: alarm.name },
        topicArn: this.topicArn,
        alarmTopicArn: topicArn,
        kmsKeyArn,
        stateTable,
        failback,
        ownerAccountId,
      },
      { parent: this },
    );
  }
}

/** How many instances of each type applications need. */
function demand(applications: readonly Pick<RelaunchApplication, "instanceType" | "count">[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { instanceType, count } of applications) {
    counts[instanceType] = (counts[instanceType] ?? 0) + count;
  }
  return counts;
}

/** `c6id.large=2 c6id.xlarge=1`: tag values allow neither JSON's braces nor commas. */
function typeCounts(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([type, count]) => `${type}=${count}`)
    .join(" ");
}

/** @throws {@link pulumi.InputPropertiesError} that lists every problem of the arguments. */
function checkArgs({ source, destination, applications }: OutpostRelaunchPairArgs): void {
  const problems: Problem[] = [];
  if (source.outpostId === destination.outpostId) {
    problems.push({ propertyPath: "destination", reason: "it is the same Outpost as the source" });
  }
  if (applications.length === 0) {
    problems.push({ propertyPath: "applications", reason: "there is nothing to relaunch" });
  }
  refuseIfAny("pair", problems);
}
