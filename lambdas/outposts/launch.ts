import { InstanceNetworkInterfaceSpecification, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { createHash } from "crypto";
import { RelaunchClients } from "./clients";
import { InstanceState, isAlive } from "./instances";
import { stateOf } from "./observe";
import { Placement } from "./plan";
import { Application, OUTAGE, RELAUNCHED_BY, RelaunchSettings, SLOT } from "./settings";

/** What became of launches. */
export interface Launched {
  readonly copies: readonly InstanceState[];
  /** What EC2 said, by place, where it refused: no repetition of the same call mends that. */
  readonly refused: ReadonlyMap<string, string>;
  /** Errors that may pass, by place. */
  readonly failed: ReadonlyMap<string, unknown>;
  /** Whether EC2 answered with an instance that has ended: the client token was that of an earlier launch. */
  readonly outdated: boolean;
}

/** What a launch is for. */
export interface LaunchFor {
  /** The outage, for the copies' tag. */
  readonly outage: string;
  readonly episode: string;
  /** All copies, ended ones too. */
  readonly copies: readonly InstanceState[];
}

/** As much of what EC2 says as people need: refusals for lack of permission carry pages of it, encoded. */
const REASON_LENGTH = 300;

/**
 * Launches everything that was decided, in parallel: one call an instance. Each has a client token of its own, so that a
 * call that is repeated, by whatever run, launches nothing twice: EC2 answers with the instance that is there already.
 */
export async function launchAll(
  placements: readonly Placement[],
  { outage, episode, copies }: LaunchFor,
  settings: RelaunchSettings,
  { ec2 }: RelaunchClients,
): Promise<Launched> {
  const places = placements.flatMap((p) => p.launch.map((place) => ({ place, application: p.application })));
  const outcomes = await Promise.allSettled(
    places.map(({ place, application }) => {
      const ended = copies.filter((i) => i.tags[SLOT] === place && !isAlive(i)).map((i) => i.instanceId);
      return ec2.send(
        runOne(application, place, outage, clientToken(settings.system, episode, place, ended), settings),
      );
    }),
  );
  const launched: InstanceState[] = [];
  const refused = new Map<string, string>();
  const failed = new Map<string, unknown>();
  outcomes.forEach((outcome, i) => {
    const place = places[i]?.place ?? "";
    if (outcome.status === "fulfilled") {
      launched.push(...(outcome.value.Instances ?? []).map(stateOf));
    } else if (isRefusal(outcome.reason)) {
      refused.set(place, String(outcome.reason).slice(0, REASON_LENGTH));
    } else {
      failed.set(place, outcome.reason);
    }
  });
  const outdated = launched.some((i) => !isAlive(i));
  return { copies: launched.filter(isAlive), refused, failed, outdated };
}

/**
 * Whether EC2 has said no, as far as this call is concerned. That it lacks capacity is a server error (HTTP 500), and
 * no less final; a token that was used with other parameters belongs to a copy that can't be seen yet.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export function isRefusal(error: unknown): boolean {
  const { name = "", $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return (
    /^Insufficient\w*Capacity/.test(name) ||
    (status >= 400 && status < 500 && !/Throttl|RequestLimitExceeded|TooManyRequests|^Idempotent/.test(name))
  );
}

function runOne(
  application: Application,
  place: string,
  outage: string,
  ClientToken: string,
  settings: RelaunchSettings,
): RunInstancesCommand {
  const { launchTemplateId, version, instanceType, subnetId, networkInterfaces, name } = application;
  const tags = { [RELAUNCHED_BY]: settings.system, [OUTAGE]: outage, [SLOT]: place, Name: `${name}-relaunched` };
  return new RunInstancesCommand({
    ClientToken,
    LaunchTemplate: { LaunchTemplateId: launchTemplateId, Version: version },
    InstanceType: instanceType as never,
    // EC2 refuses a subnet beside network interfaces: then each interface names it.
    ...(networkInterfaces.length === 0
      ? { SubnetId: subnetId }
      : {
          NetworkInterfaces: networkInterfaces.map((i): InstanceNetworkInterfaceSpecification => ({
            ...i,
            SubnetId: subnetId,
          })),
        }),
    MinCount: 1,
    MaxCount: 1,
    TagSpecifications: [
      { ResourceType: "instance", Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
    ],
  });
}

/**
 * 64 characters, as many as EC2 allows. The same for the same place in an episode, until the copy that had it has ended:
 * EC2 remembers a token for a day after that.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Run_Instance_Idempotency.html
 */
export function clientToken(system: string, episode: string, place: string, ended: readonly string[]): string {
  return createHash("sha256")
    .update([system, episode, place, ...[...ended].sort()].join("|"))
    .digest("hex");
}
