import { CloudWatchClient, DescribeAlarmsCommand, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { DescribeLoadBalancersCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import {
  HealthCheck,
  ListHealthChecksCommand,
  ListResourceRecordSetsCommand,
  ResourceRecordSet,
  Route53Client,
} from "@aws-sdk/client-route-53";
import { StackConfig } from "../../../config";
import { Clients } from "../../endpoint/clients";

/** A public name with its records, of which each Region has one. */
export interface PublicName {
  readonly domainName: string;
  readonly records: readonly ResourceRecordSet[];
}

/** What is deployed of a pair's public names, read before a Region is lost: resolvers and checkers go by it on their own. */
export interface Deployed {
  readonly names: readonly PublicName[];
  /** The checks that the records go by, and those that these go by. */
  readonly checks: readonly HealthCheck[];
  /** The DNS name of the balancer that a name without a policy leads to. */
  readonly leadsTo: ReadonlyMap<string, string>;
  /** The Region of a balancer, by its DNS name. */
  readonly regionOf: ReadonlyMap<string, string>;
  /** The alarms that checks watch, and where they are. */
  readonly alarms: readonly (MetricAlarm & { readonly region: string })[];
}

/** What follows from it. */
export class Scene implements Deployed {
  readonly names: Deployed["names"];
  readonly checks: Deployed["checks"];
  readonly leadsTo: Deployed["leadsTo"];
  readonly regionOf: Deployed["regionOf"];
  readonly alarms: Deployed["alarms"];

  constructor(deployed: Deployed) {
    ({ names: this.names, checks: this.checks, leadsTo: this.leadsTo } = deployed);
    ({ regionOf: this.regionOf, alarms: this.alarms } = deployed);
  }

  /** Seconds within which a name's checks have noticed a change, wherever between two requests it comes. */
  noticedWithin({ records }: PublicName): number {
    const own = this.endpoints(records.map((record) => record.HealthCheckId ?? ""));
    return Math.max(0, ...own.map(({ interval, threshold }) => interval * (threshold + 1)));
  }

  /** Whether a Region answers at a moment that never answers as often in a row as any check asks for. */
  stumbles(at: number): boolean {
    const all = this.endpoints(this.names.flatMap(({ records }) => records.map((r) => r.HealthCheckId ?? "")));
    return all.every(({ interval, threshold }) => Math.floor(at / interval) % threshold !== 0);
  }

  /** The alarms in a Region by which people hold another back. */
  holdsOf(region: string): Deployed["alarms"] {
    return this.alarms.filter((alarm) => alarm.region === region);
  }

  /** The checks of endpoints among checks and their children. */
  private endpoints(ids: readonly string[]): { interval: number; threshold: number }[] {
    return this.checks
      .filter((check) => ids.includes(check.Id ?? ""))
      .flatMap(
        ({ HealthCheckConfig: { ChildHealthChecks = [], FullyQualifiedDomainName, ...own } = { Type: "TCP" } }) =>
          FullyQualifiedDomainName === undefined
            ? this.endpoints(ChildHealthChecks)
            : [{ interval: own.RequestInterval ?? 30, threshold: own.FailureThreshold ?? 3 }],
      );
  }
}

/** A DNS name as it is compared. */
export const plain = (name = "") => name.replace(/\.$/, "").toLowerCase();

/** Reads what a stack and its partner have deployed of the stack's public names. */
export async function sceneOf(
  config: NonNullable<StackConfig["dnsFailover"]>,
  regions: readonly string[],
  clients: Clients,
): Promise<Scene> {
  const route53 = clients.make(Route53Client, regions[0] ?? "");
  const regionOf = new Map((await Promise.all(regions.map((region) => balancersIn(region, clients)))).flat());
  const records = await recordsOf(new Set(config.map(({ zoneId }) => zoneId)), route53);
  const names = config.map(({ domainName }) => ({
    domainName,
    records: records.filter((r) => plain(r.Name) === domainName && r.SetIdentifier !== undefined),
  }));
  const leads = records
    .filter((record) => record.SetIdentifier === undefined && record.AliasTarget !== undefined)
    .map((record) => [plain(record.Name), plain(record.AliasTarget?.DNSName)] as const);
  const checks = await checksOf(
    names.flatMap((name) => name.records),
    route53,
  );
  return new Scene({ names, checks, regionOf, leadsTo: new Map(leads), alarms: await alarmsOf(checks, clients) });
}

async function balancersIn(region: string, clients: Clients): Promise<[string, string][]> {
  const balancing = clients.make(ElasticLoadBalancingV2Client, region);
  const { LoadBalancers = [] } = await balancing.send(new DescribeLoadBalancersCommand({}));
  return LoadBalancers.map((one) => [plain(one.DNSName), region]);
}

async function recordsOf(zones: ReadonlySet<string>, route53: Route53Client): Promise<ResourceRecordSet[]> {
  const listed = [...zones].map((HostedZoneId) => route53.send(new ListResourceRecordSetsCommand({ HostedZoneId })));
  return (await Promise.all(listed)).flatMap(({ ResourceRecordSets = [] }) => ResourceRecordSets);
}

/** The checks that records name, and their children. */
async function checksOf(records: readonly ResourceRecordSet[], route53: Route53Client): Promise<HealthCheck[]> {
  const { HealthChecks = [] } = await route53.send(new ListHealthChecksCommand({}));
  const wanted = new Set(records.map((record) => record.HealthCheckId));
  for (const { Id, HealthCheckConfig } of [...HealthChecks].reverse()) {
    if (wanted.has(Id)) {
      HealthCheckConfig?.ChildHealthChecks?.forEach((child) => wanted.add(child));
    }
  }
  return HealthChecks.filter((check) => wanted.has(check.Id));
}

async function alarmsOf(checks: readonly HealthCheck[], clients: Clients): Promise<Scene["alarms"]> {
  const watched = checks.flatMap(({ HealthCheckConfig }) => HealthCheckConfig?.AlarmIdentifier ?? []);
  const found = watched.map(async ({ Name = "", Region: region = "" }) => {
    const cloudWatch = clients.make(CloudWatchClient, region);
    const { MetricAlarms = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [Name] }));
    return MetricAlarms.map((alarm) => ({ ...alarm, region }));
  });
  return (await Promise.all(found)).flat();
}
