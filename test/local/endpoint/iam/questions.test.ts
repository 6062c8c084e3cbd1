import assert from "node:assert/strict";
import { Request } from "../../../../local/endpoint/call";
import { Facts } from "../../../../local/endpoint/iam/facts";
import { SERVICES } from "../../../../local/endpoint/iam/services";

/** What the account holds. */
const FACTS: Pick<Facts, keyof Facts> = {
  tags: (id) => Promise.resolve<Record<string, string>>(id === "rtb-1" ? { team: "web" } : {}),
  attachment: () => Promise.resolve({ instanceId: "i-1", networkInterfaceId: "eni-1" }),
  launchTemplate: () =>
    Promise.resolve({
      template: { LaunchTemplateId: "lt-1" },
      data: {
        ImageId: "ami-1",
        InstanceType: "c6id.large",
        KeyName: "key",
        IamInstanceProfile: { Arn: "arn:aws:iam::123456789012:instance-profile/app" },
        BlockDeviceMappings: [{ Ebs: { SnapshotId: "snap-1" } }],
        TagSpecifications: [
          { ResourceType: "volume", Tags: [{ Key: "backup", Value: "daily" }] },
          { ResourceType: "instance", Tags: [{ Key: "by", Value: "template" }] },
        ],
      },
    }),
  defaultSecurityGroup: () => Promise.resolve("sg-default"),
  roleOfProfile: () => Promise.resolve("arn:aws:iam::123456789012:role/app"),
  group: () => Promise.resolve({ arn: "arn:group", tags: { zone: "a" } }),
  partitionKey: () => Promise.resolve("system"),
  topicKey: () => Promise.resolve("arn:key"),
  secret: () => Promise.resolve({ arn: "arn:secret", key: "1234" }),
};

async function asked(service: string, action: string, input: string | object, path = "/") {
  const request: Request = {
    ...{ service, action, path, region: "us-east-1", caller: "", invocation: "", body: "" },
    parameters: new URLSearchParams(typeof input === "string" ? input : ""),
  };
  const arn = (of: string, resource: string) => `arn:aws:${of}:us-east-1:123456789012:${resource}`;
  const operation = SERVICES[service]?.operations[action] ?? assert.fail(`${action} is not known`);
  const json = typeof input === "string" ? {} : (input as Record<string, unknown>);
  return operation({ request, input: json, facts: FACTS as Facts, arn });
}

const EC2 = "arn:aws:ec2:us-east-1:123456789012";

describe("what IAM is asked for a call", () => {
  it("a route's table, with its tags", async () => {
    const context = { "aws:ResourceTag/team": ["web"], "ec2:ResourceTag/team": ["web"] };
    assert.deepEqual(await asked("ec2", "ReplaceRoute", "RouteTableId=rtb-1"), [
      { resource: `${EC2}:route-table/rtb-1`, context },
    ]);
  });

  it("an instance refresh: the group, and a launch from the template that it is to have", async () => {
    const [group, ...launch] = await asked(
      "autoscaling",
      "StartInstanceRefresh",
      "AutoScalingGroupName=g&DesiredConfiguration.LaunchTemplate.LaunchTemplateId=lt-1" +
        "&DesiredConfiguration.LaunchTemplate.Version=2",
    );
    assert.equal(group?.resource, "arn:group");
    assert.deepEqual(
      [...new Set(launch.map((question) => question.action))],
      ["ec2:RunInstances", "ec2:CreateTags", "iam:PassRole"],
    );
    assert.equal(launch[0]?.resource, `${EC2}:launch-template/lt-1`);
    assert.equal((await asked("autoscaling", "StartInstanceRefresh", "AutoScalingGroupName=g")).length, 1);
  });

  it("every instance that is named; instance and interface of an attachment", async () => {
    const resources = async (...call: Parameters<typeof asked>) => (await asked(...call)).map((q) => q.resource);
    assert.deepEqual(await resources("ec2", "TerminateInstances", "InstanceId.1=i-1&InstanceId.2=i-2"), [
      `${EC2}:instance/i-1`,
      `${EC2}:instance/i-2`,
    ]);
    const both = [`${EC2}:instance/i-1`, `${EC2}:network-interface/eni-1`];
    assert.deepEqual(await resources("ec2", "AttachNetworkInterface", "InstanceId=i-1&NetworkInterfaceId=eni-1"), both);
    assert.deepEqual(await resources("ec2", "DetachNetworkInterface", "AttachmentId=eni-attach-1"), both);
  });

  it("a launch: template, image, subnet, groups, what is made, its tags, and the role that is passed", async () => {
    const tag =
      "TagSpecification.1.ResourceType=instance&TagSpecification.1.Tag.1.Key=by&TagSpecification.1.Tag.1.Value=me";
    const call = `LaunchTemplate.LaunchTemplateId=lt-1&SubnetId=subnet-1&${tag}`;
    const questions = await asked("ec2", "RunInstances", call);
    const brief = questions.map((q) => `${q.action ?? "ec2:RunInstances"} ${q.resource}`);
    assert.deepEqual(brief, [
      `ec2:RunInstances ${EC2}:launch-template/lt-1`,
      "ec2:RunInstances arn:aws:ec2:us-east-1::image/ami-1",
      `ec2:RunInstances ${EC2}:subnet/subnet-1`,
      `ec2:RunInstances ${EC2}:security-group/sg-default`,
      `ec2:RunInstances ${EC2}:key-pair/key`,
      "ec2:RunInstances arn:aws:ec2:us-east-1::snapshot/snap-1",
      `ec2:RunInstances ${EC2}:instance/*`,
      `ec2:RunInstances ${EC2}:volume/*`,
      `ec2:RunInstances ${EC2}:network-interface/*`,
      `ec2:CreateTags ${EC2}:volume/*`,
      `ec2:CreateTags ${EC2}:instance/*`,
      "iam:PassRole arn:aws:iam::123456789012:role/app",
    ]);
    assert.ok(
      questions.slice(0, 9).every((q) => q.context?.["ec2:LaunchTemplate"]?.[0] === `${EC2}:launch-template/lt-1`),
    );
    // What the request says of a type takes the place of what the template says.
    assert.deepEqual(questions[6]?.context?.["aws:RequestTag/by"], ["me"]);
    assert.deepEqual(questions[9]?.context, {
      "ec2:CreateAction": ["RunInstances"],
      "aws:RequestTag/backup": ["daily"],
      "aws:TagKeys": ["backup"],
    });
    assert.deepEqual(questions[11]?.context, { "iam:PassedToService": ["ec2.amazonaws.com"] });
  });

  it("a table, and the partition keys of its items", async () => {
    const table = "arn:aws:dynamodb:us-east-1:123456789012:table/state";
    const keys = async (action: string, input: object) =>
      (await asked("dynamodb", action, { TableName: "state", ...input })).map((q) => [
        q.action,
        q.resource,
        q.context?.["dynamodb:LeadingKeys"]?.[0],
      ]);
    const Key = { system: { S: "gateway/main" }, subject: { S: "x" } };
    assert.deepEqual(await keys("UpdateItem", { Key }), [[undefined, table, "gateway/main"]]);
    const query = {
      KeyConditionExpression: "#s = :s AND begins_with(subject, :p)",
      ExpressionAttributeNames: { "#s": "system" },
      ExpressionAttributeValues: { ":s": { S: "gateway/main" }, ":p": { S: "a" } },
    };
    assert.deepEqual(await keys("Query", query), [[undefined, table, "gateway/main"]]);
    assert.deepEqual(await keys("Scan", {}), [[undefined, table, undefined]]);
    const TransactItems = [{ Put: { TableName: "state", Item: Key } }, { ConditionCheck: { TableName: "state", Key } }];
    assert.deepEqual(await keys("TransactWriteItems", { TransactItems }), [
      ["dynamodb:PutItem", table, "gateway/main"],
      ["dynamodb:ConditionCheckItem", table, "gateway/main"],
    ]);
  });

  it("the key of an encrypted topic or secret, through the service", async () => {
    const via = (service: string) => ({ "kms:ViaService": [`${service}.us-east-1.amazonaws.com`] });
    assert.deepEqual(await asked("sns", "Publish", "TopicArn=arn:topic"), [
      { resource: "arn:topic" },
      { action: "kms:GenerateDataKey", resource: "arn:key", context: via("sns") },
      { action: "kms:Decrypt", resource: "arn:key", context: via("sns") },
    ]);
    assert.deepEqual(await asked("secretsmanager", "GetSecretValue", { SecretId: "s" }), [
      { resource: "arn:secret" },
      {
        action: "kms:Decrypt",
        resource: "arn:aws:kms:us-east-1:123456789012:key/1234",
        context: via("secretsmanager"),
      },
    ]);
  });

  it("the rest of the services", async () => {
    assert.deepEqual(await asked("autoscaling", "CompleteLifecycleAction", "AutoScalingGroupName=g"), [
      { resource: "arn:group", context: { "aws:ResourceTag/zone": ["a"], "autoscaling:ResourceTag/zone": ["a"] } },
    ]);
    assert.deepEqual(await asked("monitoring", "PutMetricData", { Namespace: "nplusone/Gateway" }), [
      { resource: "*", context: { "cloudwatch:namespace": ["nplusone/Gateway"] } },
    ]);
    const one = async (...call: Parameters<typeof asked>) => (await asked(...call)).map((q) => q.resource).join(" ");
    const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:123456789012:${resource}`;
    assert.equal(await one("monitoring", "DescribeAlarms", { AlarmNames: ["a"] }), arn("cloudwatch", "alarm:a"));
    assert.equal(await one("elasticloadbalancing", "RegisterTargets", "TargetGroupArn=arn:tg"), "arn:tg");
    assert.equal(await one("states", "DescribeExecution", { executionArn: "arn:e" }), "arn:e");
    assert.equal(await one("sqs", "SendMessage", { QueueUrl: "http://h/1/q" }), arn("sqs", "q"));
    const check = "/2013-04-01/healthcheck/hc-1/status";
    assert.equal(await one("route53", "GetHealthCheckStatus", "", check), "arn:aws:route53:::healthcheck/hc-1");
    const types = "/outposts/op-1/instanceTypes";
    assert.equal(await one("outposts", "GetOutpostInstanceTypes", "", types), arn("outposts", "outpost/op-1"));
    assert.equal(await one("ec2", "DescribeInstances", ""), "*");
  });

  describe("to ECS:", () => {
    const ECS = "arn:aws:ecs:us-east-1:123456789012";
    const context = { "ecs:cluster": [`${ECS}:cluster/shop`] };
    it("the cluster itself, by its name or ARN", async () => {
      for (const cluster of ["shop", `${ECS}:cluster/shop`]) {
        for (const action of ["ListContainerInstances", "DeregisterContainerInstance"]) {
          assert.deepEqual(await asked("ecs", action, { cluster }), [{ resource: `${ECS}:cluster/shop` }]);
        }
      }
      assert.deepEqual(await asked("ecs", "DescribeClusters", { clusters: ["shop"] }), [
        { resource: `${ECS}:cluster/shop` },
      ]);
    });
    it("what is in a cluster, with the cluster as a condition", async () => {
      const input = { cluster: "shop", containerInstances: ["1", `${ECS}:container-instance/shop/2`] };
      assert.deepEqual(
        await asked("ecs", "DescribeContainerInstances", input),
        ["1", "2"].map((id) => ({ resource: `${ECS}:container-instance/shop/${id}`, context })),
      );
      assert.deepEqual(await asked("ecs", "UpdateService", { cluster: "shop", service: "cart" }), [
        { resource: `${ECS}:service/shop/cart`, context },
      ]);
      assert.deepEqual(await asked("ecs", "ListServices", { cluster: "shop" }), [{ resource: "*", context }]);
      assert.deepEqual(await asked("ecs", "ListTasks", { cluster: "shop" }), [{ resource: "*", context }]);
    });
    it("what scales a service", async () => {
      const input = {
        ServiceNamespace: "ecs",
        ScalableDimension: "ecs:service:DesiredCount",
        ResourceId: "service/a/b",
      };
      const [{ resource, context: keys } = { resource: "", context: {} }] = await asked(
        "application-autoscaling",
        "RegisterScalableTarget",
        input,
      );
      assert.equal(resource, "arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/*");
      assert.deepEqual(keys?.["application-autoscaling:service-namespace"], ["ecs"]);
    });
  });
});
