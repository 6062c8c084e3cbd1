import { OutgoingHttpHeaders } from "node:http";
import { Request } from "./call";
import { AwsError } from "./errors";

/** What a call was answered. */
export interface Answered {
  readonly status: number;
  readonly headers: OutgoingHttpHeaders;
  readonly body: Buffer;
}

/** What a client token says about a call. */
export type Tokened =
  /** AWS is to execute it; `done` must be told what came of it. */
  | { readonly done: (answered: Answered | undefined) => void }
  /** AWS has executed it before, and answers the same again. */
  | { readonly before: Answered }
  | { readonly refusal: AwsError };

interface Launch {
  readonly parameters: string;
  readonly answered: Promise<Answered | undefined>;
}

/**
 * Honours the client tokens of RunInstances, which moto only stores: the same token with the same parameters launches
 * once and is answered the same, with others it is refused, and so it is once the instance has been terminated. A launch
 * that has failed leaves its token free.
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html, https://github.com/boto/boto3/issues/4406
 */
export class ClientTokens {
  private readonly launches = new Map<string, Launch>();
  private readonly terminated = new Set<string>();

  /** Waits for a call of the same token that is under way. */
  async claim({ service, action, region, parameters }: Request): Promise<Tokened> {
    const token = parameters.get("ClientToken");
    if (service === "ec2" && action === "TerminateInstances") {
      const ids = [...parameters].flatMap(([name, value]) => (name.startsWith("InstanceId.") ? [value] : []));
      return { done: (answered) => succeeded(answered) && ids.forEach((id) => this.terminated.add(id)) };
    }
    if (service !== "ec2" || action !== "RunInstances" || token === null) {
      return { done: () => undefined };
    }
    const key = `${region} ${token}`;
    const own = new URLSearchParams([...parameters].sort(([a], [b]) => a.localeCompare(b))).toString();
    for (;;) {
      const launch = this.launches.get(key);
      if (launch === undefined) {
        return { done: this.begin(key, own) };
      }
      const before = await launch.answered;
      if (before !== undefined) {
        const [, id = ""] = /<instanceId>([^<]+)/.exec(before.body.toString()) ?? [];
        const refusal = launch.parameters === own ? this.terminated.has(id) && TERMINATED : MISMATCH;
        return refusal === false ? { before } : { refusal };
      }
    }
  }

  private begin(key: string, parameters: string): (answered: Answered | undefined) => void {
    let resolve: (answered: Answered | undefined) => void = () => undefined;
    const answered = new Promise<Answered | undefined>((r) => (resolve = r));
    this.launches.set(key, { parameters, answered });
    return (answer) => {
      if (!succeeded(answer)) {
        this.launches.delete(key);
      }
      resolve(succeeded(answer) ? answer : undefined);
    };
  }
}

const succeeded = (answered: Answered | undefined) => answered !== undefined && answered.status < 300;

const TERMINATED: AwsError = {
  status: 400,
  code: "IdempotentInstanceTerminated",
  message:
    "The client token you have provided is associated with a terminated instance. Please use a different client token.",
};

const MISMATCH: AwsError = {
  status: 400,
  code: "IdempotentParameterMismatch",
  message: "The client token you have provided is associated with a resource of other parameters.",
};
