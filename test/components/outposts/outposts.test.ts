import {
  DescribeImagesCommand,
  DescribeLaunchTemplateVersionsCommand,
  EC2Client,
  ResponseLaunchTemplateData,
} from "@aws-sdk/client-ec2";
import * as pulumi from "@pulumi/pulumi";
import { mockClient } from "aws-sdk-client-mock";
import assert from "node:assert/strict";
import { StateTable } from "../../../components/common/stateTable";
import { LaunchTemplate, lookUpLaunchTemplate } from "../../../components/outposts/launchTemplate";
import { MetricsSink } from "../../../components/outposts/metricsSink";
import { OutpostRelaunchPair } from "../../../components/outposts/outpostRelaunchPair";
import { OutpostServer } from "../../../components/outposts/outpostServer";
import { outposts } from "../../../config/outposts";
import { ofType, record, Registered, settled } from "../recorded";

const TEMPLATE: LaunchTemplate = {
  ...{ id: "lt-1", version: "3", imageId: "ami-3", roleArn: "arn:aws:iam::123456789012:role/pos" },
  ...{ networkInterfaces: [{ DeviceIndex: 0 }, { DeviceIndex: 1 }], tagged: ["volume"], keyName: "site" },
  ...{ placementGroup: undefined, kmsKeyArns: ["arn:aws:kms:us-east-1:123456789012:key/own"], fromSnapshots: false },
};
const ALARM = { periodSeconds: 60, evaluationPeriods: 3 };

interface Over {
  readonly mode?: "active-active";
  readonly failback?: "terminate-relaunched";
  readonly ownerAccountId?: string;
  readonly launchTemplate?: LaunchTemplate;
}

async function pair(over: Over = {}) {
  const registered = await record();
  const server = (name: string) =>
    new OutpostServer(name, {
      ...{ outpost: `op-${name}`, subnetIds: [], vpcId: "vpc-1", capacity: { "c6id.large": 4 } },
      subnet: { cidrBlock: "10.0.0.0/24", availabilityZone: "us-east-1a" },
    });
  const { launchTemplate = TEMPLATE, ...rest } = over;
  const application = { launchTemplate, instanceType: "c6id.large", count: 2, priority: 1 };
  new OutpostRelaunchPair("store", {
    ...{
      source: server("a"),
      destination: server("b"),
      mode: "active-passive",
      failback: "notify",
      emails: [],
      alarm: ALARM,
    },
    ...{ kmsKeyArn: "arn:key", topicArn: "arn:topic", stateTable: new StateTable("state", { kmsKeyArn: "arn:key" }) },
    applications: [{ ...application, name: "pos", home: "source", targetGroupArns: ["arn:group"] }],
    ...rest,
  });
  await settled();
  return registered;
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: unknown;
}

/** The statements that allow an action. */
function allowing(registered: Registered[], action: string): Statement[] {
  const policies = ofType(registered, "aws:iam/rolePolicy:RolePolicy").map((r) => String(r.inputs["policy"]));
  return policies
    .flatMap((policy) => (JSON.parse(policy) as { Statement: Statement[] }).Statement)
    .filter((s) => [s.Action].flat().includes(action));
}

const resources = (statements: Statement[]) => statements.flatMap((s) => s.Resource);

describe("OutpostRelaunchPair", () => {
  it("takes a gap in the metric for a gap", async () => {
    for (const { inputs } of ofType(await pair(), "aws:cloudwatch/metricAlarm:MetricAlarm")) {
      if (inputs["metricName"] === "ConnectedStatus") {
        assert.equal(inputs["treatMissingData"], "missing");
      }
    }
  });

  it("reads another account's metric by a query that names it", async () => {
    const alarms = ofType(await pair({ ownerAccountId: "111122223333" }), "aws:cloudwatch/metricAlarm:MetricAlarm");
    const queries = alarms.flatMap(({ inputs }) => (inputs["metricQueries"] ?? []) as { accountId: string }[]);
    assert.deepEqual(
      queries.map((q) => q.accountId),
      ["111122223333", "111122223333"],
    );
  });

  it("has one function a direction, run by the alarm's changes and every minute", async () => {
    for (const [mode, directions] of [
      [undefined, 1],
      ["active-active", 2],
    ] as const) {
      const rules = ofType(await pair(mode && { mode }), "aws:cloudwatch/eventRule:EventRule").map((r) => r.inputs);
      assert.equal(rules.filter((r) => r["scheduleExpression"] === "rate(1 minute)").length, directions);
      assert.equal(rules.filter((r) => String(r["eventPattern"]).includes('["ALARM","OK"]')).length, directions);
    }
  });

  it("may launch the configured version's image from its template into the destination's subnet, and nothing else", async () => {
    const all = resources(allowing(await pair(), "ec2:RunInstances"));
    const ec2 = "arn:aws:ec2:us-east-1";
    for (const exact of [
      `${ec2}:123456789012:launch-template/lt-1`,
      `${ec2}::image/ami-3`,
      `${ec2}:123456789012:subnet/b-outpost-id`,
    ]) {
      assert.ok(all.includes(exact), exact);
    }
    assert.deepEqual(all.filter((r) => /image|subnet|launch-template|key-pair/.test(r)).length, 4);
  });

  it("may tag what the template tags, pass its role, and have its volumes encrypted", async () => {
    const registered = await pair();
    assert.match(resources(allowing(registered, "ec2:CreateTags")).join(), /instance\/\*.*volume\/\*/);
    assert.deepEqual(resources(allowing(registered, "iam:PassRole")), [TEMPLATE.roleArn]);
    const [grant] = allowing(registered, "kms:CreateGrant");
    assert.deepEqual(grant?.Resource, [...TEMPLATE.kmsKeyArns]);
    assert.match(JSON.stringify(grant?.Condition), /GrantIsForAWSResource.*/);
  });

  it("asks for no permission that the template doesn't need", async () => {
    const launchTemplate = { ...TEMPLATE, roleArn: undefined, tagged: [], keyName: undefined, kmsKeyArns: [] };
    const registered = await pair({ launchTemplate });
    assert.deepEqual(
      ["iam:PassRole", "kms:CreateGrant"].flatMap((action) => allowing(registered, action)),
      [],
    );
    assert.doesNotMatch(resources(allowing(registered, "ec2:CreateTags")).join(), /volume/);
  });

  it("may terminate only what this direction has relaunched, and nothing if people do that", async () => {
    assert.deepEqual(allowing(await pair(), "ec2:TerminateInstances"), []);
    const givingBack = await pair({ failback: "terminate-relaunched" });
    const [statement, ...more] = allowing(givingBack, "ec2:TerminateInstances");
    assert.deepEqual(more, []);
    assert.deepEqual(statement?.Condition, {
      StringEquals: { "aws:ResourceTag/nplusone:relaunched-by": "nplusone/test/outposts/store-a" },
    });
  });

  it("refuses a server that would replace itself, and a pair without applications, at once", async () => {
    await record();
    const server = new OutpostServer("a", { outpost: "op-a", subnetIds: ["subnet-1"], vpcId: "vpc-1", capacity: {} });
    const args = {
      source: server,
      destination: server,
      mode: "active-passive",
      failback: "notify",
      emails: [],
    } as const;
    const shared = { kmsKeyArn: "k", topicArn: "t", stateTable: new StateTable("state", { kmsKeyArn: "k" }) };
    assert.throws(
      () => new OutpostRelaunchPair("p", { ...args, ...shared, alarm: ALARM, applications: [] }),
      (error: unknown) => error instanceof pulumi.InputPropertiesError && error.errors?.length === 2,
    );
    await settled();
  });
});

describe("OutpostServer", () => {
  it("makes its subnet fit for local network interfaces", async () => {
    const [subnet] = ofType(await pair(), "aws:ec2/subnet:Subnet");
    assert.equal(subnet?.inputs["enableLniAtDeviceIndex"], 1);
    assert.equal(subnet?.inputs["outpostArn"], "arn:aws:outposts:us-east-1:123456789012:outpost/op-a");
  });
});

describe("MetricsSink", () => {
  it("lets the owners link metrics, and nothing else", async () => {
    const registered = await record();
    new MetricsSink("outposts", { ownerAccountIds: ["111122223333"] });
    await settled();
    const policy = String(ofType(registered, "aws:oam/sinkPolicy:SinkPolicy")[0]?.inputs["policy"]);
    const [statement] = (JSON.parse(policy) as { Statement: (Statement & { Principal: unknown })[] }).Statement;
    assert.deepEqual(statement?.Principal, { AWS: ["111122223333"] });
    assert.match(JSON.stringify(statement?.Condition), /"AWS::CloudWatch::Metric"/);
  });
});

describe("the look-up of a launch template's version", () => {
  const client = new EC2Client({ region: "us-east-1" });
  const ec2 = mockClient(client);
  const found = async (data: ResponseLaunchTemplateData, images: object[] = [{}]) => {
    ec2.reset();
    ec2.on(DescribeLaunchTemplateVersionsCommand).resolves({
      LaunchTemplateVersions: [{ LaunchTemplateId: "lt-1", VersionNumber: 2, LaunchTemplateData: data }],
    });
    ec2.on(DescribeImagesCommand).resolves({ Images: images as never });
    const problems: string[] = [];
    const template = await lookUpLaunchTemplate({ name: "pos", version: "2" }, client, (p) => problems.push(p));
    return { template, problems: problems.join("; ") };
  };

  it("asks EC2 for the version that is configured, and keeps its number", async () => {
    const { template, problems } = await found({
      ImageId: "ami-2",
      NetworkInterfaces: [{ DeviceIndex: 1, SubnetId: "subnet-source", Groups: ["sg-1"] }],
      TagSpecifications: [{ ResourceType: "instance" }, { ResourceType: "network-interface" }],
    });
    assert.equal(problems, "");
    assert.deepEqual(ec2.commandCalls(DescribeLaunchTemplateVersionsCommand)[0]?.args[0].input.Versions, ["2"]);
    assert.deepEqual([template?.version, template?.imageId, template?.tagged], ["2", "ami-2", ["network-interface"]]);
    assert.deepEqual(template?.networkInterfaces, [{ DeviceIndex: 1, Groups: ["sg-1"] }]);
  });

  it("says what could not be launched on the other server", async () => {
    const existing = { NetworkInterfaceId: "eni-1", PrivateIpAddress: "10.0.0.4" };
    const { problems } = await found({ SecurityGroupIds: ["sg-1"], NetworkInterfaces: [existing] });
    for (const expected of [/names no image/, /existing network interface/, /fixes a private address/, /EC2 refuses/]) {
      assert.match(problems, expected);
    }
    assert.match((await found({ ImageId: "ami-gone" }, [])).problems, /ami-gone, which isn't there/);
  });

  it("says that a template or version isn't there", async () => {
    ec2.reset();
    ec2.on(DescribeLaunchTemplateVersionsCommand).rejects(new Error("InvalidLaunchTemplateId.VersionNotFound: no 9"));
    const problems: string[] = [];
    await lookUpLaunchTemplate({ id: "lt-1", version: "9" }, client, (p) => problems.push(p));
    assert.match(problems.join(), /lt-1, version 9 can't be looked up: .*VersionNotFound/);
  });
});

describe("outposts' configuration", () => {
  const parse = (servers: object, ownerAccountId?: string) =>
    outposts.safeParse({
      servers,
      pairs: [
        {
          ...{ name: "p", source: "a", destination: "b", ...(ownerAccountId && { ownerAccountId }) },
          applications: [{ name: "pos", launchTemplate: { name: "pos" }, instanceType: "c6id.large", count: 1 }],
        },
      ],
    });
  const server = (outpost: string) => ({ outpost, subnetIds: ["subnet-0a1b2c3d"], capacity: { "c6id.large": 1 } });
  const [a, b] = ["op-0a1b2c3d4e5f60718", "op-0b2c3d4e5f6071829"];
  const owned = (id: string) => `arn:aws:outposts:us-east-1:111122223333:outpost/${id}`;

  it("wants the ARN of an Outpost that another account owns", () => {
    const messages = parse({ a: server(a), b: server(b) }, "111122223333").error?.issues.map((i) => i.message) ?? [];
    assert.equal(messages.length, 2);
    assert.match(messages[0] ?? "", /expected the ARN of a's Outpost \(arn:aws:outposts:REGION:111122223333:outpost\//);
    assert.equal(parse({ a: server(owned(a)), b: server(owned(b)) }, "111122223333").success, true);
    assert.equal(parse({ a: server(a), b: server(b) }).success, true);
  });
});
