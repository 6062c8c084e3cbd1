import { Request } from "./call";
import { Answered } from "./clientTokens";
import { AwsError } from "./errors";

/** How far reads are behind writes. */
export interface Lag {
  /** The callers who see it: their access keys begin so. */
  readonly caller: string;
  /** How many of their calls don't find an instance that was just launched. */
  readonly calls: number;
  /** Instances that were just launched by others: Auto Scaling's launches are no calls. @default those of RunInstances alone */
  readonly instanceIds?: readonly string[];
}

/**
 * Instances that were launched and that reads don't find yet: a call that names one is refused, and a list leaves it out.
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 */
export class Lagging {
  private readonly unseen: Map<string, number>;

  constructor(private readonly lag?: Lag) {
    this.unseen = new Map((lag?.instanceIds ?? []).map((id) => [id, lag?.calls ?? 0]));
  }

  /** Notes what a launch has made. */
  launched({ service, action }: Request, { status, body }: Answered): void {
    if (this.lag !== undefined && service === "ec2" && action === "RunInstances" && status < 300) {
      for (const [, id = ""] of body.toString().matchAll(/<instanceId>(i-\w+)<\/instanceId>/g)) {
        this.unseen.set(id, this.lag.calls);
      }
    }
  }

  /** The refusal of a call that names an instance which isn't to be found yet. */
  refuse(request: Request): AwsError | undefined {
    if (!this.concerns(request)) {
      return undefined;
    }
    const named = [...request.parameters].filter(([name]) => /^(InstanceId|ResourceId)(\.\d+)?$/.test(name));
    const id = named.map(([, value]) => value).find((value) => this.isUnseen(value));
    if (id === undefined) {
      return undefined;
    }
    this.pass(id);
    const message = `The instance ID '${id}' does not exist`;
    return { status: 400, code: "InvalidInstanceID.NotFound", message };
  }

  /** A list of instances without those that aren't to be found yet. */
  withoutUnseen(request: Request, answered: Answered): Answered {
    const text = answered.body.toString();
    const ids = [...this.unseen.keys()].filter((id) => this.isUnseen(id) && text.includes(id));
    if (!this.concerns(request) || request.action !== "DescribeInstances" || ids.length === 0) {
      return answered;
    }
    ids.forEach((id) => this.pass(id));
    // A launch is one reservation.
    const [head = "", ...reservations] = text.split(/(?=<item>\s*<reservationId>)/);
    const tail = /<\/reservationSet>[^]*$/.exec(text)?.[0] ?? "";
    const bodies = reservations.map((one) => one.replace(/<\/reservationSet>[^]*$/, ""));
    const seen = bodies.filter((one) => !ids.some((id) => one.includes(id)));
    const body = Buffer.from([head, ...seen, tail].join(""));
    return { ...answered, headers: { ...answered.headers, "content-length": body.length }, body };
  }

  private concerns({ service, caller }: Request): boolean {
    return this.lag !== undefined && service === "ec2" && caller.startsWith(this.lag.caller);
  }

  private isUnseen(id: string): boolean {
    return (this.unseen.get(id) ?? 0) > 0;
  }

  private pass(id: string): void {
    this.unseen.set(id, (this.unseen.get(id) ?? 0) - 1);
  }
}
