import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { Network } from "../../components/network/network";
import { openRecorded } from "./recordAnything/open";

/** Sets properties of every child of a type. */
const overriding =
  (of: string, properties: object): pulumi.ResourceTransform =>
  ({ type, props, opts }) =>
    type === of ? { props: { ...(props as object), ...properties }, opts } : undefined;

describe("a component's transforms", () => {
  it("override what its children are made with, those of awsx too", async () => {
    const stack = await openRecorded(() => {
      new Network(
        "net",
        {
          cidrBlock: "10.20.0.0/16",
          availabilityZones: ["us-east-1a", "us-east-1b"],
          kmsKeyArn: "arn:aws:kms:us-east-1:123456789012:key/1",
          gatewayEndpoints: [],
          interfaceEndpoints: [],
          flowLogRetentionDays: 30,
        },
        {
          transforms: [
            overriding("aws:cloudwatch/logGroup:LogGroup", { retentionInDays: 7 }),
            overriding("aws:ec2/subnet:Subnet", { enableResourceNameDnsARecordOnLaunch: true }),
          ],
        },
      );
      new aws.cloudwatch.LogGroup("other", { retentionInDays: 30 });
      return Promise.resolve();
    });
    await stack.up({ onOutput: () => undefined });
    const { resources } = (await stack.exportStack()).deployment as {
      resources: { type: string; urn: string; inputs?: Record<string, unknown> }[];
    };
    const inputs = (type: string, property: string) =>
      resources
        .filter((r) => r.type === type)
        .map((r) => [r.urn.split("::").pop(), r.inputs?.[property]])
        .sort();
    assert.deepEqual(inputs("aws:cloudwatch/logGroup:LogGroup", "retentionInDays"), [
      ["net-flow-logs", 7],
      ["other", 30],
    ]);
    const subnets = inputs("aws:ec2/subnet:Subnet", "enableResourceNameDnsARecordOnLaunch");
    assert.equal(subnets.length, 6);
    assert.deepEqual([...new Set(subnets.map(([, value]) => value))], [true]);
  });
});
