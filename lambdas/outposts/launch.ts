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
  /** Places whose client token was that of an instance that has ended. */
  readonly outdated: readonly string[];
  /** Places whose client token was that of a launch for another outage or by another version: its copy isn't to be seen. */
  readonly taken: readonly string[];
}

/** What a launch is for. */
export interface LaunchFor {
  /** The outage, for the copies' tag. */
  readonly outage: string;
  readonly episode: string;
  /** All copies, ended ones too. */
  readonly copies: readonly InstanceState[];
  /** Which token in a row a place is to get, if not the first. */
  readonly serials: ReadonlyMap<string, number>;
}

/** As much of what EC2 says as people need: refusals for lack of permission carry pages of it, encoded. */
const REASON_LENGTH = 300;

/**
 * Launches everything that was decided, in parallel: one call an instance. Each has a client token of its own, so that a
 * call that is repeated, by whatever run, launches nothing twice: EC2 answers with the instance that is there already.
 */
export async function launchAll(
  placements: readonly Placement[],
  { outage, episode, copies: known, serials }: LaunchFor,
  settings: RelaunchSettings,
  { ec2 }: RelaunchClients,
): Promise<Launched> {
  const places = placements.flatMap((p) => p.launch.map((place) => ({ place, application: p.application })));
  const outcomes = await Promise.allSettled(
    places.map(({ place, application }) => {
      const ended = known.filter((i) => i.tags[SLOT] === place && !isAlive(i)).map((i) => i.instanceId);
      const token = clientToken(settings.system, episode, place, ended, serials.get(place));
      return ec2.send(runOne(application, place, outage, token, settings));
    }),
  );
  const copies: InstanceState[] = [];
  const refused = new Map<string, string>();
  const failed = new Map<string, unknown>();
  const outdated: string[] = [];
  const taken: string[] = [];
  outcomes.forEach((outcome, i) => {
    const place = places[i]?.place ?? "";
    if (outcome.status === "fulfilled") {
      const answered = (outcome.value.Instances ?? []).map(stateOf);
      copies.push(...answered.filter(isAlive));
      outdated.push(...(answered.every(isAlive) ? [] : [place]));
      return;
    }
    const { reason } = outcome;
    const { name } = reason as Error;
    if (name === TERMINATED) {
      outdated.push(place);
    } else if (name === MISMATCH) {
      taken.push(place);
    } else if (isRefusal(reason)) {
      refused.set(place, String(reason).slice(0, REASON_LENGTH));
    } else {
      failed.set(place, reason);
    }
  });
  return { copies, refused, failed, outdated, taken };
}

/**
 * What EC2 says if a token's instance has ended. Until 2025 it answered with that instance:
 * https://github.com/boto/boto3/issues/4406
 */
const TERMINATED = "IdempotentInstanceTerminated";
/** What it says if a token's parameters were others; tags are parameters, too. */
const MISMATCH = "IdempotentParameterMismatch";

/**
 * Whether EC2 has said no, as far as this call is concerned. That it lacks capacity is a server error (HTTP 500), and
 * no less final.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
export function isRefusal(error: unknown): boolean {
  const { name = "", $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode ?? 0;
  return (
    /^Insufficient\w*Capacity/.test(name) ||
    (status >= 400 && status < 500 && !/Throttl|RequestLimitExceeded|TooManyRequests/.test(name))
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
 * 64 characters, as many as EC2 allows. The same for the same place in an episode, until the copy that had it has ended.
 * EC2 shows that for about an hour and remembers the token for a day: then the next in the row is tried, so that every run
 * comes by the same tokens to the one that is free, or whose copy runs.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/Run_Instance_Idempotency.html
 */
export function clientToken(
  system: string,
  episode: string,
  place: string,
  ended: readonly string[],
  serial = 0,
): string {
  return createHash("sha256")
    .update([system, episode, place, ...[...ended].sort(), ...(serial === 0 ? [] : [`#${serial}`])].join("|"))
    .digest("hex");
}
