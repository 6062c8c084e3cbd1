import { once } from "node:events";
import { createServer, RequestListener, Server } from "node:http";
import { AddressInfo } from "node:net";
import { Clients } from "../../../local/endpoint/clients";
import { Endpoint } from "../../../local/endpoint/endpoint";
import { serve } from "../../../local/endpoint/server";

/** An endpoint in front of one emulator, which a test plays. */
export interface Rig {
  readonly clients: Clients;
  readonly close: () => void;
}

const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

export async function startRig(play: RequestListener): Promise<Rig> {
  const emulator = createServer(play).listen(0, "127.0.0.1");
  await once(emulator, "listening");
  const server = serve(0, urlOf(emulator), urlOf(emulator));
  await once(server, "listening");
  const close = () => {
    for (const one of [server, emulator]) {
      one.closeAllConnections();
      one.close();
    }
  };
  return { clients: new Clients(new Endpoint(urlOf(server))), close };
}
