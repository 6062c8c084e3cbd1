import {
  AutoScalingClient,
  CancelInstanceRefreshCommand,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
  RollbackInstanceRefreshCommand,
  StartInstanceRefreshCommand,
  StartInstanceRefreshCommandInput,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { Rig, startRig } from "./rig";

const AutoScalingGroupName = "shop";
const group = { AutoScalingGroupName };
const REGION = "us-east-1";

describe("what the endpoint adds to the emulated Auto Scaling", () => {
  let rig: Rig;
  let autoScaling: AutoScalingClient;
  let version: string;

  beforeEach(async () => {
    version = "1";
    rig = await startRig((request, response) => {
      void text(request).then((body) => {
        response.setHeader("content-type", "text/xml");
        const action = new URLSearchParams(body).get("Action") ?? "";
        const isThere = body.includes("shop") || !body.includes("AutoScalingGroupNames");
        const member =
          `<member><AutoScalingGroupName>shop</AutoScalingGroupName><LaunchTemplate><LaunchTemplateId>lt-1` +
          `</LaunchTemplateId><Version>${version}</Version></LaunchTemplate><Instances><member><InstanceId>i-1` +
          `</InstanceId></member></Instances></member>`;
        const target = (id: string) =>
          `<member><Target><Id>${id}</Id></Target><TargetHealth><State>healthy</State></TargetHealth></member>`;
        const results: Record<string, string> = {
          DescribeAutoScalingGroups: `<AutoScalingGroups>${isThere ? member : ""}</AutoScalingGroups>`,
          DescribeTargetHealth: `<TargetHealthDescriptions>${target("i-1")}${target("i-2")}</TargetHealthDescriptions>`,
        };
        response.end(
          `<${action}Response><${action}Result>${results[action] ?? ""}</${action}Result></${action}Response>`,
        );
      });
    });
    autoScaling = rig.clients.make(AutoScalingClient, REGION);
  });
  afterEach(() => rig.close());

  const start = (more: Partial<StartInstanceRefreshCommandInput> = {}) =>
    autoScaling.send(new StartInstanceRefreshCommand({ ...group, ...more }));
  const refreshes = async () =>
    (await autoScaling.send(new DescribeInstanceRefreshesCommand(group))).InstanceRefreshes ?? [];
  const DesiredConfiguration = { LaunchTemplate: { LaunchTemplateId: "lt-1", Version: "2" } };

  it("an instance refresh is kept as it was asked for, the newest first", async () => {
    const Preferences = {
      ...{ AutoRollback: true, SkipMatching: true, MinHealthyPercentage: 100, MaxHealthyPercentage: 110 },
      ...{ CheckpointPercentages: [50, 100], AlarmSpecification: { Alarms: ["errors", "hosts & more"] } },
    };
    const { InstanceRefreshId } = await start({ DesiredConfiguration, Preferences });
    const [{ StartTime, ...kept } = {}] = await refreshes();
    assert.ok(StartTime instanceof Date);
    assert.deepEqual(kept, {
      ...{ ...group, InstanceRefreshId, Status: "Pending", PercentageComplete: 0, InstancesToUpdate: 1 },
      ...{ DesiredConfiguration, Preferences },
    });
    await rig.clients.endpoint.advanceRefresh(REGION, "shop", { Status: "Successful", PercentageComplete: "100" });
    const second = await start();
    assert.deepEqual(
      (await refreshes()).map((r) => [r.InstanceRefreshId, r.Status]),
      [
        [second.InstanceRefreshId, "Pending"],
        [InstanceRefreshId, "Successful"],
      ],
    );
  });
  it("a second one is refused while one goes on, and so is ending what has ended", async () => {
    await start();
    await assert.rejects(start(), { name: "InstanceRefreshInProgressFault" });
    await autoScaling.send(new CancelInstanceRefreshCommand(group));
    await assert.rejects(autoScaling.send(new CancelInstanceRefreshCommand(group)), {
      name: "ActiveInstanceRefreshNotFoundFault",
    });
    await start();
  });
  it("only one with a desired configuration goes back", async () => {
    await start();
    await assert.rejects(autoScaling.send(new RollbackInstanceRefreshCommand(group)), {
      name: "IrreversibleInstanceRefreshFault",
    });
    await autoScaling.send(new CancelInstanceRefreshCommand(group));
    await start({ DesiredConfiguration });
    await autoScaling.send(new RollbackInstanceRefreshCommand(group));
    assert.equal((await refreshes())[0]?.Status, "RollbackInProgress");
  });
  it("going back by itself needs something to go back to, by its number", async () => {
    const Preferences = { AutoRollback: true };
    await assert.rejects(start({ Preferences }), { name: "ValidationError" });
    version = "$Latest";
    await assert.rejects(start({ Preferences, DesiredConfiguration }), { name: "ValidationError" });
  });
  it("a group that isn't there has none", () =>
    assert.rejects(autoScaling.send(new StartInstanceRefreshCommand({ AutoScalingGroupName: "other" })), {
      name: "ValidationError",
      message: /'other' not found/,
    }));
  it("settings that moto drops are there until they are taken back", async () => {
    const described = async () =>
      (await autoScaling.send(new DescribeAutoScalingGroupsCommand({}))).AutoScalingGroups?.[0];
    const policy = { MinHealthyPercentage: 100, MaxHealthyPercentage: 110 };
    await autoScaling.send(
      new CreateAutoScalingGroupCommand({ ...group, MinSize: 1, MaxSize: 1, InstanceMaintenancePolicy: policy }),
    );
    await autoScaling.send(new UpdateAutoScalingGroupCommand({ ...group, DefaultInstanceWarmup: 60 }));
    assert.deepEqual((await described())?.InstanceMaintenancePolicy, policy);
    assert.equal((await described())?.DefaultInstanceWarmup, 60);
    await autoScaling.send(
      new UpdateAutoScalingGroupCommand({
        ...group,
        InstanceMaintenancePolicy: { MinHealthyPercentage: -1, MaxHealthyPercentage: -1 },
      }),
    );
    assert.equal((await described())?.InstanceMaintenancePolicy, undefined);
    assert.equal((await described())?.DefaultInstanceWarmup, 60);
  });
  it("a target is what the world says of it, and the others are what moto says", async () => {
    await rig.clients.endpoint.change({ targetHealth: { "i-2": "unhealthy" } }, REGION);
    const elb = rig.clients.make(ElasticLoadBalancingV2Client, REGION);
    const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: "tg" }));
    assert.deepEqual(
      TargetHealthDescriptions.map((t) => [t.Target?.Id, t.TargetHealth?.State, t.TargetHealth?.Reason]),
      [
        ["i-1", "healthy", undefined],
        ["i-2", "unhealthy", "Target.FailedHealthChecks"],
      ],
    );
  });
});
