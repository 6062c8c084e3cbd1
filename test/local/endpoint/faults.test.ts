import { AutoScalingClient, DescribeAutoScalingGroupsCommand } from "@aws-sdk/client-auto-scaling";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand, EC2Client } from "@aws-sdk/client-ec2";
import { DescribeTargetHealthCommand, ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2";
import { GetFunctionCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetOutpostInstanceTypesCommand, OutpostsClient } from "@aws-sdk/client-outposts";
import { GetHealthCheckCommand, Route53Client } from "@aws-sdk/client-route-53";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { DescribeExecutionCommand, SFNClient } from "@aws-sdk/client-sfn";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import assert from "node:assert/strict";
import { Clients } from "../../../local/endpoint/clients";
import { FaultKind } from "../../../local/endpoint/faults";
import { impatient } from "../../rehearsal/failEach";
import { Rig, startRig } from "./rig";

const CALLER = "HANDLER";

describe("the endpoint's faults, as the SDK reports them", () => {
  let rig: Rig;
  let clients: Clients;
  let executed: number;

  before(async () => {
    rig = await startRig((request, response) => {
      request.resume();
      executed++;
      response.writeHead(200, { "content-type": "text/xml" }).end("<DescribeInstancesResponse/>");
    });
    ({ clients } = rig);
  });
  after(() => rig.close());
  beforeEach(() => {
    executed = 0;
  });

  const config = () => impatient(clients, "us-east-1", CALLER);
  const CALLS: Record<string, () => Promise<unknown>> = {
    ec2: () => new EC2Client(config()).send(new DescribeInstancesCommand({})),
    autoscaling: () => new AutoScalingClient(config()).send(new DescribeAutoScalingGroupsCommand({})),
    elasticloadbalancing: () =>
      new ElasticLoadBalancingV2Client(config()).send(new DescribeTargetHealthCommand({ TargetGroupArn: "x" })),
    cloudwatch: () => new CloudWatchClient(config()).send(new PutMetricDataCommand({ Namespace: "x" })),
    sns: () => new SNSClient(config()).send(new PublishCommand({ Message: "x" })),
    sqs: () => new SQSClient(config()).send(new SendMessageCommand({ QueueUrl: "http://q/1/x", MessageBody: "x" })),
    route53: () => new Route53Client(config()).send(new GetHealthCheckCommand({ HealthCheckId: "x" })),
    dynamodb: () => new DynamoDBClient(config()).send(new GetItemCommand({ TableName: "t", Key: {} })),
    states: () => new SFNClient(config()).send(new DescribeExecutionCommand({ executionArn: "x" })),
    secretsmanager: () => new SecretsManagerClient(config()).send(new GetSecretValueCommand({ SecretId: "x" })),
    lambda: () => new LambdaClient(config()).send(new GetFunctionCommand({ FunctionName: "x" })),
    outposts: () => new OutpostsClient(config()).send(new GetOutpostInstanceTypesCommand({ OutpostId: "op-1" })),
  };

  /** Fails a call, and says what the caller got. */
  async function failed(kind: FaultKind, service: string) {
    await clients.endpoint.set({ fault: { kind, caller: CALLER, from: 0, count: 1 } });
    const error = await CALLS[service]?.().then(
      () => undefined,
      (e: unknown) => e as { name: string; code?: string; message: string; $metadata?: { httpStatusCode?: number } },
    );
    return error ?? assert.fail(`${service} succeeded`);
  }

  const ERRORS: Record<string, Partial<Record<FaultKind, string>>> = {
    ec2: {
      throttle: "503 RequestLimitExceeded",
      error: "500 InternalError",
      denied: "403 UnauthorizedOperation",
      capacity: "500 InsufficientInstanceCapacity",
    },
    autoscaling: { throttle: "400 Throttling", error: "500 InternalFailure", denied: "403 AccessDenied" },
    elasticloadbalancing: { throttle: "400 Throttling", error: "500 InternalFailure", denied: "403 AccessDenied" },
    cloudwatch: { throttle: "400 Throttling", denied: "403 AccessDenied" },
    sns: { throttle: "400 Throttling", denied: "403 AuthorizationErrorException" },
    sqs: { throttle: "400 RequestThrottled", error: "500 InternalFailure", denied: "400 AccessDeniedException" },
    route53: { throttle: "400 Throttling", error: "500 InternalFailure", denied: "403 AccessDenied" },
    dynamodb: {
      throttle: "400 ThrottlingException",
      error: "500 InternalServerError",
      denied: "400 AccessDeniedException",
    },
    states: { throttle: "400 ThrottlingException", denied: "400 AccessDeniedException" },
    secretsmanager: { throttle: "400 ThrottlingException", denied: "400 AccessDeniedException" },
    lambda: {
      throttle: "429 TooManyRequestsException",
      error: "500 ServiceException",
      denied: "403 AccessDeniedException",
    },
    outposts: {
      throttle: "400 ThrottlingException",
      error: "500 InternalServerException",
      denied: "403 AccessDeniedException",
    },
  };
  for (const [service, kinds] of Object.entries(ERRORS)) {
    for (const [kind, expected] of Object.entries(kinds) as [FaultKind, string][]) {
      it(`${service}, ${kind}: ${expected}`, async () => {
        const { name, $metadata, message } = await failed(kind, service);
        assert.equal(`${$metadata?.httpStatusCode} ${name}`, expected);
        assert.match(message, /./);
        assert.equal(executed, 0);
      });
    }
  }

  it("a hanging call is a timeout at once, and not executed", async () => {
    assert.equal((await failed("timeout", "ec2")).name, "TimeoutError");
    assert.equal(executed, 0);
  });

  it("a cut connection is not executed; a lost answer is", async () => {
    assert.equal((await failed("reset", "ec2")).code, "ECONNRESET");
    assert.equal(executed, 0);
    assert.equal((await failed("lostAnswer", "ec2")).code, "ECONNRESET");
    assert.equal(executed, 1);
    const [call] = await clients.endpoint.calls();
    assert.deepEqual([call?.status, call?.executed], [0, true]);
  });

  it("only the calls that were meant fail", async () => {
    const fault = { kind: "throttle" as const, caller: CALLER, action: "DescribeInstances", from: 1, count: 1 };
    await clients.endpoint.set({ fault });
    const call = CALLS["ec2"] as () => Promise<unknown>;
    const outcomes = [];
    for (let i = 0; i < 3; i++) {
      outcomes.push((await Promise.allSettled([call()]))[0]?.status);
    }
    assert.deepEqual(outcomes, ["fulfilled", "rejected", "fulfilled"]);
  });

  it("a held call waits until something else is set", async () => {
    await clients.endpoint.set({ hold: { caller: CALLER, action: "DescribeInstances" } }, "us-east-1");
    const called = CALLS["ec2"]?.();
    while ((await clients.endpoint.held("us-east-1")) === 0) {
      assert.equal(executed, 0);
    }
    await clients.endpoint.set({}, "us-east-1");
    await called;
    assert.equal(executed, 1);
  });
});
