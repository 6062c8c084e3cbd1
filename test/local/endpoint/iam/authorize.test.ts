import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
import { DescribeInstancesCommand, DescribeVpcsCommand, EC2Client, RebootInstancesCommand } from "@aws-sdk/client-ec2";
import { IAMClient, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { PublishCommand, SNSClient } from "@aws-sdk/client-sns";
import assert from "node:assert/strict";
import { text } from "node:stream/consumers";
import { accessKey, Identity } from "../../../../local/endpoint/identity";
import { Statement } from "../../../../model/iam/document";
import { Rig, startRig } from "../rig";

const FUNCTION: Identity = { type: "function", role: "restart-role", session: "restart" };
const SELF = "arn:aws:sts::123456789012:assumed-role/restart-role/restart";

describe("the endpoint's IAM", () => {
  let rig: Rig;
  let statements: Statement[];

  before(async () => {
    rig = await startRig((request, response) => {
      void text(request).then((body) => {
        const action = new URLSearchParams(body).get("Action") ?? "";
        const results: Record<string, string> = {
          ListRolePolicies: "<PolicyNames><member>own</member></PolicyNames>",
          GetRolePolicy: `<PolicyDocument>${encodeURIComponent(
            JSON.stringify({ Version: "2012-10-17", Statement: statements }),
          )}</PolicyDocument>`,
        };
        const result = `<${action}Result>${results[action] ?? ""}</${action}Result>`;
        response.setHeader("content-type", body.startsWith("{") ? "application/x-amz-json-1.0" : "text/xml");
        response.end(body.startsWith("{") ? "{}" : `<${action}Response>${result}</${action}Response>`);
      });
    });
  });
  after(() => rig.close());

  /** Deploys a policy. */
  async function deploy(...own: Statement[]): Promise<void> {
    statements = own;
    const iam = rig.clients.make(IAMClient, "us-east-1");
    await iam.send(new PutRolePolicyCommand({ RoleName: "restart-role", PolicyName: "own", PolicyDocument: "{}" }));
    await rig.clients.endpoint.set({});
  }

  const ec2 = (identity = FUNCTION) => rig.clients.make(EC2Client, "us-east-1", accessKey(identity));
  const reboot = (identity?: Identity) => ec2(identity).send(new RebootInstancesCommand({ InstanceIds: ["i-1"] }));
  const INSTANCE = "arn:aws:ec2:us-east-1:123456789012:instance/i-1";
  const ALLOW: Statement = { Effect: "Allow", Action: "ec2:RebootInstances", Resource: INSTANCE };

  it("lets through what a statement allows, and remembers which", async () => {
    await deploy({ ...ALLOW, Action: "ec2:Describe*" }, ALLOW);
    await reboot();
    const [call] = await rig.clients.endpoint.calls();
    const own = { role: "restart-role", policy: "own", index: 1 };
    assert.deepEqual([call?.action, call?.executed, call?.allowedBy], ["RebootInstances", true, [own]]);
    assert.deepEqual(await rig.clients.endpoint.neededStatements(), [own]);
  });

  it("refuses the rest as EC2 does", async () => {
    await deploy(ALLOW);
    await assert.rejects(ec2().send(new DescribeInstancesCommand({})), (error: EC2Error) => {
      assert.deepEqual([error.name, error.$metadata.httpStatusCode], ["UnauthorizedOperation", 403]);
      const sentence =
        `User: ${SELF} is not authorized to perform: ec2:DescribeInstances on resource: * ` +
        "because no identity-based policy allows the ec2:DescribeInstances action";
      assert.ok(error.message.includes(sentence), error.message);
      assert.match(error.message, /Encoded authorization failure message: \S+$/);
      return true;
    });
    const [call] = await rig.clients.endpoint.calls();
    assert.deepEqual([call?.status, call?.executed], [403, false]);
  });

  it("refuses in every protocol's own words", async () => {
    await deploy(ALLOW);
    const key = accessKey(FUNCTION);
    await assert.rejects(
      rig.clients.make(SNSClient, "us-east-1", key).send(new PublishCommand({ Message: "x", TopicArn: "*" })),
      {
        name: "AuthorizationErrorException",
        message: new RegExp(`^User: ${SELF} is not authorized to perform: sns:Publish`),
      },
    );
    const read = new GetItemCommand({ TableName: "state", Key: {} });
    await assert.rejects(rig.clients.make(DynamoDBClient, "us-east-1", key).send(read), {
      name: "AccessDeniedException",
      message: /dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:123456789012:table\/state/,
    });
  });

  it("lets an explicit denial win, also by the function's own ARN", async () => {
    const deny: Statement = {
      Effect: "Deny",
      Action: "ec2:*",
      Resource: "*",
      Condition: {
        ArnEquals: { "lambda:SourceFunctionArn": "arn:aws:lambda:us-east-1:123456789012:function:restart" },
      },
    };
    await deploy(ALLOW, deny);
    await assert.rejects(reboot(), { message: /with an explicit deny in an identity-based policy/ });
    // Lambda itself, and others with the role, have no such key.
    await reboot({ ...FUNCTION, type: "instance", session: "i-1" });
  });

  it("reads policies again when they have changed", async () => {
    await deploy();
    await assert.rejects(reboot(), { name: "UnauthorizedOperation" });
    await deploy(ALLOW);
    await reboot();
  });

  it("says where to add what it doesn't know", async () => {
    await deploy(ALLOW);
    const { error } = console;
    console.error = () => undefined;
    try {
      await assert.rejects(ec2().send(new DescribeVpcsCommand({})), {
        name: "NotPlayed",
        message: /local\/endpoint\/iam/,
      });
      await deploy({ ...ALLOW, Condition: { Odd: { a: "b" } } });
      await assert.rejects(reboot(), { name: "NotPlayed", message: /Odd is not known: add it in model\/iam/ });
    } finally {
      console.error = error;
    }
  });

  it("doesn't limit engine, plugins and drills", async () => {
    await deploy();
    await rig.clients.make(EC2Client, "us-east-1").send(new DescribeVpcsCommand({}));
  });
});

type EC2Error = Error & { readonly $metadata: { readonly httpStatusCode?: number } };
