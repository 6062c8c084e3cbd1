import { CloudWatchClient, DescribeAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient, DeleteRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  CreateTagsCommand,
  DescribeSecurityGroupsCommand,
  EC2Client,
  RevokeSecurityGroupEgressCommand,
} from "@aws-sdk/client-ec2";
import { SNSClient, UnsubscribeCommand } from "@aws-sdk/client-sns";
import { Stack, StepEventMetadata } from "@pulumi/pulumi/automation";
import assert from "node:assert/strict";
import { Clients } from "../../local/endpoint/clients";
import { resolveEngine } from "../../local/engine/engine";
import { openStack, upStack } from "../../local/stacks/stacks";
import { bringUp } from "./up";

const STACK = "prod-eu-west-1";
const REGION = "eu-west-1";
/** What the deployed functions move by themselves, on a schedule too: drift of these is what they are for. */
const MOVED = "aws:ec2/route:Route";

/** A resource as the stack's state has it. */
interface Resource {
  readonly urn: string;
  readonly type: string;
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

describe("what others change behind Pulumi's back", () => {
  let clients: Clients;
  let stack: Stack;
  before(async () => {
    clients = bringUp();
    stack = await openStack(STACK, clients.endpoint, await resolveEngine());
  });

  /** The URNs of what a refresh finds changed or gone, but for what functions move. */
  const refresh = async () => {
    const found: StepEventMetadata[] = [];
    await stack.refresh({
      onOutput: () => undefined,
      onEvent: ({ resOutputsEvent }) => resOutputsEvent && found.push(resOutputsEvent.metadata),
    });
    assert.ok(found.length > 0, "the stack has resources");
    return found.filter(({ op, type }) => ["update", "delete"].includes(op) && type !== MOVED).map(({ urn }) => urn);
  };

  it("a refresh finds nothing where there is nothing, and nothing is to be changed after it", async () => {
    assert.deepEqual(await refresh(), []);
    const { same = 0, ...others } = (await stack.preview({ onOutput: () => undefined })).changeSummary;
    assert.ok(same > 0, "most of the stack is as it was");
    assert.deepEqual(others, {});
  });

  const resources = async () => ((await stack.exportStack()).deployment as { resources?: Resource[] }).resources ?? [];

  /** One resource of a type that has an input. */
  const one = async (type: string, input: string): Promise<Resource> => {
    const found = (await resources()).find((r) => r.type === type && r.inputs[input] !== undefined);
    assert.ok(found, `the stack has no ${type} with ${input}`);
    return found;
  };

  /** A change by hand: of one input of a resource, or the resource's end. */
  interface ByHand {
    readonly what: string;
    readonly type: string;
    readonly input: string;
    readonly change: (resource: Resource) => Promise<unknown>;
    /** What a refresh finds the input to be; nothing if it finds that the resource is gone. */
    readonly found?: (before: unknown) => unknown;
  }

  const ec2 = () => clients.make(EC2Client, REGION);
  const BY_HAND: readonly ByHand[] = [
    {
      what: "an alarm's threshold",
      type: "aws:cloudwatch/metricAlarm:MetricAlarm",
      input: "threshold",
      change: async ({ id }) => {
        const cloudWatch = clients.make(CloudWatchClient, REGION);
        const { MetricAlarms: [alarm] = [] } = await cloudWatch.send(new DescribeAlarmsCommand({ AlarmNames: [id] }));
        assert.ok(alarm);
        const { ComparisonOperator, EvaluationPeriods } = alarm;
        await cloudWatch.send(
          new PutMetricAlarmCommand({
            ...alarm,
            AlarmName: id,
            ComparisonOperator,
            EvaluationPeriods,
            Threshold: 4711,
          }),
        );
      },
      found: () => 4711,
    },
    {
      what: "a log group's retention, taken away",
      type: "aws:cloudwatch/logGroup:LogGroup",
      input: "retentionInDays",
      change: ({ id }) =>
        clients.make(CloudWatchLogsClient, REGION).send(new DeleteRetentionPolicyCommand({ logGroupName: id })),
      found: () => undefined,
    },
    {
      what: "a tag of the VPC",
      type: "aws:ec2/vpc:Vpc",
      input: "tags",
      change: ({ id }) => ec2().send(new CreateTagsCommand({ Resources: [id], Tags: [{ Key: "by", Value: "hand" }] })),
      found: (before) => ({ ...(before as object), by: "hand" }),
    },
    {
      what: "a security group's rules",
      type: "aws:ec2/securityGroup:SecurityGroup",
      input: "egress",
      change: async ({ id }) => {
        const { SecurityGroups: [group] = [] } = await ec2().send(
          new DescribeSecurityGroupsCommand({ GroupIds: [id] }),
        );
        const IpPermissions = group?.IpPermissionsEgress;
        await ec2().send(new RevokeSecurityGroupEgressCommand({ GroupId: id, IpPermissions }));
      },
      found: () => [],
    },
    {
      what: "a subscription, gone",
      type: "aws:sns/topicSubscription:TopicSubscription",
      input: "endpoint",
      change: ({ id }) => clients.make(SNSClient, REGION).send(new UnsubscribeCommand({ SubscriptionArn: id })),
    },
  ];

  describe("by hand", () => {
    const changed = new Map<ByHand, Resource>();
    const inputOf = async ({ urn }: Resource, input: string) =>
      (await resources()).find((r) => r.urn === urn)?.inputs[input];

    before(async () => {
      for (const byHand of BY_HAND) {
        const resource = await one(byHand.type, byHand.input);
        changed.set(byHand, resource);
        await byHand.change(resource);
      }
    });
    after(() => upStack(stack));

    it("is found by a refresh, and nothing else", async () => {
      const expected = BY_HAND.map((byHand) => changed.get(byHand)?.urn);
      assert.deepEqual((await refresh()).sort(), expected.sort());
    });

    for (const byHand of BY_HAND) {
      it(`is found by a refresh: ${byHand.what}`, async () => {
        const resource = changed.get(byHand) as Resource;
        const expected = byHand.found?.(resource.inputs[byHand.input]);
        assert.deepEqual(await inputOf(resource, byHand.input), expected);
      });
    }

    it("is taken back by the next deployment", async () => {
      await upStack(stack);
      assert.deepEqual(await refresh(), []);
      for (const [{ what, input }, resource] of changed) {
        assert.deepEqual(await inputOf(resource, input), resource.inputs[input], what);
      }
    });
  });
});
