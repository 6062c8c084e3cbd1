import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { announce, AnnounceClients, Announcement, Remembered, Told } from "../common/announce";
import { throwFirstError } from "../common/settled";
import { describeEvent, GatewayEvent, secondsSince } from "./events";
import { Health } from "./judge";
import { METRIC_NAMESPACE, metricDimensions } from "./metrics";
import { carriers, Move, RouteTableState } from "./plan";
import { GatewaySettings } from "./settings";

/** The clients that reporting needs. */
export interface ReportClients extends AnnounceClients {
  readonly cloudWatch: CloudWatchClient;
}

/** What a run found and did. */
export interface Outcome {
  /** What people are told as the reason. */
  readonly event: GatewayEvent;
  readonly health: ReadonlyMap<string, Health>;
  /** The route tables as they are now. */
  readonly tables: readonly RouteTableState[];
  /** The moves that were made. */
  readonly moves: readonly Move[];
  /** Zones of which a route could not be written. Nothing is said of them yet: the run is repeated. */
  readonly unmoved: ReadonlySet<string>;
  readonly now: Date;
}

/** Subject of the one message that says that no gateway is alive. */
const ALL_ZONES = "all zones";

/**
 * Tells people what changed, once, and publishes each zone's metrics:
 * `RouteTarget` (0: the zone's own gateway carries its traffic, 1: another zone's, or none) and
 * `NetworkInterfaceAttached` (1: the zone's network interface is attached to a running, healthy instance, 0: it is not).
 * @param told what to go by, and to keep up to date, for while the state table doesn't answer.
 * @throws what the first failing call throws, after all have been tried.
 */
export async function report(
  outcome: Outcome,
  settings: GatewaySettings,
  clients: ReportClients,
  told: Remembered,
): Promise<void> {
  const carrying = carriers(settings, outcome.health, outcome.tables);
  const results = await Promise.allSettled([
    announce(
      announcements(outcome, carrying, settings),
      { stateTable: settings.stateTable, system: `gateway/${settings.name}`, topicArn: settings.topicArn },
      clients,
      outcome.now,
      told,
    ),
    publishMetrics(outcome, carrying, settings, clients.cloudWatch),
  ]);
  throwFirstError(results);
}

async function publishMetrics(
  outcome: Outcome,
  carrying: ReadonlyMap<string, string>,
  settings: GatewaySettings,
  cloudWatch: CloudWatchClient,
): Promise<void> {
  const metrics = settings.zones.flatMap(({ availabilityZone }) => {
    const datum = { Timestamp: outcome.now, Dimensions: metricDimensions(settings.id, availabilityZone) };
    const foreign = (carrying.get(availabilityZone) ?? availabilityZone) !== availabilityZone;
    const attached = outcome.health.get(availabilityZone) !== "dead";
    return [
      { ...datum, MetricName: "RouteTarget", Value: foreign ? 1 : 0 },
      { ...datum, MetricName: "NetworkInterfaceAttached", Value: attached ? 1 : 0 },
    ];
  });
  await cloudWatch.send(new PutMetricDataCommand({ Namespace: METRIC_NAMESPACE, MetricData: metrics }));
}

/** What there is to say: that no gateway is alive, in one message, or each zone's change of carrier. */
export function announcements(
  outcome: Outcome,
  carrying: ReadonlyMap<string, string>,
  settings: GatewaySettings,
): Announcement[] {
  const anyAlive = [...outcome.health.values()].some((h) => h !== "dead");
  const overall: Announcement = {
    subject: ALL_ZONES,
    state: anyAlive ? "served" : "unserved",
    initialState: "served",
    message: (previous) => (anyAlive ? servedAgain(outcome, settings, previous) : unserved(outcome, settings)),
  };
  if (!anyAlive) {
    return [overall];
  }
  const settled = [...carrying].filter(([availabilityZone]) => !outcome.unmoved.has(availabilityZone));
  const zones = settled.map(([availabilityZone, to]): Announcement => ({
    subject: availabilityZone,
    state: to,
    initialState: availabilityZone,
    message: (previous) => transition(outcome, settings, availabilityZone, to, previous),
  }));
  return [overall, ...zones];
}

function transition(
  outcome: Outcome,
  settings: GatewaySettings,
  zone: string,
  to: string,
  previous: Told | undefined,
): { subject: string; body: string } {
  const from = previous?.state ?? zone;
  const back = to === zone;
  const subject = back
    ? `${settings.name}: ${zone} is back on its own gateway`
    : `${settings.name}: ${zone} now goes out through ${to}`;
  const tables = outcome.moves.filter((m) => m.availabilityZone === zone).map((m) => m.routeTableId);
  return {
    subject,
    body: [
      `Zone: ${zone}`,
      `From: ${from}`,
      `To: ${to}`,
      `Why: ${describeEvent(outcome.event)}`,
      `Route tables: ${tables.length === 0 ? "changed by an earlier run" : [...new Set(tables)].join(", ")}`,
      `How long: ${howLong(outcome, from, previous)}`,
    ].join("\n"),
  };
}

function unserved(outcome: Outcome, settings: GatewaySettings): { subject: string; body: string } {
  return {
    subject: `${settings.name}: no gateway is alive, private subnets have no way out`,
    body: [
      `Zones: ${settings.zones.map((z) => z.availabilityZone).join(", ")}`,
      `Why: ${describeEvent(outcome.event)}`,
      "Routes were left as they are: there is no live gateway to move them to.",
      "The Auto Scaling groups are replacing the instances; routes move as soon as one of them passes its checks.",
    ].join("\n"),
  };
}

function servedAgain(
  outcome: Outcome,
  settings: GatewaySettings,
  previous: Told | undefined,
): { subject: string; body: string } {
  const alive = settings.zones.map((z) => z.availabilityZone).filter((z) => outcome.health.get(z) !== "dead");
  return {
    subject: `${settings.name}: a gateway is alive again`,
    body: [
      `Alive: ${alive.join(", ")}`,
      `Why: ${describeEvent(outcome.event)}`,
      `How long: no gateway was alive ${duration(previous, outcome.now)}`,
    ].join("\n"),
  };
}

function howLong(outcome: Outcome, from: string, previous: Told | undefined): string {
  const reaction = secondsSince(outcome.event, outcome.now);
  return [
    reaction === undefined ? undefined : `${reaction} s after the event`,
    previous === undefined ? undefined : `${from} carried the zone ${duration(previous, outcome.now)}`,
  ]
    .filter((s) => s !== undefined)
    .join("; ");
}

function duration(previous: Told | undefined, now: Date): string {
  const seconds = previous ? Math.round((now.getTime() - Date.parse(previous.since)) / 1000) : NaN;
  return Number.isNaN(seconds) ? "for an unknown time" : `for ${seconds} s`;
}
