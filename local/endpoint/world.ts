import { Request } from "./call";

/**
 * Facts of the drill's world that neither emulator can be told, and the answers that follow from them. moto knows
 * neither failing status checks nor the filters that ask for them, and stores lifecycle hooks without acting on them;
 * neither has the Outposts API.
 */
export interface World {
  /** Instances that don't pass their status checks, with the status EC2 would give. */
  readonly statusChecks: Record<string, "impaired" | "initializing">;
  /** Instance types that each Outpost offers, by its id. An Outpost that is not there doesn't exist. */
  readonly outposts: Record<string, readonly string[]>;
}

export const PEACE: World = { statusChecks: {}, outposts: {} };

/** The answer that the world gives in an emulator's place, or `undefined` to let the emulator answer. */
export function answer(request: Request, world: World): string | undefined {
  if (request.service === "ec2" && request.action === "DescribeInstanceStatus") {
    const filters = filterValues(request.parameters);
    const [check, statuses] = [...filters].find(([name]) => name.endsWith("-status.status")) ?? [];
    if (check && statuses) {
      return instanceStatuses(
        check,
        failing(world).filter(([, status]) => statuses.includes(status)),
      );
    }
    const ids = [...request.parameters].filter(([name]) => name.startsWith("InstanceId.")).map(([, id]) => id);
    const asked = failing(world).filter(([id]) => ids.includes(id));
    // Instances that pass their checks are moto's to report; only a question about failing ones alone is answered here.
    return asked.length === 0 ? undefined : instanceStatuses("instance-status.status", asked);
  }
  if (request.action === "GetOutpostInstanceTypes") {
    const outpost = request.path.split("/")[2] ?? "";
    const InstanceTypes = world.outposts[outpost]?.map((InstanceType) => ({ InstanceType }));
    return InstanceTypes && JSON.stringify({ OutpostId: outpost, InstanceTypes });
  }
  if (request.service === "autoscaling" && request.action === "CompleteLifecycleAction") {
    return (
      `<CompleteLifecycleActionResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">` +
      `<CompleteLifecycleActionResult/><ResponseMetadata><RequestId>world</RequestId></ResponseMetadata>` +
      `</CompleteLifecycleActionResponse>`
    );
  }
  return undefined;
}

const failing = (world: World) => Object.entries(world.statusChecks);

function instanceStatuses(check: string, instances: readonly [string, string][]): string {
  // A drill's instance fails its instance status check; the other checks pass.
  const items = check === "instance-status.status" ? instances : [];
  const xml = items.map(
    ([id, status]) =>
      `<item><instanceId>${id}</instanceId><instanceState><code>16</code><name>running</name></instanceState>` +
      `<instanceStatus><status>${status}</status></instanceStatus><systemStatus><status>ok</status></systemStatus></item>`,
  );
  return (
    `<DescribeInstanceStatusResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
    `<requestId>world</requestId><instanceStatusSet>${xml.join("")}</instanceStatusSet></DescribeInstanceStatusResponse>`
  );
}

/** `Filter.1.Name=a&Filter.1.Value.1=b` as a map from name to values. */
function filterValues(parameters: URLSearchParams): Map<string, string[]> {
  const filters = new Map<string, string[]>();
  for (const [key, name] of parameters) {
    const index = /^Filter\.(\d+)\.Name$/.exec(key)?.[1];
    if (index !== undefined) {
      const values = [...parameters].filter(([k]) => k.startsWith(`Filter.${index}.Value.`)).map(([, v]) => v);
      filters.set(name, values);
    }
  }
  return filters;
}
