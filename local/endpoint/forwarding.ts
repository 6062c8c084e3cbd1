import { createProxyServer } from "http-proxy-3";
import { Agent, IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { Request } from "./call";
import { Answered } from "./clientTokens";

/** Services that know each other's ids and so stay together on moto; the rest are ministack's. */
const MOTO = new Set([
  ...["ec2", "autoscaling", "elasticloadbalancing", "rds", "ecs", "ecr", "application-autoscaling"],
  ...["iam", "acm", "ssm", "secretsmanager", "kms", "route53", "fis", "sts"],
]);

/** Where calls are forwarded to: the emulator that models their service. */
export class Forwarding {
  private readonly proxy = createProxyServer({ agent: new Agent({ keepAlive: true }) });
  private readonly waiting = new WeakMap<ServerResponse, (answered: Answered | Promise<Answered>) => void>();

  constructor(
    private readonly moto: string,
    private readonly ministack: string,
  ) {
    this.proxy.on("proxyRes", (answered, _incoming, response) => {
      const { statusCode: status = 502, headers } = answered;
      const whole = buffer(answered).then((body) => ({ status, headers, body }));
      this.waiting.get(response as ServerResponse)?.(whole.catch((error: unknown) => noAnswer(error)));
    });
  }

  /** The emulator's answer; 502 if there is none. */
  answer(request: Request, incoming: IncomingMessage, response: ServerResponse, body: Buffer): Promise<Answered> {
    const target = MOTO.has(request.service) ? this.moto : this.ministack;
    return new Promise((resolve) => {
      this.waiting.set(response, resolve);
      this.proxy.web(incoming, response, { target, buffer: Readable.from([body]), selfHandleResponse: true }, (error) =>
        resolve(noAnswer(`${target}: ${error.message}`)),
      );
    });
  }
}

const noAnswer = (why: unknown): Answered => ({
  status: 502,
  headers: {},
  body: Buffer.from(`the emulator doesn't answer: ${String(why)}`),
});
