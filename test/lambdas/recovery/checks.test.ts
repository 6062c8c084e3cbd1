import { CloudWatchClient, GetMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DescribeInstanceStatusCommand, EC2Client } from "@aws-sdk/client-ec2";
import { GetHealthCheckStatusCommand, Route53Client } from "@aws-sdk/client-route-53";
import { mockClient } from "aws-sdk-client-mock";
import assert from "node:assert/strict";
import { createServer as createHttpServer, RequestListener, Server } from "node:http";
import { AddressInfo, createServer as createTcpServer, Socket } from "node:net";
import { checkCpu } from "../../../lambdas/recovery/checkCpu";
import { checkHealth } from "../../../lambdas/recovery/checkHealth";
import { checkSsh } from "../../../lambdas/recovery/checkSsh";
import { checkStatus } from "../../../lambdas/recovery/checkStatus";
import { checkUrl } from "../../../lambdas/recovery/checkUrl";
import { RecoveryTarget } from "../../../lambdas/recovery/settings";
import { asTask } from "../../../lambdas/recovery/task";

const TARGET: RecoveryTarget = {
  name: "reports",
  instanceId: "i-1",
  url: "http://127.0.0.1:1/health?token=hidden",
  urlTimeoutSeconds: 600,
  healthCheckId: "hc-1",
  ssh: { host: "127.0.0.1", port: 1 },
};
const settings = (over: Partial<RecoveryTarget> = {}) => ({ targets: { reports: { ...TARGET, ...over } } });
const EVENT = { target: "reports" };

describe("recovery checks", () => {
  const servers: { close(): unknown; closeAllConnections?(): void }[] = [];
  after(() =>
    servers.forEach((s) => {
      s.closeAllConnections?.();
      s.close();
    }),
  );
  const listen = async (server: Server | ReturnType<typeof createTcpServer>): Promise<number> => {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return (server.address() as AddressInfo).port;
  };

  describe("URL", () => {
    const ask = async (listener: RequestListener, over: Partial<RecoveryTarget> = {}) => {
      const port = await listen(createHttpServer(listener));
      return checkUrl(EVENT, settings({ url: `http://127.0.0.1:${port}/health?token=hidden`, ...over }));
    };

    it("passes for 200 to 399, and follows no redirect", async () => {
      assert.equal((await ask((_, r) => r.writeHead(204).end())).passed, true);
      const redirect = await ask((_, r) => r.writeHead(302, { location: "http://127.0.0.1:1/" }).end());
      assert.match(redirect.detail, /answers 302$/);
      assert.equal(redirect.passed, true);
    });
    it("fails for 400 and more, and hides the query", async () => {
      const { passed, detail } = await ask((_, r) => r.writeHead(503).end());
      assert.equal(passed, false);
      assert.match(detail, /\/health answers 503$/);
    });
    it("fails if nobody listens, or the connection is cut", async () => {
      assert.match((await checkUrl(EVENT, settings())).detail, /can't be reached/);
      assert.match((await ask((_, r) => r.destroy())).detail, /can't be reached/);
    });
    it("fails if the server hangs", async () => {
      const { passed, detail } = await ask(() => undefined, { urlTimeoutSeconds: 1 });
      assert.equal(passed, false);
      assert.match(detail, /doesn't answer within 1 s/);
    });
    it("passes as soon as the answer begins, however long its body takes", async () => {
      const { passed } = await ask((_, r) => {
        r.writeHead(200);
        r.write("endless");
      });
      assert.equal(passed, true);
    });
  });

  describe("SSH", () => {
    const ask = async (greet: (socket: Socket) => void) => {
      const port = await listen(
        createTcpServer((socket) => {
          socket.on("error", () => undefined);
          greet(socket);
        }),
      );
      return checkSsh(EVENT, settings({ ssh: { host: "127.0.0.1", port } }));
    };

    it("passes for a banner, even in pieces and after other lines", async () => {
      assert.equal((await ask((s) => s.write("SSH-2.0-OpenSSH_9.6\r\n"))).passed, true);
      const pieces = await ask((s) => {
        s.write("Authorized use only\r\nSS");
        setTimeout(() => s.write("H-2.0-dropbear\r\n"), 20);
      });
      assert.equal(pieces.passed, true);
    });
    it("fails for a clean close without a banner", async () => {
      const { passed, detail } = await ask((s) => s.end());
      assert.equal(passed, false);
      assert.match(detail, /closes the connection without a banner/);
    });
    it("fails for something else than SSH", async () => {
      assert.match((await ask((s) => s.write("x".repeat(5000)))).detail, /something else than a banner/);
    });
    it("fails if nobody listens", async () => {
      assert.match((await checkSsh(EVENT, settings())).detail, /can't be reached \(ECONNREFUSED\)/);
    });
    it("fails if the server says nothing", async () => {
      assert.match((await ask(() => undefined)).detail, /no banner within 5 s/);
    });
  });

  describe("Route 53", () => {
    const client = new Route53Client({ region: "us-east-1" });
    const route53 = mockClient(client);
    const ask = (healthy: number, of: number) => {
      route53.reset();
      route53.on(GetHealthCheckStatusCommand, { HealthCheckId: "hc-1" }).resolves({
        HealthCheckObservations: Array.from({ length: of }, (_, i) => ({
          StatusReport: { Status: i < healthy ? "Success: HTTP Status Code 200, OK" : "Failure: timed out" },
        })),
      });
      return checkHealth(EVENT, settings(), { route53: client });
    };

    it("passes if more than 18 % of the checkers call it healthy, as for Route 53 itself", async () => {
      assert.equal((await ask(19, 100)).passed, true);
      assert.equal((await ask(18, 100)).passed, false);
      assert.equal((await ask(3, 16)).passed, true);
      assert.equal((await ask(2, 16)).passed, false);
    });
    it("throws if no checker has reported", () => assert.rejects(ask(0, 0), { name: "NoObservations" }));
  });

  describe("CPU", () => {
    const client = new CloudWatchClient({ region: "us-east-1" });
    const cloudWatch = mockClient(client);
    const ask = (data: [string, number][], event: object = EVENT) => {
      cloudWatch.reset();
      cloudWatch.on(GetMetricDataCommand).resolves({
        MetricDataResults: [{ Timestamps: data.map(([at]) => new Date(at)), Values: data.map(([, value]) => value) }],
      });
      const cpu = { ...settings(), thresholdPercent: 95, periodSeconds: 60 };
      return checkCpu(event, cpu, { cloudWatch: client });
    };

    it("judges the newest datum by the alarm's threshold, in whatever order they come", async () => {
      const [old, now] = ["2026-11-21T10:00:00Z", "2026-11-21T10:05:00Z"];
      assert.equal(
        (
          await ask([
            [old, 99],
            [now, 94.9],
          ])
        ).passed,
        true,
      );
      assert.equal(
        (
          await ask([
            [now, 95],
            [old, 3],
          ])
        ).passed,
        false,
      );
    });
    it("asks only for periods that began after a restart", async () => {
      await ask([["2026-11-21T10:03:00Z", 5]], { ...EVENT, since: "2026-11-21T10:01:30Z" });
      const { StartTime, EndTime } = cloudWatch.commandCalls(GetMetricDataCommand)[0]?.args[0].input ?? {};
      assert.equal(StartTime?.toISOString(), "2026-11-21T10:02:00.000Z");
      assert.ok((EndTime?.getTime() ?? 0) >= (StartTime?.getTime() ?? Infinity) + 60_000);
    });
    it("throws NoDatum, which the machine waits for, if there is none", () =>
      assert.rejects(ask([]), { name: "NoDatum" }));
  });

  describe("status", () => {
    const client = new EC2Client({ region: "us-east-1" });
    const ec2 = mockClient(client);
    const ask = (state: string, system: string, instance: string) => {
      ec2.reset();
      ec2.on(DescribeInstanceStatusCommand, { InstanceIds: ["i-1"], IncludeAllInstances: true }).resolves({
        InstanceStatuses: [
          {
            InstanceState: { Name: state as never },
            SystemStatus: { Status: system as never },
            InstanceStatus: { Status: instance as never },
          },
        ],
      });
      return checkStatus(EVENT, settings(), { ec2: client });
    };

    it("tells the verdicts apart", async () => {
      const cases = [
        ["running", "ok", "ok", "ok"],
        ["running", "impaired", "ok", "system-impaired"],
        ["running", "impaired", "impaired", "system-impaired"],
        ["running", "ok", "impaired", "impaired"],
        ["running", "ok", "initializing", "initializing"],
        ["running", "insufficient-data", "ok", "initializing"],
        ["stopped", "not-applicable", "not-applicable", "not-running"],
      ] as const;
      for (const [state, system, instance, verdict] of cases) {
        assert.equal((await ask(state, system, instance)).verdict, verdict);
      }
    });
    it("calls an instance that is gone not running", async () => {
      ec2.reset();
      ec2
        .on(DescribeInstanceStatusCommand)
        .rejects(Object.assign(new Error("gone"), { name: "InvalidInstanceID.NotFound" }));
      const { verdict, detail } = await checkStatus(EVENT, settings(), { ec2: client });
      assert.deepEqual([verdict, detail], ["not-running", "instance gone"]);
    });
    it("names errors that may pass so that the machine retries them, and only these", async () => {
      const task = asTask((event: unknown) => checkStatus(event, settings(), { ec2: client }));
      const fail = (error: object) => {
        ec2.reset();
        ec2.on(DescribeInstanceStatusCommand).rejects(Object.assign(new Error("no"), error));
        return task(EVENT);
      };
      const throttled = { name: "RequestLimitExceeded", $fault: "client", $metadata: { httpStatusCode: 503 } };
      await assert.rejects(fail(throttled), { name: "TransientError" });
      await assert.rejects(fail({ name: "X", $fault: "server", $metadata: { httpStatusCode: 500 } }), {
        name: "TransientError",
      });
      await assert.rejects(fail({ name: "TimeoutError", $metadata: {} }), { name: "TransientError" });
      const denied = { name: "UnauthorizedOperation", $fault: "client", $metadata: { httpStatusCode: 403 } };
      await assert.rejects(fail(denied), { name: "UnauthorizedOperation" });
      await assert.rejects(fail({ name: "TypeError" }), { name: "TypeError" });
    });
  });

  it("every check refuses input that names none of its instances", async () => {
    for (const event of [
      null,
      undefined,
      7,
      "reports",
      [],
      {},
      { target: 7 },
      { target: "other" },
      { target: "toString" },
    ]) {
      await assert.rejects(checkUrl(event, settings()), { name: "UnknownTarget" });
      await assert.rejects(checkSsh(event, settings()), { name: "UnknownTarget" });
    }
  });
});
