import {
  CreateTagsCommand,
  DescribeInstancesCommand,
  EC2Client,
  RunInstancesCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { Settings } from "../../../local/endpoint/scope";
import { impatient } from "../../rehearsal/failEach";
import { Rig, startRig } from "./rig";

const CALLER = "HANDLER";

describe("the endpoint's launches", () => {
  let rig: Rig;
  let ec2: EC2Client;
  let launched: string[];

  const reservation = (id: string) =>
    `<reservationId>r-${id}</reservationId><instancesSet><item><instanceId>${id}</instanceId></item></instancesSet>`;

  before(async () => {
    rig = await startRig((request, response) => {
      void text(request).then((body) => {
        response.setHeader("content-type", "text/xml");
        if (!body.includes("Action=RunInstances")) {
          const items = launched.map((id) => `<item>\n${reservation(id)}</item>`).join("");
          response.end(
            `<DescribeInstancesResponse><reservationSet>${items}</reservationSet></DescribeInstancesResponse>`,
          );
        } else if (body.includes("ami-none")) {
          response
            .writeHead(400)
            .end("<Response><Errors><Error><Code>InvalidAMIID.NotFound</Code></Error></Errors></Response>");
        } else {
          const id = `i-${launched.length + 1}`;
          launched.push(id);
          response.end(`<RunInstancesResponse>${reservation(id)}</RunInstancesResponse>`);
        }
      });
    });
  });
  after(() => rig.close());
  beforeEach(async () => {
    launched = [];
    ec2 = new EC2Client(impatient(rig.clients, "us-east-1", CALLER));
    await rig.clients.endpoint.set({});
  });

  const set = (settings: Settings) => rig.clients.endpoint.set(settings);
  const run = async (ClientToken: string, ImageId = "ami-1") => {
    const { Instances = [] } = await ec2.send(
      new RunInstancesCommand({ ClientToken, ImageId, MinCount: 1, MaxCount: 1 }),
    );
    return Instances[0]?.InstanceId;
  };
  const describe_ = async (...InstanceIds: string[]) => {
    const { Reservations = [] } = await ec2.send(
      new DescribeInstancesCommand(InstanceIds.length > 0 ? { InstanceIds } : {}),
    );
    return Reservations.flatMap((r) => r.Instances ?? []).map((i) => i.InstanceId);
  };

  it("a client token launches once, however often and at whatever time it comes", async () => {
    assert.deepEqual(await Promise.all([run("a"), run("a"), run("b")]), ["i-1", "i-1", "i-2"]);
    assert.equal(await run("a"), "i-1");
    assert.equal(launched.length, 2);
  });

  it("a client token with other parameters is refused", async () => {
    await run("c");
    await assert.rejects(run("c", "ami-2"), { name: "IdempotentParameterMismatch" });
  });

  it("a client token is refused once its instance has been terminated", async () => {
    await run("t");
    await ec2.send(new TerminateInstancesCommand({ InstanceIds: ["i-1"] }));
    await assert.rejects(run("t"), { name: "IdempotentInstanceTerminated" });
    assert.equal(await run("u"), "i-2");
  });

  it("a launch that failed leaves its token free; one whose answer was lost doesn't", async () => {
    await assert.rejects(run("d", "ami-none"), { name: "InvalidAMIID.NotFound" });
    assert.equal(await run("d"), "i-1");
    await set({ fault: { kind: "lostAnswer", caller: CALLER, action: "RunInstances", from: 0, count: 1 } });
    await assert.rejects(run("e"));
    assert.equal(await run("e"), "i-2");
  });

  it("a new instance isn't found at first, by its id or in a list", async () => {
    await run("f");
    await set({ lag: { caller: CALLER, calls: 2 } });
    await run("g");
    await assert.rejects(describe_("i-2"), { name: "InvalidInstanceID.NotFound" });
    assert.deepEqual(await describe_(), ["i-1"]);
    assert.deepEqual(await describe_(), ["i-1", "i-2"]);
    await set({ lag: { caller: CALLER, calls: 1 } });
    await run("h");
    const tags = new CreateTagsCommand({ Resources: ["i-3"], Tags: [{ Key: "a", Value: "b" }] });
    await assert.rejects(ec2.send(tags), { name: "InvalidInstanceID.NotFound" });
    await ec2.send(tags);
  });

  it("others find it at once", async () => {
    await set({ lag: { caller: "function:", calls: 5 } });
    await run("i");
    assert.deepEqual(await describe_("i-1"), ["i-1"]);
  });

  it("instances that Auto Scaling has launched are found late if they are named", async () => {
    launched.push("i-1");
    await set({ lag: { caller: CALLER, calls: 2, instanceIds: ["i-1"] } });
    assert.deepEqual(await describe_(), []);
    await assert.rejects(describe_("i-1"), { name: "InvalidInstanceID.NotFound" });
    assert.deepEqual(await describe_(), ["i-1"]);
  });
});
