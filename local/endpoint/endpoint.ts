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
  set(settings: Settings, region?: string): Promise<void> {
    return this.tell("PUT", CONTROL, settings, region === undefined ? {} : { region });
  }

  /** Sets the world that holds until the rehearsal is taken down. */
  setBase(world: Partial<World>): Promise<void> {
    return this.tell("PUT", BASE, world);
  }

  /** Adds facts to the world that was set, and leaves everything else as it is. */
  change(world: Partial<World>, region: string): Promise<void> {
    return this.tell("PATCH", CONTROL, world, { region });
  }

  /** Says what has become of a group's newest instance refresh: nobody else carries it out. */
  advanceRefresh(region: string, group: string, change: Partial<KeptRefresh>): Promise<void> {
    return this.tell("PUT", REFRESH, change, { region, group });
  }

  /** Says what has become of a service's deployment: nobody else carries it out. */
  advanceDeployment(region: string, service: string, change: DeploymentChange): Promise<void> {
    return this.tell("PUT", DEPLOYMENT, change, { region, service });
  }

  /** The calls since the last `set`, in the order in which they ended. */
  calls(): Promise<Call[]> {
    return this.ask(CONTROL);
  }

  /** What deployed functions have sent to hosts that are not AWS since the last `set`, in the order of arrival. */
  received(): Promise<Received[]> {
    return this.ask(RECEIVED);
  }

  /** The statements of roles that have allowed a call since the endpoint was started. */
  neededStatements(): Promise<AllowedBy[]> {
    return this.ask(NEEDED);
  }

  /** How many calls are held in a Region, by the `hold` that was set. */
  held(region: string): Promise<number> {
    return this.ask(HELD, { region });
  }

  private async ask<T>(path: string, query: Record<string, string> = {}): Promise<T> {
    return (await this.send(path, query)).json() as Promise<T>;
  }

  private async tell(method: string, path: string, what: object, query: Record<string, string> = {}): Promise<void> {
    const answer = await this.send(path, query, { method, body: JSON.stringify(what) });
    // An answer that isn't read keeps its connection, and with that the process, for as long as it likes.
    await answer.text();
  }

  /** @throws if the endpoint refuses it */
  private async send(path: string, query: Record<string, string>, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(`${this.url}${path}?${new URLSearchParams(query)}`, init);
    if (!answer.ok) {
      throw new Error(
        `the endpoint answers ${answer.status} to ${init.method ?? "GET"} ${path}: ${await answer.text()}`,
      );
    }
    return answer;
  }
}
