import { Application, OUTAGE, RELAUNCHED_BY, RelaunchSettings, SLOT } from "./settings";

/** What is known of one instance on either server. */
export interface InstanceState {
  readonly instanceId: string;
  readonly subnetId: string;
  readonly instanceType: string;
  /** EC2's name of its state. */
  readonly state: string;
  /** When it was launched, milliseconds since 1970. */
  readonly launchedAt: number;
  /** Why EC2 has stopped or terminated it, in its words. */
  readonly stateReason: string | undefined;
  /** Tags; EC2 itself adds `aws:ec2launchtemplate:id`. */
  readonly tags: Readonly<Record<string, string>>;
}

/** Whether an instance takes up a place on its server. */
export const isAlive = ({ state }: InstanceState) => ["pending", "running", "stopping", "stopped"].includes(state);

/** The application's own instances on the source: launched from its template there, and not relaunched ones. */
export function sourceInstances(
  settings: RelaunchSettings,
  application: Application,
  instances: readonly InstanceState[],
): InstanceState[] {
  return instances.filter(
    (i) =>
      isAlive(i) &&
      settings.source.subnetIds.includes(i.subnetId) &&
      i.tags["aws:ec2launchtemplate:id"] === application.launchTemplateId &&
      i.tags[RELAUNCHED_BY] === undefined,
  );
}

/** What this direction has relaunched, for whatever outage: all, or of one application; terminated ones too. */
export function copiesOf(
  settings: RelaunchSettings,
  instances: readonly InstanceState[],
  application?: Application,
): InstanceState[] {
  return instances.filter(
    (i) =>
      i.tags[RELAUNCHED_BY] === settings.system &&
      (application === undefined || i.tags[SLOT]?.startsWith(`${application.name}/`)),
  );
}

/** The last outage that any of these copies was launched for; "" for none. */
export function lastOutageOf(copies: readonly InstanceState[]): string {
  return copies.reduce((last, copy) => ((copy.tags[OUTAGE] ?? "") > last ? (copy.tags[OUTAGE] ?? "") : last), "");
}
