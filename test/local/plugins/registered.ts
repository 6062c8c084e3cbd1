import { DescribeImagesCommand, DescribeLaunchTemplateVersionsCommand, EC2Client } from "@aws-sdk/client-ec2";
import * as pulumi from "@pulumi/pulumi";
import { mockClient } from "aws-sdk-client-mock";
import { withTags } from "../../../components/common/stackTags";
import { StackFile } from "../../../config/stackFile";
import program from "../../../index";
import { ApplicationLoadBalancer } from "../../../local/plugins/awsx/lb";
import { Vpc } from "../../../local/plugins/awsx/vpc";

/** What AWS is taken to answer. */
const ANSWERS: Record<string, Record<string, unknown>> = {
  "aws:ec2/getInstances:getInstances": { ids: ["i-0123456789abcdef0"] },
  "aws:ec2/getInstance:getInstance": { monitoring: true, privateIp: "10.0.0.4", instanceState: "running" },
  "aws:cloudcontrol/getResource:getResource": {
    properties: JSON.stringify({ HealthCheckConfig: { Type: "HTTPS" } }),
  },
  "aws:secretsmanager/getSecret:getSecret": {
    arn: "arn:aws:secretsmanager:us-east-1:123456789012:secret:chat-AbCdEf",
    kmsKeyId: "key-1",
  },
  "aws:rds/getInstance:getInstance": {
    ...{ masterUserSecrets: [], backupRetentionPeriod: 14, storageEncrypted: true },
    ...{ engine: "postgres", engineVersion: "17.4", dbName: "orders" },
  },
};
const OTHERWISE = {
  ...{ id: "id-1", arn: "arn:aws:::one", value: "ami-1", vpcId: "vpc-1" },
  ...{ region: "us-east-1", partition: "aws", accountId: "123456789012" },
};

const BALANCER = "awsx:lb:ApplicationLoadBalancer";
const part = { id: "part-1", arn: "arn:aws:::part", arnSuffix: "app/part/1" };
const BALANCED = {
  loadBalancer: { ...part, dnsName: "part.example.com", zoneId: "Z0123456789" },
  defaultTargetGroup: part,
  listeners: [part, part],
  vpcId: "vpc-1",
};

/** A partner's file that nothing is wrong with. */
function partnerOf({ partner, dnsFailover, mail }: Record<string, unknown>): StackFile {
  const own = partner as { readonly role: string };
  const role = own.role === "primary" ? "standby" : "primary";
  const mirrored = { ...own, role, stack: "test", region: "us-east-1" };
  return { "nplusone:partner": mirrored, "nplusone:dnsFailover": dnsFailover, "nplusone:mail": mail };
}

/**
 * Runs the program with the configuration given as JSON, deploys nothing, and prints what it registered as JSON. A process
 * of its own, since what the program does to all resources of a process would reach other tests.
 */
async function main(config: Record<string, unknown>): Promise<void> {
  const registered: { type: string; inputs: unknown }[] = [];
  process.on("unhandledRejection", (error) => {
    console.error(error);
    process.exit(1);
  });
  // What the program asks EC2 itself.
  const LaunchTemplateVersions = [
    { LaunchTemplateId: "lt-1", VersionNumber: 1, LaunchTemplateData: { ImageId: "ami-1" } },
  ];
  mockClient(EC2Client)
    .on(DescribeLaunchTemplateVersionsCommand)
    .resolves({ LaunchTemplateVersions })
    .on(DescribeImagesCommand)
    .resolves({ Images: [{ ImageId: "ami-1", Architecture: "arm64" }] });
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs, id }) => {
        registered.push({ type, inputs: withTags(type, inputs as Record<string, unknown>, { version: "1" }) });
        const many = Array.from({ length: 18 }, (_, i) => ({ id: `part-${i}` }));
        const awsx = { "awsx:ec2:Vpc": { vpcId: "vpc-1", subnets: many, routeTables: many }, [BALANCER]: BALANCED }[
          type
        ];
        const own = type.startsWith("aws:")
          ? {
              name,
              arn: `arn:aws:::${name}`,
              clusterMembers: ["c-1"],
              dkimSigningAttributes: {},
              memberClusters: ["m-1"],
              address: "db",
            }
          : {};
        return { id: id || `${name}-id`, state: { ...own, ...(inputs as object), ...awsx } };
      },
      call: ({ token }) => ANSWERS[token] ?? OTHERWISE,
    },
    "nplusone",
    "test",
    false,
  );
  // Mocks know no transforms: tags are added above, as the engine would have them added.
  Object.assign(pulumi.runtime, { registerResourceTransform: () => undefined });
  pulumi.runtime.setAllConfig(
    Object.fromEntries(Object.entries(config).map(([key, value]) => [`nplusone:${key}`, JSON.stringify(value)])),
  );
  await program(() => partnerOf(config));
  await pulumi.runtime.disconnect();
  for (const { type, inputs } of [...registered]) {
    if (type === "awsx:ec2:Vpc") {
      new Vpc("net", { ...(inputs as object), tags: { team: "sre" } }, {});
    } else if (type === BALANCER) {
      new ApplicationLoadBalancer("lb", inputs, {});
    }
  }
  await pulumi.runtime.disconnect();
  process.stdout.write(JSON.stringify(registered));
}

void main(JSON.parse(process.argv[2] ?? "{}") as Record<string, unknown>);
