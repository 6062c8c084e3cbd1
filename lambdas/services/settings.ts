import { AnnounceSettings } from "../common/announce";

/** What every handler of a cluster knows. Every field is plain JSON. */
interface ClusterSettings extends AnnounceSettings {
  /** Name of the service cluster, for people. */
  readonly cluster: string;
  /** ARN of the ECS cluster. */
  readonly clusterArn: string;
}

/** What the care of hosts knows. */
export interface HostsSettings extends ClusterSettings {
  /** Name of the hosts' Auto Scaling group. */
  readonly groupName: string;
  /** Seconds for which ECS may be without contact to a host's agent. */
  readonly graceSeconds: number;
  /** As many hosts as carry every service's minimum: no host is taken away while fewer answer. */
  readonly requiredHosts: number;
}

/** What the care of deployments knows. */
export type DeploymentsSettings = ClusterSettings;

/** What lights a pilot light knows. */
export interface LightSettings {
  /** Name of the ECS cluster. */
  readonly clusterName: string;
  readonly services: readonly {
    /** Name of the ECS service. */
    readonly serviceName: string;
    /** The fewest tasks when it is lit. */
    readonly minimum: number;
    readonly maximum: number;
  }[];
}
