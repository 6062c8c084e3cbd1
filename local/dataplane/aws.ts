import { createServer, IncomingMessage, request, Server, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { LabPlan, MACS, host } from "./plan";

/** An AWS call of the gateway's instance. */
export interface InstanceCall {
  readonly action: string;
  readonly parameters: URLSearchParams;
  readonly status: number;
}

/** The regional AWS endpoint as the laboratory sees it: hands calls on to the rehearsal's endpoint, and keeps them. */
export class AwsRelay {
  readonly calls: InstanceCall[] = [];
  private readonly server: Server;

  constructor(
    socket: string,
    private readonly endpointUrl: string,
    private readonly onAttached: () => Promise<void>,
  ) {
    this.server = createServer((incoming, outgoing) => void this.relay(incoming, outgoing)).listen(socket);
  }

  /** The calls of an operation, oldest first. */
  of(action: string): InstanceCall[] {
    return this.calls.filter((c) => c.action === action);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private async relay(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const parameters = new URLSearchParams(body.toString());
    const action = parameters.get("Action") ?? "";
    try {
      const [status, answer] = await this.call(incoming, body);
      this.calls.push({ action, parameters, status });
      if (action === "AttachNetworkInterface" && status === 200) {
        await this.onAttached();
      }
      outgoing.writeHead(status).end(answer);
    } catch {
      outgoing.destroy();
    }
  }

  private call(incoming: IncomingMessage, body: Buffer): Promise<[number, Buffer]> {
    return new Promise((resolve, reject) => {
      const { headers, method } = incoming;
      const onward = request(this.endpointUrl, { method, headers, path: incoming.url }, (response) => {
        buffer(response).then((answer) => resolve([response.statusCode ?? 0, answer]), reject);
      });
      onward.on("error", reject).end(body);
    });
  }
}

/** The instance metadata service: version 2 only, as the launch template demands. */
export class Metadata {
  /** Whether the persistent interface is attached. */
  attached = false;
  private readonly server: Server;

  constructor(
    socket: string,
    private readonly plan: LabPlan,
  ) {
    this.server = createServer((incoming, outgoing) => {
      if (incoming.method === "PUT") {
        outgoing.end("token");
        return;
      }
      const value =
        incoming.headers["x-aws-ec2-metadata-token"] === "token" ? this.read(incoming.url ?? "") : undefined;
      outgoing.writeHead(value === undefined ? 404 : 200).end(value);
    }).listen(socket);
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private read(path: string): string | undefined {
    const { plan } = this;
    const interfaces: Readonly<Record<string, { readonly id: string; readonly address: string }>> = {
      [MACS.primary]: { id: "eni-primary", address: host(plan.publicCidrBlock, 200) },
      ...(this.attached ? { [MACS.persistent]: { id: plan.networkInterfaceId, address: plan.interfaceAddress } } : {}),
    };
    const key = path.replace("/latest/meta-data/", "");
    if (key === "instance-id") {
      return plan.instanceId;
    }
    if (key === "network/interfaces/macs/") {
      return Object.keys(interfaces)
        .map((mac) => `${mac}/`)
        .join("\n");
    }
    const [mac = "", property] = key.replace("network/interfaces/macs/", "").split("/");
    const found = interfaces[mac];
    const values: Record<string, string | undefined> = {
      "interface-id": found?.id,
      "local-ipv4s": found?.address,
      "subnet-ipv4-cidr-block": found && plan.publicCidrBlock,
    };
    return values[property ?? ""];
  }
}
