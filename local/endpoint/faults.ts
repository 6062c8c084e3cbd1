import { IncomingMessage, ServerResponse } from "node:http";
import { Request } from "./call";

/** How a call fails. */
export type FaultKind = "throttle" | "error" | "timeout" | "reset";

/** Which calls fail, and how. Attempts of one SDK call count as one: if it fails, all its attempts do. */
export interface Fault {
  readonly kind: FaultKind;
  /** Access key of the caller whose calls are counted. */
  readonly caller: string;
  /** Only this operation. @default any */
  readonly action?: string;
  /** The first call that fails, counted from 0. */
  readonly from: number;
  /** How many calls fail from there on. */
  readonly count: number;
}

/** The fault in force, if any, and which calls it has seen. */
export class Faults {
  private readonly seen: string[] = [];

  constructor(private readonly fault?: Fault) {}

  /** How this request is to fail, if it is. */
  match(request: Request): FaultKind | undefined {
    const { fault } = this;
    if (!fault || request.caller !== fault.caller || (fault.action !== undefined && fault.action !== request.action)) {
      return undefined;
    }
    if (!this.seen.includes(request.invocation)) {
      this.seen.push(request.invocation);
    }
    const index = this.seen.indexOf(request.invocation);
    return index >= fault.from && index < fault.from + fault.count ? fault.kind : undefined;
  }
}

/** Fails a request in its own protocol. Returns the HTTP status, 0 for a cut connection. */
export async function fail(
  kind: FaultKind,
  incoming: IncomingMessage,
  request: Request,
  response: ServerResponse,
): Promise<number> {
  if (kind === "reset") {
    incoming.socket.destroy();
    return 0;
  }
  if (kind === "timeout") {
    await new Promise((resolve) => incoming.socket.once("close", resolve));
    return 0;
  }
  const throttled = kind === "throttle";
  const status = throttled ? 400 : 500;
  const code = throttled ? "ThrottlingException" : "InternalFailure";
  if (incoming.headers["smithy-protocol"] === "rpc-v2-cbor") {
    response.writeHead(status, { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor" });
    response.end(Buffer.concat([Buffer.from([0xa1]), cborText("__type"), cborText(code)]));
  } else if (request.parameters.has("Action")) {
    const error = `<Error><Code>${throttled ? "Throttling" : code}</Code><Message>injected</Message></Error>`;
    const body =
      request.service === "ec2"
        ? `<Response><Errors>${error}</Errors></Response>`
        : `<ErrorResponse>${error}</ErrorResponse>`;
    response.writeHead(status, { "content-type": "text/xml" }).end(body);
  } else {
    response.writeHead(status, { "content-type": "application/x-amz-json-1.0" });
    response.end(JSON.stringify({ __type: code, message: "injected" }));
  }
  return status;
}

/** A short text in CBOR. */
function cborText(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x60 + text.length]), Buffer.from(text)]);
}
