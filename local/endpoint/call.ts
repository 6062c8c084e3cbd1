import { IncomingMessage } from "node:http";
import { AllowedBy } from "./iam/authorize";

/** One AWS call as the endpoint logs it. */
export interface Call {
  /** SigV4 service name, e.g. `ec2`. */
  readonly service: string;
  /** The operation, e.g. `ReplaceRoute`. */
  readonly action: string;
  readonly region: string;
  /** Access key of the caller. */
  readonly caller: string;
  /** Milliseconds since 1970. */
  readonly start: number;
  readonly end: number;
  /** HTTP status; 0 if the caller got no answer. */
  readonly status: number;
  /** Whether AWS did what it was asked, which the caller doesn't know if the answer was lost. */
  readonly executed: boolean;
  /** The statements of the caller's role that allowed it; none if the caller has no role. */
  readonly allowedBy: readonly AllowedBy[];
}

/** What can be read off a request before it is forwarded. */
export type Request = Pick<Call, "service" | "action" | "region" | "caller"> & {
  /** The same for all attempts of one SDK call. */
  readonly invocation: string;
  /** Parameters of a Query protocol request. */
  readonly parameters: URLSearchParams;
  /** Path of the URL, which is all that a REST protocol request says of its operation. */
  readonly path: string;
  readonly body: string;
};

/** The REST operations that deployed code calls; others are named by method and path. */
const REST_OPERATIONS: readonly [service: string, request: RegExp, action: string][] = [
  ["route53", /^GET \/2013-04-01\/healthcheck\/[^/]+$/, "GetHealthCheck"],
  ["route53", /^GET \/2013-04-01\/healthcheck\/[^/]+\/status$/, "GetHealthCheckStatus"],
  ["outposts", /^GET \/outposts\/[^/]+\/instanceTypes$/, "GetOutpostInstanceTypes"],
];

/** Reads service, Region and caller from the SigV4 credential scope, and the operation from wherever its protocol puts it. */
export function parseRequest(request: IncomingMessage, body: Buffer): Request {
  const scope = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(request.headers.authorization ?? "");
  const isForm = request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  const parameters = new URLSearchParams(isForm ? body.toString() : "");
  const target = request.headers["x-amz-target"];
  const path = request.url?.split("?")[0] ?? "";
  const service = scope?.[3] ?? "";
  const rest = `${request.method} ${path}`;
  const action =
    parameters.get("Action") ??
    (typeof target === "string" ? target.split(".").pop() : undefined) ??
    /\/operation\/(\w+)$/.exec(path)?.[1] ??
    REST_OPERATIONS.find(([name, pattern]) => name === service && pattern.test(rest))?.[2] ??
    rest;
  return {
    caller: scope?.[1] ?? "",
    region: scope?.[2] ?? "",
    service,
    action,
    invocation: String(request.headers["amz-sdk-invocation-id"] ?? ""),
    parameters,
    path,
    body: body.toString(),
  };
}
