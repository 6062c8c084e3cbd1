import { IncomingMessage, ServerResponse } from "node:http";
import { Request } from "./call";
import { answerError, AwsError, awsError, NO_CAPACITY } from "./errors";

/**
 * How a call fails. AWS has not executed it, but for `lostAnswer`:
 * - `throttle`, `error`, `denied`: AWS's own code and status for throttling, for a failure of its own, for IAM's refusal;
 * - `capacity`: EC2 has no instance of the type left;
 * - `timeout`: no answer comes;
 * - `reset`: the connection is cut before AWS has the request;
 * - `lostAnswer`: AWS executes the call, and the connection is cut before the answer is there.
 */
export type FaultKind = "throttle" | "error" | "denied" | "capacity" | "timeout" | "reset" | "lostAnswer";

/** Which calls fail, and how. Attempts of one SDK call count as one: if it fails, all its attempts do. */
export interface Fault {
  readonly kind: FaultKind;
  /** The callers whose calls are counted: their access keys begin so. */
  readonly caller: string;
  /** Only this operation. @default any */
  readonly action?: string;
  /** The first call that fails, counted from 0. */
  readonly from: number;
  /** How many calls fail from there on. */
  readonly count: number;
}

/**
 * Sent by clients that can be told that no answer will come: they are told at once, in
 * the answer's header of the same name. Others wait for as long as they are willing to.
 */
export const HANGS = "x-nplusone-hangs";

/** The fault in force, if any, and which calls it has seen. */
export class Faults {
  private readonly seen: string[] = [];

  constructor(private readonly fault?: Fault) {}

  /** How this request is to fail, if it is. */
  match(request: Request): FaultKind | undefined {
    const { fault } = this;
    if (!fault || !request.caller.startsWith(fault.caller) || (fault.action ?? request.action) !== request.action) {
      return undefined;
    }
    if (!this.seen.includes(request.invocation)) {
      this.seen.push(request.invocation);
    }
    const index = this.seen.indexOf(request.invocation);
    return index >= fault.from && index < fault.from + fault.count ? fault.kind : undefined;
  }
}

/** Fails a request that AWS hasn't executed. Returns the HTTP status, 0 if there is no answer. */
export async function fail(
  kind: Exclude<FaultKind, "lostAnswer">,
  incoming: IncomingMessage,
  request: Request,
  response: ServerResponse,
): Promise<number> {
  switch (kind) {
    case "reset":
      incoming.socket.destroy();
      return 0;
    case "timeout":
      if (HANGS in incoming.headers) {
        response.writeHead(504, { [HANGS]: "true" }).end();
      } else {
        await new Promise((resolve) => incoming.socket.once("close", resolve));
      }
      return 0;
    default: {
      const error = errorOf(kind, request);
      answerError(error, request, incoming.headers, response);
      return error.status;
    }
  }
}

function errorOf(kind: "throttle" | "error" | "denied" | "capacity", { service, action }: Request): AwsError {
  switch (kind) {
    case "capacity":
      return NO_CAPACITY;
    case "denied":
      return awsError(service, kind, `You are not authorized to perform: ${action}, says the rehearsal's fault`);
    default:
      return awsError(service, kind, `${kind}, says the rehearsal's fault`);
  }
}
