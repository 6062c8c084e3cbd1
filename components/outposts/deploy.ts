import { Foundation, StackOutputs } from "../common/foundation";
import { refuseConfigIfAny } from "../common/problems";
import { lookUpApplications, NamedApplication } from "./lookup";
import { MetricsSink } from "./metricsSink";
import { OutpostRelaunchPair, OutpostRelaunchPairArgs, PairApplication } from "./outpostRelaunchPair";
import { OutpostServer, OutpostServerArgs } from "./outpostServer";

/** A pair as configured: it names its servers and launch templates. */
export interface PairConfig extends Omit<
  OutpostRelaunchPairArgs,
  keyof Foundation["shared"] | "source" | "destination" | "applications"
> {
  readonly name: string;
  /** Name of the server whose instances are relaunched. */
  readonly source: string;
  /** Name of the server on which they are. */
  readonly destination: string;
  readonly applications: readonly NamedApplication<PairApplication>[];
}

/** A stack's `outposts`: the servers by name, and the pairs of them. */
export interface OutpostsConfig {
  readonly servers: Readonly<Record<string, Omit<OutpostServerArgs, "vpcId">>>;
  readonly pairs: readonly PairConfig[];
}

/**
 * Outposts servers, and the pairs of them that relaunch each other's instances.
 * @throws `pulumi.RunError` that lists every launch template that isn't there or can't be relaunched.
 */
export async function deployOutposts(config: OutpostsConfig, { network, shared }: Foundation): Promise<StackOutputs> {
  const { applications, problems } = await lookUpApplications<PairApplication>(config.pairs);
  refuseConfigIfAny(problems);
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
  config.pairs.forEach(({ name, source, destination, ...args }, i) => {
    new OutpostRelaunchPair(name, {
      ...args,
      ...shared,
      applications: applications[i] ?? [],
      source: serverOf(source),
      destination: serverOf(destination),
    });
  });
  const ownerAccountIds = [...new Set(config.pairs.flatMap((pair) => pair.ownerAccountId ?? []))];
  if (ownerAccountIds.length > 0) {
    new MetricsSink("outposts", { ownerAccountIds });
  }
  return {};
}
