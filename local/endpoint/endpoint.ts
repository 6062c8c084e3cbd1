import { KeptRefresh } from "./autoScaling";
import { Call } from "./call";
import { DeploymentChange } from "./ecs/services";
import { Received } from "./internet";
import { AllowedBy } from "./iam/authorize";
import { Settings } from "./scope";
import { BASE, CONTROL, DEPLOYMENT, HELD, NEEDED, RECEIVED, REFRESH } from "./server";
import { World } from "./world";

/** The endpoint's controls, from outside. */
export class Endpoint {
  constructor(readonly url: string) {}

  /** Replaces latency, fault and world, and empties the log: of one Region, or of all. */
  async set(settings: Settings, region?: string): Promise<void> {
    const query = region === undefined ? "" : `?region=${region}`;
    await fetch(`${this.url}${CONTROL}${query}`, { method: "PUT", body: JSON.stringify(settings) });
  }

  /** Sets the world that holds until the rehearsal is taken down. */
  async setBase(world: Partial<World>): Promise<void> {
    await fetch(`${this.url}${BASE}`, { method: "PUT", body: JSON.stringify(world) });
  }

  /** Adds facts to the world that was set, and leaves everything else as it is. */
  async change(world: Partial<World>, region: string): Promise<void> {
    await fetch(`${this.url}${CONTROL}?region=${region}`, { method: "PATCH", body: JSON.stringify(world) });
  }

  /** Says what has become of a group's newest instance refresh: nobody else carries it out. */
  async advanceRefresh(region: string, group: string, change: Partial<KeptRefresh>): Promise<void> {
    const query = new URLSearchParams({ region, group }).toString();
    await fetch(`${this.url}${REFRESH}?${query}`, { method: "PUT", body: JSON.stringify(change) });
  }

  /** Says what has become of a service's deployment: nobody else carries it out. */
  async advanceDeployment(region: string, service: string, change: DeploymentChange): Promise<void> {
    const query = new URLSearchParams({ region, service }).toString();
    await fetch(`${this.url}${DEPLOYMENT}?${query}`, { method: "PUT", body: JSON.stringify(change) });
  }

  /** The calls since the last `set`, in the order in which they ended. */
  async calls(): Promise<Call[]> {
    const response = await fetch(`${this.url}${CONTROL}`);
    return (await response.json()) as Call[];
  }

  /** What deployed functions have sent to hosts that are not AWS since the last `set`, in the order of arrival. */
  async received(): Promise<Received[]> {
    const response = await fetch(`${this.url}${RECEIVED}`);
    return (await response.json()) as Received[];
  }

  /** The statements of roles that have allowed a call since the endpoint was started. */
  async neededStatements(): Promise<AllowedBy[]> {
    const response = await fetch(`${this.url}${NEEDED}`);
    return (await response.json()) as AllowedBy[];
  }

  /** How many calls are held in a Region, by the `hold` that was set. */
  async held(region: string): Promise<number> {
    const response = await fetch(`${this.url}${HELD}?region=${region}`);
    return (await response.json()) as number;
  }
}
