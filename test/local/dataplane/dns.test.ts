import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { Resolver } from "node:dns/promises";
import { answer } from "../../../local/dataplane/dns";

describe("the resolver of the data plane's laboratory", () => {
  const addresses: Record<string, string[]> = { "www.example.org": ["198.51.100.20", "198.51.100.21"] };
  const socket = createSocket("udp4");
  const resolver = new Resolver({ timeout: 5000 });

  before(async () => {
    let asked = 0;
    socket.on("message", (query, from) => {
      const found = answer(query, (name) => addresses[name]?.[asked++ % 2]);
      socket.send(found, from.port, from.address);
    });
    socket.bind(0, "127.0.0.1");
    await once(socket, "listening");
    resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  });
  after(() => socket.close());

  it("answers with one address, and with the next one the next time", async () => {
    const answers = [await resolver.resolve4("www.example.org"), await resolver.resolve4("WWW.example.org")];
    assert.deepEqual(answers, [["198.51.100.20"], ["198.51.100.21"]]);
  });

  it("knows no other name", async () => {
    await assert.rejects(resolver.resolve4("www.example.net"), { code: "ENOTFOUND" });
  });

  it("has no IPv6 address for a name that it knows", async () => {
    await assert.rejects(resolver.resolve6("www.example.org"), { code: "ENODATA" });
  });
});
