import * as fc from "fast-check";
import assert from "node:assert/strict";
import { operation } from "../../../local/plugins/aws/api";
import { Naming, properties, read } from "../../../local/plugins/aws/mapping";
import { RESOURCES } from "../../../local/plugins/aws/services";

/** What goes into an operation's request. */
async function request(service: string, action: string, inputs: Record<string, unknown>, naming: Naming = {}) {
  const unknown: string[] = [];
  const made = properties(inputs, (await operation(service, action)).input, naming, unknown);
  return { made, unknown };
}

describe("properties become fields of the API", () => {
  it("by their names, whatever the case, in the singular or the plural", async () => {
    const { made, unknown } = await request("cloudwatch", "PutMetricAlarm", {
      alarmDescription: "a",
      okActions: ["arn:1"],
      threshold: 1,
      nothing: true,
    });
    assert.deepEqual(made, { AlarmDescription: "a", OKActions: ["arn:1"], Threshold: 1 });
    assert.deepEqual(unknown, ["nothing"]);
  });
  it("as the types that the API declares", async () => {
    const { made } = await request(
      "ec2",
      "CreateLaunchTemplate",
      {
        name: "t",
        networkInterfaces: [{ associatePublicIpAddress: "true", deviceIndex: 0, securityGroups: ["sg-1"] }],
        blockDeviceMappings: [{ deviceName: "/dev/xvda", ebs: { encrypted: "true", volumeSize: 8 } }],
        monitoring: { enabled: true },
        tagSpecifications: [{ resourceType: "volume", tags: { Name: "a" } }],
        tags: { team: "sre" },
      },
      RESOURCES["aws:ec2/launchTemplate:LaunchTemplate"],
    );
    assert.deepEqual(made, {
      LaunchTemplateName: "t",
      LaunchTemplateData: {
        NetworkInterfaces: [{ AssociatePublicIpAddress: true, DeviceIndex: 0, Groups: ["sg-1"] }],
        BlockDeviceMappings: [{ DeviceName: "/dev/xvda", Ebs: { Encrypted: true, VolumeSize: 8 } }],
        Monitoring: { Enabled: true },
        TagSpecifications: [{ ResourceType: "volume", Tags: [{ Key: "Name", Value: "a" }] }],
      },
      TagSpecifications: [{ ResourceType: "launch-template", Tags: [{ Key: "team", Value: "sre" }] }],
    });
  });
  it("in whatever form the API has lists, maps, documents and single values", async () => {
    const alarm = await request("cloudwatch", "PutMetricAlarm", { dimensions: { Gateway: "a" } });
    assert.deepEqual(alarm.made, { Dimensions: [{ Name: "Gateway", Value: "a" }] });
    const group = await request(
      "auto-scaling",
      "CreateAutoScalingGroup",
      { vpcZoneIdentifiers: ["subnet-1", "subnet-2"] },
      RESOURCES["aws:autoscaling/group:Group"],
    );
    assert.deepEqual(group.made, { VPCZoneIdentifier: "subnet-1,subnet-2" });
    const role = await request(
      "iam",
      "CreateRole",
      { assumeRolePolicy: { Version: "1" } },
      RESOURCES["aws:iam/role:Role"],
    );
    assert.deepEqual(role.made, { AssumeRolePolicyDocument: '{"Version":"1"}' });
    const attribute = await request("ec2", "ModifySubnetAttribute", { mapPublicIpOnLaunch: true });
    assert.deepEqual(attribute.made, { MapPublicIpOnLaunch: { Value: true } });
    const endpoints = await request("ec2", "DescribeVpcs", { id: "vpc-1" }, { names: { id: "VpcId" } });
    assert.deepEqual(endpoints.made, { VpcIds: ["vpc-1"] });
    const queue = await request("sqs", "CreateQueue", { fifoQueue: true }, RESOURCES["aws:sqs/queue:Queue"]);
    assert.deepEqual(queue.made, { Attributes: { FifoQueue: "true" } });
  });
  it("where metric queries go", async () => {
    const { made, unknown } = await request(
      "cloudwatch",
      "PutMetricAlarm",
      {
        metricQueries: [
          { id: "e", expression: "FILL(m, 1)", returnData: true },
          { id: "m", metric: { metricName: "n", namespace: "s", dimensions: { A: "b" }, period: 60, stat: "Sum" } },
        ],
      },
      RESOURCES["aws:cloudwatch/metricAlarm:MetricAlarm"],
    );
    assert.deepEqual(unknown, []);
    assert.deepEqual(made["Metrics"], [
      { Id: "e", Expression: "FILL(m, 1)", ReturnData: true },
      {
        Id: "m",
        MetricStat: {
          Metric: { MetricName: "n", Namespace: "s", Dimensions: [{ Name: "A", Value: "b" }] },
          Period: 60,
          Stat: "Sum",
        },
      },
    ]);
  });
});

/** What has been through the engine: plain objects, without negative zeros. */
const asPlain = (value: object) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>;

describe("fields of the API become properties", () => {
  const alarm = fc.record(
    {
      alarmDescription: fc.string({ minLength: 1 }),
      alarmActions: fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }),
      dimensions: fc.dictionary(fc.stringMatching(/^[A-Z][a-z]{1,8}$/), fc.string(), { minKeys: 1 }),
      period: fc.integer({ min: 1 }),
      threshold: fc.double({ noNaN: true, noDefaultInfinity: true }),
      actionsEnabled: fc.boolean(),
      tags: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), fc.string(), { minKeys: 1 }),
      metricQueries: fc.array(
        fc.record({
          id: fc.stringMatching(/^[a-z]\d$/),
          metric: fc.record({ metricName: fc.string(), period: fc.integer(), stat: fc.constant("Sum") }),
        }),
        { minLength: 1, maxLength: 3 },
      ),
    },
    { requiredKeys: [] },
  );
  it("as they were written, if nobody has changed them", async () => {
    const { input } = await operation("cloudwatch", "PutMetricAlarm");
    const record = RESOURCES["aws:cloudwatch/metricAlarm:MetricAlarm"] as Naming;
    fc.assert(
      fc.property(alarm.map(asPlain), (inputs) => {
        const same = read(properties(inputs, input, record), inputs, input, record);
        assert.deepEqual(same, inputs);
      }),
    );
  });
  it("in the order that they had, with what was added behind", async () => {
    const { input } = await operation("cloudwatch", "PutMetricAlarm");
    const found = { AlarmActions: ["arn:3", "arn:1", "arn:2"] };
    assert.deepEqual(read(found, { alarmActions: ["arn:1", "arn:2"] }, input, {}), {
      alarmActions: ["arn:1", "arn:2", "arn:3"],
    });
  });
  it("as gone where the API has the field and no value, not where it has no such field", async () => {
    const { input } = await operation("cloudwatch", "PutMetricAlarm");
    const were = { alarmDescription: "a", okActions: [], actionsEnabled: false, invented: 1 };
    assert.deepEqual(read({}, were, input, {}), { alarmDescription: undefined, okActions: [], actionsEnabled: false });
  });
  it("as the same document however it is written", async () => {
    const { output } = await operation("iam", "GetRole");
    const was = { assumeRolePolicy: { Version: "1", Statement: [] } };
    const role = { names: { assumeRolePolicy: "AssumeRolePolicyDocument" } };
    const found = (text: string) => ({ AssumeRolePolicyDocument: encodeURIComponent(text) });
    const shape = output.getMemberSchema("Role");
    assert.deepEqual(read(found('{ "Statement": [], "Version": "1" }'), was, shape, role), was);
    assert.notDeepEqual(read(found('{ "Statement": [], "Version": "2" }'), was, shape, role), was);
  });
});
