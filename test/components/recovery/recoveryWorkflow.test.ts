import assert from "node:assert/strict";
import { RecoveryWorkflow } from "../../../components/recovery/recoveryWorkflow";
import { RecoveryWorkflowArgs } from "../../../components/recovery/workflowArgs";
import { StateTable } from "../../../components/common/stateTable";
import { ofType, record, Registered, settled } from "../recorded";

const target = (name: string, group?: string) => ({
  name,
  instanceId: `i-${name}`,
  url: `https://${name}.example.com/`,
  urlTimeoutSeconds: 6,
  healthCheckId: `hc-${name}`,
  ssh: { host: "10.0.0.1", port: 22 },
  group,
});
const ARGS: Omit<RecoveryWorkflowArgs, "stateTable"> = {
  targets: [target("a", "web"), target("b", "web"), { ...target("c"), ssh: { host: "c", port: 2222 } }],
  groups: { web: { minHealthyPercentage: 50 } },
  alarm: { thresholdPercent: 95, periodSeconds: 60, evaluationPeriods: 3, datapointsToAlarm: 2 },
  restart: { deadlineSeconds: 600, warmUpSeconds: 60, cooldownMinutes: 60 },
  chat: { type: "slack", channel: "C0123456789", secretArn: "arn:slack" },
  pager: { type: "sns" },
  secretKeyArns: { chat: "arn:secret-key" },
  vpcId: "vpc-1",
  subnetIds: ["subnet-1", "subnet-2"],
  kmsKeyArn: "arn:key",
  topicArn: "arn:topic",
};

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: string | string[];
  readonly Condition?: Record<string, Record<string, string[]>>;
}

describe("RecoveryWorkflow", () => {
  let registered: Registered[];
  let args: RecoveryWorkflowArgs;
  const all = (type: string) => ofType(registered, type);
  const inputs = (type: string, name: string) => all(type).find((r) => r.name === name)?.inputs ?? {};
  const statements = (name: string) =>
    (
      JSON.parse(String(inputs("aws:iam/rolePolicy:RolePolicy", `recovery-${name}-policy`)["policy"])) as {
        Statement: Statement[];
      }
    ).Statement;
  /** The resources for which a function may do something. */
  const allowed = (name: string, action: string) =>
    statements(name)
      .filter((s) => s.Effect === "Allow" && [s.Action].flat().includes(action))
      .flatMap((s) => s.Resource);

  before(async () => {
    registered = await record();
    args = { ...ARGS, stateTable: new StateTable("state", { kmsKeyArn: "arn:key" }) };
    new RecoveryWorkflow("recovery", args);
    await settled();
  });

  it("has an alarm for each instance as configured, and a rule on each that starts the machine", () => {
    const alarms = all("aws:cloudwatch/metricAlarm:MetricAlarm").filter((a) => a.name.endsWith("-cpu"));
    assert.deepEqual(
      alarms.map((a) => a.inputs["dimensions"]),
      [{ InstanceId: "i-a" }, { InstanceId: "i-b" }, { InstanceId: "i-c" }],
    );
    const { threshold, period, evaluationPeriods, datapointsToAlarm, comparisonOperator } = alarms[0]?.inputs ?? {};
    assert.deepEqual(
      [threshold, period, evaluationPeriods, datapointsToAlarm, comparisonOperator],
      [95, 60, 3, 2, "GreaterThanOrEqualToThreshold"],
    );
    const targets = all("aws:cloudwatch/eventTarget:EventTarget").filter(
      (t) => t.inputs["inputTransformer"] !== undefined,
    );
    assert.equal(targets.length, 3);
    for (const { inputs } of targets) {
      assert.ok(inputs["deadLetterConfig"] && inputs["retryPolicy"] && inputs["roleArn"]);
    }
  });
  it("makes the machine's input a JSON document once EventBridge has filled it in", () => {
    const { inputTransformer } = inputs("aws:cloudwatch/eventTarget:EventTarget", "recovery-a-target");
    const { inputTemplate } = inputTransformer as { inputTemplate: string };
    const input = JSON.parse(inputTemplate.replace("<alarm>", '"cpu"').replace("<outage>", '"T"')) as object;
    assert.deepEqual(input, {
      target: "a",
      alarm: "cpu",
      outage: "T",
      functions: { healthCheck: "test-recovery-a-health-check", restart: "test-recovery-a-restart" },
      topicArn: "arn:topic",
      waited: { seconds: 0 },
      polled: { seconds: 0 },
    });
  });
  it("has a STANDARD machine that logs errors without data, traces, and is encrypted by the key", () => {
    const machine = inputs("aws:sfn/stateMachine:StateMachine", "recovery-machine");
    assert.equal(machine["type"], "STANDARD");
    const logging = machine["loggingConfiguration"] as Record<string, unknown>;
    assert.deepEqual([logging["level"], logging["includeExecutionData"]], ["ERROR", false]);
    assert.deepEqual(machine["tracingConfiguration"], { enabled: true });
    assert.equal((machine["encryptionConfiguration"] as Record<string, unknown>)["kmsKeyId"], "arn:key");
  });
  it("has an alarm with an action on each way in which an execution can end badly", () => {
    const alarms = all("aws:cloudwatch/metricAlarm:MetricAlarm").filter((a) => a.inputs["namespace"] === "AWS/States");
    assert.deepEqual(
      alarms.map((a) => [a.inputs["metricName"], a.inputs["alarmActions"]]),
      ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"].map((m) => [m, ["arn:topic"]]),
    );
  });
  it("lets a function restart one instance, and another ask about one health check", () => {
    assert.deepEqual(allowed("a-restart", "ec2:RebootInstances"), ["arn:aws:ec2:us-east-1:123456789012:instance/i-a"]);
    assert.deepEqual(allowed("a-health-check", "route53:GetHealthCheckStatus"), ["arn:aws:route53:::healthcheck/hc-a"]);
    const rebooting = registered.filter((r) => String(r.inputs["policy"]).includes("ec2:RebootInstances"));
    assert.equal(rebooting.length, 3);
  });
  it("lets a restart remember under its own and its group's keys only", () => {
    const keys = (name: string) =>
      statements(name).find((s) => [s.Action].flat().includes("dynamodb:UpdateItem"))?.Condition?.[
        "ForAllValues:StringEquals"
      ]?.["dynamodb:LeadingKeys"];
    assert.deepEqual(keys("a-restart"), ["recovery/a", "recovery-group/web"]);
    assert.deepEqual(keys("c-restart"), ["recovery/c"]);
  });
  it("lets the chat's function read one secret with its key, and the pager's publish to the topic alone", () => {
    assert.deepEqual(allowed("report", "secretsmanager:GetSecretValue"), ["arn:slack"]);
    assert.ok(allowed("report", "kms:Decrypt").includes("arn:secret-key"));
    assert.deepEqual(allowed("report", "sns:Publish"), []);
    assert.deepEqual(allowed("page", "sns:Publish"), ["arn:topic"]);
    assert.deepEqual(allowed("page", "secretsmanager:GetSecretValue"), []);
  });
  it("lets the URL check do nothing but log, trace and decrypt", () => {
    const actions = statements("url").flatMap((s) => s.Action);
    assert.ok(
      actions.every((a) => /^(logs|kms|xray):/.test(a)),
      actions.join(),
    );
  });
  it("runs the SSH check in the VPC, with a way out to SSH ports only, and keeps its code from the interfaces", () => {
    const { vpcConfig } = inputs("aws:lambda/function:Function", "recovery-ssh-function");
    assert.deepEqual((vpcConfig as Record<string, unknown>)["subnetIds"], ["subnet-1", "subnet-2"]);
    const group = inputs("aws:ec2/securityGroup:SecurityGroup", "recovery-ssh-check");
    assert.equal(group["ingress"], undefined);
    assert.deepEqual(
      (group["egress"] as { fromPort: number }[]).map((e) => e.fromPort),
      [22, 2222],
    );
    const deny = statements("ssh").find((s) => s.Effect === "Deny");
    assert.match(JSON.stringify(deny?.Condition), /lambda:SourceFunctionArn.*function:test-recovery-ssh/);
    const others = all("aws:lambda/function:Function").filter((f) => f.inputs["vpcConfig"] !== undefined);
    assert.equal(others.length, 1);
  });
  it("lets the machine call its own functions and publish to its topic, and EventBridge start it", () => {
    const invoked = allowed("role", "lambda:InvokeFunction");
    assert.deepEqual(invoked.length, 6 + 2 * 3);
    assert.ok(invoked.every((arn) => arn.startsWith("arn:aws:::recovery-")));
    assert.deepEqual(allowed("role", "sns:Publish"), ["arn:topic"]);
    assert.deepEqual(allowed("start-role", "states:StartExecution"), ["arn:aws:::recovery-machine"]);
  });
  it("has no dead-letter queues but for events, since the machine deals with errors of what it calls", () =>
    assert.deepEqual(
      all("aws:sqs/queue:Queue").map((q) => q.name),
      ["recovery-dead-letters-queue", "recovery-ssh-dead-letters-queue"],
    ));
  it("runs the one function in the VPC daily, so that Lambda doesn't take its interfaces", () => {
    const inVpc = all("aws:lambda/function:Function").filter((f) => f.inputs["vpcConfig"] !== undefined);
    assert.deepEqual(
      inVpc.map((f) => f.name),
      ["recovery-ssh-function"],
    );
    assert.equal(
      inputs("aws:cloudwatch/eventRule:EventRule", "recovery-ssh-daily-rule")["scheduleExpression"],
      "rate(1 day)",
    );
    const { arn, input } = inputs("aws:cloudwatch/eventTarget:EventTarget", "recovery-ssh-daily-target");
    assert.deepEqual([arn, input], ["arn:aws:::recovery-ssh-function", '{"target":"a"}']);
  });
  it("puts nothing into a function's environment", () => {
    for (const { inputs } of all("aws:lambda/function:Function")) {
      assert.equal(inputs["environment"], undefined);
    }
  });

  it("refuses arguments with problems, and lists them all", () => {
    const twice = [target("a", "web"), { ...target("a", "x"), name: "a" }];
    assert.throws(
      () => new RecoveryWorkflow("bad", { ...args, targets: twice, subnetIds: [] }),
      (error: Error) => {
        for (const path of [
          "subnetIds",
          "targets[1].name",
          "targets[1].healthCheckId",
          "targets[1].group",
          "groups.web",
        ]) {
          assert.ok(error.message.includes(path), path);
        }
        return true;
      },
    );
    assert.throws(
      () => new RecoveryWorkflow("none", { ...args, targets: [], groups: {} }),
      /targets: a workflow needs/,
    );
  });
});
