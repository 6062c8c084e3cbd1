import {
  DeregisterTargetsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { mockClient } from "aws-sdk-client-mock";
import assert from "node:assert/strict";
import { RelaunchClients } from "../../../lambdas/outposts/clients";
import { moveMembership } from "../../../lambdas/outposts/targetGroups";

describe("moveMembership", () => {
  const mock = mockClient(ElasticLoadBalancingV2Client);
  const clients = { loadBalancing: new ElasticLoadBalancingV2Client({ region: "us-east-1" }) } as RelaunchClients;
  beforeEach(() => {
    mock.reset();
    mock.on(DescribeTargetHealthCommand, { TargetGroupArn: "real" }).resolves({
      TargetHealthDescriptions: [{ Target: { Id: "i-dead", Port: 8080 } }, { Target: { Id: "i-other", Port: 8080 } }],
    });
    mock.on(DescribeTargetHealthCommand, { TargetGroupArn: "empty" }).resolves({ TargetHealthDescriptions: [] });
    mock.on(RegisterTargetsCommand).resolves({});
    mock.on(DeregisterTargetsCommand).resolves({});
  });

  it("replaces exactly the dead members, on their port, in every group however they are listed", async () => {
    await moveMembership(["empty", "real"], ["i-dead"], ["i-new"], clients);
    const registered = mock.commandCalls(RegisterTargetsCommand).map((c) => c.args[0].input);
    assert.deepEqual(registered.find((r) => r.TargetGroupArn === "real")?.Targets, [{ Id: "i-new", Port: 8080 }]);
    const deregistered = mock.commandCalls(DeregisterTargetsCommand).map((c) => c.args[0].input);
    assert.deepEqual(deregistered, [{ TargetGroupArn: "real", Targets: [{ Id: "i-dead", Port: 8080 }] }]);
  });

  it("takes no member away before there is another", async () => {
    await moveMembership(["real"], ["i-dead"], [], clients);
    assert.equal(mock.commandCalls(DeregisterTargetsCommand).length, 0);
  });

  it("registers nothing twice", async () => {
    await moveMembership(["real"], ["i-dead"], ["i-other"], clients);
    assert.equal(mock.commandCalls(RegisterTargetsCommand).length, 0);
    assert.equal(mock.commandCalls(DeregisterTargetsCommand).length, 1);
  });
});
