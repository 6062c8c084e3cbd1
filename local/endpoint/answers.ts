/** Answers of AWS APIs, each in its own protocol. */
import { Answered } from "./clientTokens";

/** An answer with another body. */
export function rewritten(answered: Answered, by: (body: string) => string): Answered {
  const body = Buffer.from(by(answered.body.toString()));
  return { ...answered, headers: { ...answered.headers, "content-length": body.length }, body };
}

/** Why a target isn't healthy: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html */
const REASONS = { initial: "Elb.InitialHealthChecking", unhealthy: "Target.FailedHealthChecks" };

/** DescribeTargetHealth's answer, in which healthy targets are what they are found to be. */
export function targetHealth(body: string, found: Readonly<Record<string, keyof typeof REASONS | "healthy">>): string {
  return body.replace(/<member>\s*<Target>[^]*?<\/member>/g, (member) => {
    const [id, port] = ["Id", "Port"].map((field) => new RegExp(`<${field}>([^<]*)`).exec(member)?.[1] ?? "");
    const state = found[`${id}:${port}`] ?? found[id ?? ""];
    return state === undefined || state === "healthy"
      ? member
      : member.replace("<State>healthy</State>", `<State>${state}</State><Reason>${REASONS[state]}</Reason>`);
  });
}

/** Status checks of one instance. */
export interface Status {
  readonly instanceId: string;
  readonly instance: string;
  readonly system: string;
}

export function instanceStatuses(statuses: readonly Status[]): string {
  const items = statuses.map(
    ({ instanceId, instance, system }) =>
      `<item><instanceId>${instanceId}</instanceId><instanceState><code>16</code><name>running</name></instanceState>` +
      `<instanceStatus><status>${instance}</status></instanceStatus>` +
      `<systemStatus><status>${system}</status></systemStatus></item>`,
  );
  return (
    `<DescribeInstanceStatusResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">` +
    `<requestId>world</requestId><instanceStatusSet>${items.join("")}</instanceStatusSet></DescribeInstanceStatusResponse>`
  );
}

export function lifecycleCompleted(): string {
  return (
    `<CompleteLifecycleActionResponse xmlns="http://autoscaling.amazonaws.com/doc/2011-01-01/">` +
    `<CompleteLifecycleActionResult/><ResponseMetadata><RequestId>world</RequestId></ResponseMetadata>` +
    `</CompleteLifecycleActionResponse>`
  );
}

const ROUTE53 = `xmlns="https://route53.amazonaws.com/doc/2013-04-01/"`;

export function healthCheck(id: string): string {
  return (
    `<GetHealthCheckResponse ${ROUTE53}><HealthCheck><Id>${id}</Id><CallerReference>world</CallerReference>` +
    `<HealthCheckConfig><Type>HTTPS</Type></HealthCheckConfig><HealthCheckVersion>1</HealthCheckVersion>` +
    `</HealthCheck></GetHealthCheckResponse>`
  );
}

/** As many observations as there are checkers; the healthy ones come last. */
export function observations({ healthy, of }: { readonly healthy: number; readonly of: number }): string {
  const items = Array.from({ length: of }, (_, i) => {
    const status = i < of - healthy ? "Failure: connection timed out" : "Success: HTTP Status Code 200, OK";
    return (
      `<HealthCheckObservation><Region>us-east-1</Region><IPAddress>192.0.2.${i}</IPAddress>` +
      `<StatusReport><Status>${status}</Status></StatusReport></HealthCheckObservation>`
    );
  });
  return (
    `<GetHealthCheckStatusResponse ${ROUTE53}><HealthCheckObservations>${items.join("")}</HealthCheckObservations>` +
    `</GetHealthCheckStatusResponse>`
  );
}

/** The parts of a GetMetricData request that matter here. */
interface MetricDataRequest {
  /** Seconds since 1970. */
  readonly StartTime: number;
  readonly MetricDataQueries: readonly {
    readonly Id: string;
    readonly MetricStat?: {
      readonly Metric: { readonly Namespace: string; readonly Dimensions: readonly { readonly Value: string }[] };
    };
  }[];
}

/**
 * The CPU of an instance, as the one datum of the first period that is asked for. `undefined` if it is not EC2's metrics
 * that are asked for: the emulator has those that others put.
 */
export function metricData(request: string, cpu: Readonly<Record<string, number | null>>): string | undefined {
  const { StartTime, MetricDataQueries } = JSON.parse(request) as MetricDataRequest;
  const [{ Id, MetricStat } = { Id: "", MetricStat: undefined }] = MetricDataQueries;
  if (MetricStat?.Metric.Namespace !== "AWS/EC2") {
    return undefined;
  }
  const value = cpu[MetricStat.Metric.Dimensions[0]?.Value ?? ""] ?? null;
  const data = value === null ? { Timestamps: [], Values: [] } : { Timestamps: [StartTime], Values: [value] };
  return JSON.stringify({ MetricDataResults: [{ Id, Label: "CPUUtilization", StatusCode: "Complete", ...data }] });
}
