import { IncomingHttpHeaders, ServerResponse } from "node:http";
import { Request } from "./call";

/** An error as AWS answers it. */
export interface AwsError {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** How a service words what any of its operations may fail with, and how it puts that on the wire. */
interface ServiceErrors {
  readonly protocol: "ec2" | "query" | "rest-xml" | "json" | "rest-json";
  readonly throttle: readonly [status: number, code: string];
  readonly error: readonly [status: number, code: string];
  readonly denied: readonly [status: number, code: string];
}

const query = (throttle: string, error: string, denied: string): ServiceErrors => ({
  protocol: "query",
  throttle: [400, throttle],
  error: [500, error],
  denied: [403, denied],
});
const json = (error: string): ServiceErrors => ({
  protocol: "json",
  throttle: [400, "ThrottlingException"],
  error: [500, error],
  denied: [400, "AccessDeniedException"],
});

/**
 * By SigV4 service name. From each service's API Reference: "Common Error Types" and the operations' own errors (SNS
 * InternalError, CloudWatch InternalServiceError, Lambda TooManyRequestsException, …), and for EC2 from
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html. That a Query service throttles with the
 * code `Throttling` is what the SDKs' retry handlers are written for.
 */
const SERVICES: Readonly<Record<string, ServiceErrors>> = {
  ec2: {
    protocol: "ec2",
    throttle: [503, "RequestLimitExceeded"],
    error: [500, "InternalError"],
    denied: [403, "UnauthorizedOperation"],
  },
  autoscaling: query("Throttling", "InternalFailure", "AccessDenied"),
  elasticloadbalancing: query("Throttling", "InternalFailure", "AccessDenied"),
  monitoring: query("Throttling", "InternalServiceError", "AccessDenied"),
  sns: query("Throttling", "InternalError", "AuthorizationError"),
  sts: query("Throttling", "InternalFailure", "AccessDenied"),
  route53: { ...query("Throttling", "InternalFailure", "AccessDenied"), protocol: "rest-xml" },
  dynamodb: json("InternalServerError"),
  "application-autoscaling": json("InternalServiceException"),
  ecr: json("ServerException"),
  ecs: json("ServerException"),
  events: json("InternalException"),
  kms: json("KMSInternalException"),
  logs: json("InternalServerException"),
  secretsmanager: json("InternalServiceError"),
  sqs: { ...json("InternalFailure"), throttle: [400, "RequestThrottled"] },
  ssm: json("InternalServerError"),
  states: json("InternalFailure"),
  lambda: {
    protocol: "rest-json",
    throttle: [429, "TooManyRequestsException"],
    error: [500, "ServiceException"],
    denied: [403, "AccessDeniedException"],
  },
  outposts: {
    protocol: "rest-json",
    throttle: [400, "ThrottlingException"],
    error: [500, "InternalServerException"],
    denied: [403, "AccessDeniedException"],
  },
};

/** What an operation fails with. @throws if nobody has looked up yet how its service words errors. */
export function awsError(service: string, kind: "throttle" | "error" | "denied", message: string): AwsError {
  const [status, code] = errorsOf(service)[kind];
  return { status, code, message };
}

/** EC2 out of instances: a server error that no repetition mends (errors-overview.html, "Server error codes"). */
export const NO_CAPACITY: AwsError = {
  status: 500,
  code: "InsufficientInstanceCapacity",
  message: "There is not enough capacity to fulfill your request.",
};

/** Answers a request with an error, in the protocol that it was made in. */
export function answerError(
  { status, code, message }: AwsError,
  { service }: Request,
  asked: IncomingHttpHeaders,
  response: ServerResponse,
): void {
  if (asked["smithy-protocol"] === "rpc-v2-cbor") {
    const body = Buffer.concat([Buffer.from([0xa2]), ...["__type", code, "message", message].map(cborText)]);
    const headers = { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor" };
    response.writeHead(status, { ...headers, "x-amzn-query-error": `${code};${fault(status)}` }).end(body);
    return;
  }
  const { protocol } = errorsOf(service);
  // SQS and CloudWatch speak JSON to newer SDKs and Query to older ones.
  const isForm = asked["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  if (protocol.endsWith("json") || (protocol === "query" && !isForm)) {
    const headers = { "content-type": "application/x-amz-json-1.0", "x-amzn-errortype": code };
    response.writeHead(status, headers).end(JSON.stringify({ __type: code, message, Message: message }));
    return;
  }
  const error = `<Error><Type>${fault(status)}</Type><Code>${code}</Code><Message>${escape(message)}</Message></Error>`;
  const body =
    protocol === "ec2"
      ? `<Response><Errors>${error}</Errors><RequestID>endpoint</RequestID></Response>`
      : `<ErrorResponse>${error}<RequestId>endpoint</RequestId></ErrorResponse>`;
  response.writeHead(status, { "content-type": "text/xml" }).end(body);
}

function errorsOf(service: string): ServiceErrors {
  const errors = SERVICES[service];
  if (errors === undefined) {
    throw new Error(`how ${service} words its errors is not known here: add it to local/endpoint/errors.ts`);
  }
  return errors;
}

const fault = (status: number) => (status < 500 ? "Sender" : "Receiver");

const escape = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

/** A text of up to 64 KiB in CBOR. */
function cborText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const { length } = bytes;
  return Buffer.concat([Buffer.from(length < 24 ? [0x60 + length] : [0x79, length >> 8, length & 0xff]), bytes]);
}
