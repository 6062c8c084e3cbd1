import assert from "node:assert/strict";
import { FakeAws } from "./fakeAws";
import { attached, quietly, run, terminated, terminating, tick } from "./runs";

describe("reconcile: restore", () => {
  quietly();

  it("gives a zone back when its gateway passes its checks, and says how long it took", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, terminated("a", aws.kill("a")));
    aws.launch("a");
    await run(aws, attached("a"));
    assert.deepEqual(aws.through("a"), ["a"]);
    assert.match(aws.messages[1]?.subject ?? "", /a is back on its own gateway/);
    assert.match(aws.messages[1]?.body ?? "", /b carried the zone for \d+ s/);
  });

  it("ignores an API call that failed, without asking anything", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, attached("a", "Client.InvalidNetworkInterface.InUse"));
    assert.deepEqual(aws.calls, []);
  });

  it("waits while checks are initializing, and gives back on the tick after", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, terminated("a", aws.kill("a")));
    aws.launch("a");
    aws.gateway("a").checks = "initializing";
    await run(aws, attached("a"));
    assert.deepEqual(aws.through("a"), ["b"]);
    aws.gateway("a").checks = "ok";
    await run(aws, tick);
    assert.deepEqual(aws.through("a"), ["a"]);
  });

  it("gives nothing back to an instance that waits to be terminated", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, terminating("a", aws.gateway("a").instanceId));
    aws.gateway("a").lifecycle = "Terminating:Wait";
    await run(aws, tick);
    assert.deepEqual(aws.through("a"), ["b"]);
  });

  it("waits until it says of itself that it forwards", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, terminated("a", aws.kill("a")));
    aws.launch("a");
    for (const forwards of [undefined, false]) {
      aws.gateway("a").forwards = forwards;
      await run(aws, attached("a"));
      assert.deepEqual(aws.through("a"), ["b"]);
    }
    aws.gateway("a").forwards = true;
    await run(aws, tick);
    assert.deepEqual(aws.through("a"), ["a"]);
  });

  it("doesn't leave a zone on an unproven gateway while another passes", async () => {
    const aws = new FakeAws(["a", "b", "c"]);
    aws.kill("a");
    aws.gateway("b").checks = "initializing";
    aws.gateway("c").checks = "initializing";
    await run(aws, tick);
    assert.deepEqual(aws.through("a"), ["b"]);
    aws.gateway("c").checks = "ok";
    await run(aws, tick);
    assert.deepEqual([aws.through("a"), aws.through("b")], [["c"], ["c"]]);
  });

  it("puts right what it wrote while the gateway was lost", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, terminated("a", aws.kill("a")));
    aws.launch("a");
    let lost = false;
    aws.pause = async (action) => {
      // Held before its write, as the attack did: the gateway that it is about to give the zone back to is lost.
      if (action === "ReplaceRoute" && !lost) {
        lost = true;
        aws.kill("a");
      }
    };
    await run(aws, attached("a"));
    assert.deepEqual(aws.through("a"), ["b"]);
    assert.deepEqual(aws.messages.map((m) => m.subject), ["main: a now goes out through b"]); // prettier-ignore
  });

  it("gives back every zone that is carried needlessly, not only the one of the event", async () => {
    const aws = new FakeAws(["a", "b", "c"]);
    aws.routes.set("rtb-b-0", "eni-a");
    await run(aws, attached("c"));
    assert.deepEqual(aws.through("b"), ["b"]);
  });

  it("rescues the zones that found no gateway alive", async () => {
    const aws = new FakeAws(["a", "b", "c"]);
    for (const zone of ["a", "b", "c"]) {
      await run(aws, terminated(zone, aws.kill(zone)));
    }
    aws.launch("b");
    await run(aws, attached("b"));
    assert.deepEqual([aws.through("a"), aws.through("b"), aws.through("c")], [["b"], ["b"], ["b"]]);
    assert.match(aws.messages.map((m) => m.subject).join("\n"), /a gateway is alive again/);
  });

  it("fails, to be run again, if it can't tell whether checks pass", async () => {
    const aws = new FakeAws(["a", "b"]);
    aws.failures.set("DescribeInstanceStatus", new Error("throttled"));
    await assert.rejects(run(aws, tick), /status checks: Error: throttled/);
  });

  it("is silent when nothing has changed", async () => {
    const aws = new FakeAws(["a", "b"]);
    await run(aws, tick);
    await run(aws, tick);
    assert.deepEqual(aws.messages, []);
    assert.ok(!aws.calls.includes("ReplaceRoute") && !aws.calls.includes("UpdateItem"));
  });

  for (const [what, route] of Object.entries<Record<string, string>>({
    "a NAT gateway": { NatGatewayId: "nat-1" },
    "a transit gateway": { TransitGatewayId: "tgw-1" },
    "an internet gateway": { GatewayId: "igw-1" },
    "a peering connection": { VpcPeeringConnectionId: "pcx-1" },
    "a carrier gateway": { CarrierGatewayId: "cagw-1" },
    "an Outpost's local gateway": { LocalGatewayId: "lgw-1" },
    "a core network": { CoreNetworkArn: "arn:aws:networkmanager::1:core-network/c" },
    "an egress-only gateway": { EgressOnlyInternetGatewayId: "eigw-1" },
    "a database network": { OdbNetworkArn: "arn:aws:odb:us-east-1:1:odb-network/o" },
    "what EC2 doesn't know yet": { SomethingNewId: "new-1" },
    "another network interface": { NetworkInterfaceId: "eni-foreign", InstanceId: "i-1", InstanceOwnerId: "1" },
    "a NAT gateway that doesn't answer": { NatGatewayId: "nat-1", State: "blackhole" },
  })) {
    it(`leaves a route to ${what} alone`, async () => {
      const aws = new FakeAws(["a", "b"]);
      aws.routes.set("rtb-a-0", { Origin: "CreateRoute", State: "active", ...route });
      await run(aws, terminated("a", aws.kill("a")));
      assert.ok(!aws.calls.includes("ReplaceRoute") && !aws.calls.includes("CreateRoute"));
    });
  }

  it("takes a route to an interface that no longer exists", async () => {
    const aws = new FakeAws(["a", "b"]);
    aws.routes.set("rtb-a-0", { NetworkInterfaceId: "eni-gone", Origin: "CreateRoute", State: "blackhole" });
    await run(aws, tick);
    assert.deepEqual(aws.through("a"), ["a"]);
  });
});
