import { AutoScalingClient, AutoScalingGroup, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { DescribeTagsCommand, EC2Client } from "@aws-sdk/client-ec2";
import { randomUUID } from "node:crypto";
import { rewritten } from "./answers";
import { Request } from "./call";
import { Answered } from "./clientTokens";
import { AwsError } from "./errors";

/** A value of a Query protocol: what has no members is text. */
type Value = string | readonly Value[] | { readonly [field: string]: Value };

/** An instance refresh, as DescribeInstanceRefreshes has it. */
export interface KeptRefresh {
  readonly InstanceRefreshId: string;
  readonly AutoScalingGroupName: string;
  readonly Status: string;
  readonly [field: string]: Value;
}

/** Settings of a group that moto drops. */
const DROPPED = [
  "InstanceMaintenancePolicy",
  "DefaultInstanceWarmup",
  "AvailabilityZoneDistribution",
  "MaxInstanceLifetime",
];

/** In these a refresh still goes on: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_InstanceRefresh.html */
const ACTIVE = ["Pending", "InProgress", "Baking", "Cancelling", "RollbackInProgress"];

/**
 * What moto lacks of Auto Scaling: it knows no instance refreshes, forgets settings of groups, and gives every instance
 * the default version of the template. Refreshes are only kept here: whoever plays Auto Scaling carries them out, and says how far they are (`advance`).
 */
export class AutoScaling {
  /** By Region and group, the newest first. */
  private readonly refreshes = new Map<string, KeptRefresh[]>();
  private readonly settings = new Map<string, Record<string, Value>>();
  /** The version of its template that an instance was launched from, which never changes. */
  private readonly versions = new Map<string, string>();

  constructor(private readonly moto: string) {}

  /** The answer in moto's place; `undefined` if it has one itself. */
  async answer(request: Request): Promise<Answered | Refusal | undefined> {
    const operation = request.service === "autoscaling" ? OPERATIONS[request.action] : undefined;
    if (operation === undefined) {
      return undefined;
    }
    const group = await this.group(request);
    const name = request.parameters.get("AutoScalingGroupName") ?? "";
    if (group === undefined) {
      return validation(`AutoScalingGroup name not found - AutoScalingGroup '${name}' not found`);
    }
    const result = operation(request, group, this.of(request.region, name));
    return "refusal" in result ? result : xml(request.action, result.answer);
  }

  /** Takes note of what moto forgets, and adds it to what moto answers. */
  async amend({ service, action, region, parameters }: Request, answered: Answered): Promise<Answered> {
    if (service !== "autoscaling" || answered.status >= 300) {
      return answered;
    }
    const key = keyOf(region, parameters.get("AutoScalingGroupName") ?? "");
    if (/^(Create|Update)AutoScalingGroup$/.test(action)) {
      this.settings.set(key, { ...this.settings.get(key), ...structures(parameters, ...DROPPED) });
    } else if (action === "DeleteAutoScalingGroup") {
      this.settings.delete(key);
      this.refreshes.delete(key);
    } else if (action === "DescribeAutoScalingGroups") {
      await this.learnVersions(region, answered.body.toString());
      return rewritten(answered, (body) => this.described(region, body));
    }
    return answered;
  }

  /** Groups as moto describes them, with what it has forgotten. */
  private described(region: string, body: string): string {
    return body
      .replace(/<AutoScalingGroupName>([^<]*)<\/AutoScalingGroupName>/g, (name, group: string) => {
        return name + fields(unlessUnset(this.settings.get(keyOf(region, group)) ?? {}));
      })
      .replace(INSTANCE, (instance) => {
        const version = this.versions.get(idOf(instance));
        return version === undefined ? instance : instance.replace(/<Version>[^<]*/, `<Version>${version}`);
      });
  }

  /** EC2 tags what is launched from a template with its version. */
  private async learnVersions(region: string, body: string): Promise<void> {
    const unknown = (body.match(INSTANCE) ?? []).map(idOf).filter((id) => !this.versions.has(id));
    if (unknown.length === 0) {
      return;
    }
    const Filters = [
      { Name: "resource-id", Values: unknown },
      { Name: "key", Values: ["aws:ec2launchtemplate:version"] },
    ];
    const { Tags = [] } = await this.client(EC2Client, region).send(new DescribeTagsCommand({ Filters }));
    Tags.forEach(({ ResourceId = "", Value = "" }) => this.versions.set(ResourceId, Value));
  }

  /** Says what has become of a group's newest refresh. */
  advance(region: string, group: string, change: Partial<KeptRefresh>): void {
    const [newest, ...older] = this.of(region, group);
    if (newest !== undefined) {
      this.refreshes.set(keyOf(region, group), [{ ...newest, ...change } as KeptRefresh, ...older]);
    }
  }

  private of(region: string, group: string): KeptRefresh[] {
    const kept = this.refreshes.get(keyOf(region, group)) ?? [];
    this.refreshes.set(keyOf(region, group), kept);
    return kept;
  }

  private async group({ region, parameters }: Request): Promise<AutoScalingGroup | undefined> {
    const AutoScalingGroupNames = [parameters.get("AutoScalingGroupName") ?? ""];
    const { AutoScalingGroups = [] } = await this.client(AutoScalingClient, region).send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames }),
    );
    return AutoScalingGroups[0];
  }

  /** A client of moto itself. */
  private client<T>(Client: new (config: object) => T, region: string): T {
    return new Client({
      region,
      endpoint: this.moto,
      credentials: { accessKeyId: "ENDPOINT", secretAccessKey: "local" },
    });
  }
}

/** An instance in an answer: no list is in it. */
const INSTANCE = /<member>(?:(?!<member>)[^])*?<InstanceId>(?:(?!<member>)[^])*?<\/member>/g;
const idOf = (instance: string) => /<InstanceId>([^<]*)/.exec(instance)?.[1] ?? "";

const keyOf = (region: string, group: string) => `${region} ${group}`;

interface Refusal {
  readonly refusal: AwsError;
}

/** What an operation comes to, for a group's refreshes, which it may change. */
type Operation = (
  request: Request,
  group: AutoScalingGroup,
  refreshes: KeptRefresh[],
) => { readonly answer: Readonly<Record<string, Value>> } | Refusal;

const OPERATIONS: Readonly<Record<string, Operation>> = {
  StartInstanceRefresh: ({ parameters }, group, refreshes) => {
    const asked = structures(parameters, "Strategy", "DesiredConfiguration", "Preferences");
    const refusal = refused(group, asked, refreshes);
    if (refusal !== undefined) {
      return refusal;
    }
    const refresh = {
      InstanceRefreshId: randomUUID(),
      AutoScalingGroupName: group.AutoScalingGroupName ?? "",
      Status: "Pending",
      StartTime: new Date().toISOString(),
      PercentageComplete: "0",
      InstancesToUpdate: String(group.Instances?.length ?? 0),
      ...asked,
    };
    refreshes.unshift(refresh);
    return { answer: { InstanceRefreshId: refresh.InstanceRefreshId } };
  },
  DescribeInstanceRefreshes: ({ parameters }, _group, refreshes) => {
    const ids = structure(parameters, "InstanceRefreshIds") as readonly string[] | undefined;
    return { answer: { InstanceRefreshes: refreshes.filter((one) => ids?.includes(one.InstanceRefreshId) ?? true) } };
  },
  // AWS says Cancelling until the replacement under way is through.
  CancelInstanceRefresh: (_request, _group, refreshes) => ended(refreshes, "Cancelled", new Date().toISOString()),
  RollbackInstanceRefresh: (_request, _group, refreshes) =>
    isActive(refreshes[0]) && refreshes[0]["DesiredConfiguration"] === undefined
      ? error("IrreversibleInstanceRefresh", "The instance refresh has no desired configuration to roll back from.")
      : ended(refreshes, "RollbackInProgress"),
};

const isActive = (refresh: KeptRefresh | undefined): refresh is KeptRefresh =>
  refresh !== undefined && ACTIVE.includes(refresh.Status);

/** https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_StartInstanceRefresh.html, "Errors" and "AutoRollback" */
function refused(
  group: AutoScalingGroup,
  asked: Readonly<Record<string, Value>>,
  [newest]: readonly KeptRefresh[],
): Refusal | undefined {
  if (isActive(newest)) {
    return error(
      "InstanceRefreshInProgress",
      "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
    );
  }
  const { AutoRollback } = (asked["Preferences"] ?? {}) as Record<string, Value>;
  if (AutoRollback !== "true") {
    return undefined;
  }
  if (asked["DesiredConfiguration"] === undefined) {
    return validation("AutoRollback is only supported with a desired configuration.");
  }
  const { Version } = group.LaunchTemplate ?? {};
  return Version === undefined || Version.startsWith("$")
    ? validation(`The Auto Scaling group's launch template version ${Version ?? "$Default"} can't be rolled back to.`)
    : undefined;
}

function ended(refreshes: KeptRefresh[], Status: string, EndTime?: string) {
  const [newest] = refreshes;
  if (!isActive(newest)) {
    return error(
      "ActiveInstanceRefreshNotFound",
      "No in progress or pending Instance Refresh found for Auto Scaling group",
    );
  }
  refreshes[0] = { ...newest, Status, ...(EndTime === undefined ? {} : { EndTime }) };
  return { answer: { InstanceRefreshId: newest.InstanceRefreshId } };
}

const error = (code: string, message: string): Refusal => ({ refusal: { status: 400, code, message } });
const validation = (message: string) => error("ValidationError", message);

const structures = (parameters: URLSearchParams, ...names: readonly string[]): Record<string, Value> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = structure(parameters, name);
      return value === undefined ? [] : [[name, value]];
    }),
  );

/** A parameter of a Query request with all that is in it: `A.B=1&A.C.member.1=2` as `{ B: "1", C: ["2"] }`. */
function structure(parameters: URLSearchParams, name: string): Value | undefined {
  const text = parameters.get(name);
  const inner = [...parameters.keys()]
    .filter((key) => key.startsWith(`${name}.`))
    .map((key) => key.slice(name.length + 1));
  if (text !== null || inner.length === 0) {
    return text ?? undefined;
  }
  const names = [
    ...new Set(
      inner.map((key) =>
        key.startsWith("member.") ? key.split(".").slice(0, 2).join(".") : (key.split(".")[0] as string),
      ),
    ),
  ];
  const values = names.map((one) => [one, structure(parameters, `${name}.${one}`) ?? ""] as const);
  return names[0]?.startsWith("member.") ? values.map(([, value]) => value) : Object.fromEntries(values);
}

/** `-1` takes a setting back: https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html */
const unlessUnset = (settings: Readonly<Record<string, Value>>) =>
  Object.fromEntries(
    Object.entries(settings).filter(
      ([, value]) => ![value, ...(typeof value === "object" ? Object.values<Value>(value) : [])].includes("-1"),
    ),
  );

const fields = (values: Readonly<Record<string, Value>>): string =>
  Object.entries(values)
    .map(([name, value]) => `<${name}>${content(value)}</${name}>`)
    .join("");

function content(value: Value): string {
  if (typeof value === "string") {
    return value.replace(/&/g, "&amp;").replace(/</g, "&lt;");
  }
  return Array.isArray(value)
    ? value.map((one: Value) => `<member>${content(one)}</member>`).join("")
    : fields(value as Record<string, Value>);
}

function xml(action: string, result: Readonly<Record<string, Value>>): Answered {
  const body =
    `<${action}Response xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">` +
    `<${action}Result>${fields(result)}</${action}Result>` +
    `<ResponseMetadata><RequestId>endpoint</RequestId></ResponseMetadata></${action}Response>`;
  return { status: 200, headers: { "content-type": "text/xml" }, body: Buffer.from(body) };
}
