import { z } from "zod";
import { holds, MAX_ZONES, overlap } from "../components/network/cidrPlan";
import { availabilityZone, cidrBlock, Problem } from "./common";

const serviceName = z.string().regex(/^[a-z0-9.-]+$/, "expected an endpoint service such as s3 or ssm");
/** The retention periods that CloudWatch Logs knows, up to a year. */
const logRetentionDays = z.literal(
  [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365],
  "expected a number of days that CloudWatch Logs offers, e.g. 30, 90 or 365",
);

const subnetCidrBlocks = z.strictObject({
  public: z.array(cidrBlock),
  private: z.array(cidrBlock),
  isolated: z.array(cidrBlock),
});

/** The VPC that every system runs in. */
export const network = z
  .strictObject({
    cidrBlock,
    availabilityZones: z
      .array(availabilityZone)
      .min(2, "expected at least 2 Availability Zones: one alone survives no loss")
      .max(MAX_ZONES, `expected at most ${MAX_ZONES} Availability Zones`),
    subnetCidrBlocks: subnetCidrBlocks.optional(),
    gatewayEndpoints: z.array(z.enum(["s3", "dynamodb"], "expected s3 or dynamodb")).default([]),
    interfaceEndpoints: z.array(serviceName).default([]),
    flowLogRetentionDays: logRetentionDays.default(90),
  })
  .superRefine((value, context) => {
    const problem: Problem = (path, message) => context.addIssue({ code: "custom", path, message, input: value });
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
  });

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
