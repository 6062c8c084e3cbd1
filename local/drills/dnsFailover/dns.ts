import { alarmOf, AlarmState, stepAlarm } from "../../../model/alarm";
import { answersOf, healthChecksOf, HealthCheckState, keptSeconds, stepHealthChecks } from "../../../model/route53";
import { plain, PublicName, Scene } from "./scene";

/** Seconds after which a change of the answers is no longer waited for. */
const GIVE_UP_SECONDS = 3600;

/** Route 53 in virtual time, by the deployed records and checks: which Regions it answers with. */
export class Dns {
  /** Seconds of virtual time. */
  now = 0;
  private checks: readonly HealthCheckState[];
  private alarms: readonly AlarmState[];
  /** What people have put into the metrics of alarms: by the alarm's name. */
  private readonly data: { readonly alarm: string; readonly at: number; readonly value: number }[] = [];

  /**
   * @param scene what is deployed
   * @param serves whether a Region, asked by a name of its own, serves at a moment
   */
  constructor(
    private readonly scene: Scene,
    private readonly serves: (region: string, at: number, ownName: string) => boolean,
  ) {
    this.checks = healthChecksOf(scene.checks, 0);
    this.alarms = scene.alarms.map((alarm) => alarmOf(alarm, 0));
  }

  /** The Regions that a name is answered with. */
  answers({ records }: PublicName): string[] {
    const regions = answersOf(records, { checks: this.checks }).map(
      ({ AliasTarget }) => this.scene.regionOf.get(plain(AliasTarget?.DNSName)) ?? "",
    );
    return [...new Set(regions)].sort();
  }

  /** Seconds for which resolvers keep a name's answer. */
  kept({ records }: PublicName): number {
    return Math.max(0, ...records.map(keptSeconds));
  }

  /** A datum has been put into the metric of an alarm. */
  put(alarm: string, value: number): void {
    this.data.push({ alarm, at: this.now, value });
  }

  /** Time goes on by a second. */
  private tick(): void {
    this.now += 1;
    this.alarms = this.alarms.map((alarm) => stepAlarm(alarm, this.statistic(alarm), this.now).state);
    const states = new Map(this.alarms.map(({ alarm, StateValue }) => [alarm.AlarmName ?? "", StateValue]));
    const answers = (id: string, at: number) => {
      const name = this.checkedName(id);
      return this.serves(this.scene.regionOf.get(this.scene.leadsTo.get(name) ?? "") ?? "", at, name) ? 1 : 0;
    };
    this.checks = stepHealthChecks(this.checks, { answers, alarms: states }, this.now).state;
  }

  /** Lets time go on by so many seconds. */
  pass(seconds: number): void {
    for (let i = 0; i < seconds; i += 1) {
      this.tick();
    }
  }

  /** Lets time go on until something holds. Returns the seconds that it took. */
  until(holds: () => boolean): number {
    const from = this.now;
    while (!holds()) {
      if (this.now - from > GIVE_UP_SECONDS) {
        return Infinity;
      }
      this.tick();
    }
    return this.now - from;
  }

  /** Lets time go on, and returns how often a name's answers changed in it. */
  watch(seconds: number, name: PublicName): number {
    let changes = 0;
    for (let i = 0, last = this.answers(name).join(); i < seconds; i += 1) {
      this.tick();
      const next = this.answers(name).join();
      changes += next === last ? 0 : 1;
      last = next;
    }
    return changes;
  }

  /** The greatest of what was put in a period: the deployed alarms ask for the maximum. */
  private statistic({ alarm }: AlarmState) {
    return (from: number, to: number) => {
      const within = this.data.filter((d) => d.alarm === alarm.AlarmName && d.at >= from && d.at < to);
      return within.length === 0 ? undefined : Math.max(...within.map((d) => d.value));
    };
  }

  /** The name that an endpoint's check asks for. */
  private checkedName(id: string): string {
    return this.scene.checks.find((one) => one.Id === id)?.HealthCheckConfig?.FullyQualifiedDomainName ?? "";
  }
}
