import { z } from "zod";
import { holds, MAX_ZONES, overlap } from "../components/network/cidrPlan";
import { availabilityZone, cidrBlock, logRetentionDays, Problem, problemIn } from "./common";

const serviceName = z.string().regex(/^[a-z0-9.-]+$/, "expected an endpoint service such as s3 or ssm");
const ranges = (what: string, examples: string[][]) =>
  z.array(cidrBlock).meta({ description: `The ranges of the ${what}, one a zone.`, examples });

const subnetCidrBlocks = z.strictObject({
  public: ranges("public subnets, where gateways run", [["10.20.0.0/20", "10.20.16.0/20"]]),
  private: ranges("private subnets, whose way out is the zone's gateway", [["10.20.64.0/19", "10.20.96.0/19"]]),
  isolated: ranges("isolated subnets, which have no way out", [["10.20.32.0/20", "10.20.48.0/20"]]),
});

/** The VPC that every system runs in. */
export const network = z
  .strictObject({
    cidrBlock: cidrBlock.meta({ description: "IPv4 range of the VPC, a /16 to /22.", examples: ["10.20.0.0/16"] }),
    availabilityZones: z
      .array(availabilityZone, "expected a list of Availability Zones such as [us-east-1a, us-east-1b]")
      .min(2, "expected at least 2 Availability Zones: one alone survives no loss")
      .max(MAX_ZONES, `expected at most ${MAX_ZONES} Availability Zones`)
      .meta({
        description:
          "The zones that the stack spans; each is backed by the next live one in this order. Add zones at the end: " +
          "taking one out of the middle replaces the subnets behind it.",
        examples: [["us-east-1a", "us-east-1b", "us-east-1c"]],
      }),
    subnetCidrBlocks: subnetCidrBlocks.optional().meta({
      description: "The ranges of the subnets. They must lie within `cidrBlock` and must not overlap.",
      absent: "cut from `cidrBlock`",
    }),
    gatewayEndpoints: z
      .array(z.enum(["s3", "dynamodb"], "expected s3 or dynamodb"))
      .default([])
      .meta({
        description: "Services that private subnets reach without a gateway. Free.",
        examples: [["s3", "dynamodb"]],
      }),
    interfaceEndpoints: z
      .array(serviceName)
      .default([])
      .meta({
        description: "Services that get an interface endpoint in every zone, at about $7.50 a zone a month each.",
        examples: [["ssm", "ssmmessages", "ec2messages"]],
      }),
    networkAcls: z
      .strictObject({
        publicPorts: z
          .array(z.int().min(1).max(65535))
          .default([80, 443])
          .meta({
            description:
              "TCP ports of the public subnets that can be reached from outside; 22 has to be among them for a bastion.",
            examples: [[80, 443, 22]],
          }),
      })
      .optional()
      .meta({
        description:
          "A network ACL for each kind of subnet. From outside then come, besides these ports, answers over TCP and UDP " +
          "to ports from 1024 on, and ICMP: no other protocols.",
        absent: "everything may pass that security groups admit",
      }),
    flowLogRetentionDays: logRetentionDays.default(90).meta({
      description: "How long the VPC's flow logs are kept: a number that CloudWatch Logs offers.",
      unit: "days",
      examples: [90],
    }),
  })
  .superRefine((value, context) => {
    const problem = problemIn(context);
    value.availabilityZones.forEach((zone, i) => {
      if (value.availabilityZones.indexOf(zone) < i) {
        problem(["availabilityZones", i], `expected each zone once, but ${zone} is named twice`);
      }
    });
    const bits = Number(value.cidrBlock.split("/")[1]);
    if (bits < 16 || bits > 22) {
      problem(["cidrBlock"], `expected a range from /16 to /22, not ${value.cidrBlock}`);
    }
    checkSubnets(value, problem);
  })
  .meta({ description: "The VPC that everything runs in." });

/** Each kind of subnet has a range a zone, within the VPC's and apart from all others. */
function checkSubnets(
  value: Readonly<{
    cidrBlock: string;
    availabilityZones: readonly string[];
    subnetCidrBlocks?: z.infer<typeof subnetCidrBlocks> | undefined;
  }>,
  problem: Problem,
): void {
  const blocks = Object.entries(value.subnetCidrBlocks ?? {}).flatMap(([kind, list]) => {
    if (list.length !== value.availabilityZones.length) {
      const message = `expected one range a zone (${value.availabilityZones.length}), not ${list.length}`;
      problem(["subnetCidrBlocks", kind], message);
    }
    return list.map((block, i) => ({ block, path: ["subnetCidrBlocks", kind, i] }));
  });
  blocks.forEach(({ block, path }, i) => {
    if (!holds(value.cidrBlock, block)) {
      problem(path, `expected a range within the VPC's ${value.cidrBlock}, not ${block}`);
    }
    const other = blocks.slice(0, i).find((earlier) => overlap(earlier.block, block));
    if (other) {
      const where = `${other.path.join(".")} (${other.block})`;
      problem(path, `expected ranges that don't overlap, but ${block} overlaps ${where}`);
    }
  });
}
