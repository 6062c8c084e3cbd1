// Loaded by deployed functions in the rehearsal, and only there (NODE_OPTIONS, set by the stand-in plugin): what they
// send to hosts that are not AWS goes to the rehearsal's endpoint, which plays these hosts and remembers what it got.
"use strict";
const net = require("node:net");

const endpoint = process.env.AWS_ENDPOINT_URL ?? "";
const region = process.env.AWS_REGION ?? "";

/** What strikes when the function's own time for an answer is over, by the signal that it waits by. */
const timeouts = new WeakMap();
AbortSignal.timeout = (ms) => {
  const controller = new AbortController();
  const strike = () => controller.abort(new DOMException("The operation was aborted due to timeout", "TimeoutError"));
  timeouts.set(controller.signal, strike);
  setTimeout(strike, ms).unref();
  return controller.signal;
};

const { fetch } = globalThis;
globalThis.fetch = async (url, init = {}) => {
  const headers = { "x-nplusone-url": String(url), "x-nplusone-host": new URL(url).host, "x-nplusone-region": region };
  const answer = await fetch(`${endpoint}/_nplusone/internet`, { ...init, headers: { ...init.headers, ...headers } });
  if (!answer.headers.has("x-nplusone-hangs")) {
    return answer;
  }
  // No answer will come: there is nothing to wait for.
  timeouts.get(init.signal)?.();
  return new Promise((_, reject) => init.signal?.aborted && reject(init.signal.reason));
};

const { connect } = net;
net.connect = (port, host, ...others) => {
  // The SDK's own connections, which name no host in this way.
  if (typeof port !== "number" || typeof host !== "string") {
    return connect(port, host, ...others);
  }
  const { hostname, port: own } = new URL(endpoint);
  const socket = connect(Number(own), hostname, ...others);
  const headers = `x-nplusone-host: ${host}:${port}\r\nx-nplusone-region: ${region}\r\n`;
  socket.write(
    `GET /_nplusone/internet HTTP/1.1\r\nHost: ${hostname}\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n${headers}\r\n`,
  );
  return socket;
};
