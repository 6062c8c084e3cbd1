import { Foundation, StackOutputs } from "../common/foundation";
import { MetricsSink } from "./metricsSink";
import { OutpostRelaunchPair, OutpostRelaunchPairArgs } from "./outpostRelaunchPair";
import { OutpostServer, OutpostServerArgs } from "./outpostServer";

/** A pair as configured: it names its servers. */
export interface PairConfig extends Omit<
  OutpostRelaunchPairArgs,
  keyof Foundation["shared"] | "source" | "destination"
> {
  readonly name: string;
  /** Name of the server whose instances are relaunched. */
  readonly source: string;
  /** Name of the server on which they are. */
  readonly destination: string;
}

/** A stack's `outposts`: the servers by name, and the pairs of them. */
export interface OutpostsConfig {
  readonly servers: Readonly<Record<string, Omit<OutpostServerArgs, "vpcId">>>;
  readonly pairs: readonly PairConfig[];
}

/** Outposts servers, and the pairs of them that relaunch each other's instances. */
export function deployOutposts(config: OutpostsConfig, { network, shared }: Foundation): StackOutputs {
  const servers = new Map(
    Object.entries(config.servers).map(([name, server]) => [
      name,
      new OutpostServer(name, { ...server, vpcId: network.vpcId }),
    ]),
  );
  const serverOf = (name: string): OutpostServer => {
    const server = servers.get(name);
    if (server === undefined) {
      throw new Error(`there is no Outposts server ${name}`);
    }
    return server;
  };
  for (const { name, source, destination, ...args } of config.pairs) {
    new OutpostRelaunchPair(name, {
      ...args,
      ...shared,
      source: serverOf(source),
      destination: serverOf(destination),
    });
  }
  const ownerAccountIds = [...new Set(config.pairs.flatMap((pair) => pair.ownerAccountId ?? []))];
  if (ownerAccountIds.length > 0) {
    new MetricsSink("outposts", { ownerAccountIds });
  }
  return {};
}
