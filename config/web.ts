import { z } from "zod";
import { sizeProblems } from "../components/web/size";
import {
  certificateArn,
  checkOnce,
  cidrBlock,
  domainName,
  healthCheckPath,
  imageId,
  instanceType,
  oneOf,
  percent,
  Problem,
  problemIn,
  resourceName,
  variableName,
  zoneId,
} from "./common";
import { balancerPorts, checkCertificate, checkPorts, StackFacts } from "./entrance";

/** A text that stands on one line of a systemd unit or of a file with variables. */
const oneLine = (expected: string) => z.string().regex(/^[^\r\n]+$/, expected);
const seconds = (most: number) => z.int().min(0).max(most);

const application = z.strictObject({
  command: oneLine("expected a command on one line")
    .regex(/^\//, "expected the absolute path of a program, with its arguments")
    .meta({
      description: "What systemd starts at every boot, and again if it ends: an absolute path with arguments.",
      examples: ["/usr/bin/node /opt/web-app/server.mjs"],
    }),
  setUp: z
    .string()
    .optional()
    .meta({
      description:
        "Shell script that is run once in an instance's life, as root, before the application is started. What takes " +
        "long, or comes from elsewhere, belongs in the image.",
      examples: ["dnf install -y nodejs22"],
    }),
  port: z
    .int()
    .min(1024, "expected 1024 or more: the application is not root")
    .max(65535)
    .default(8080)
    .meta({ description: "Where it listens; it is told so by `PORT`.", examples: [3000] }),
  healthCheckPath: healthCheckPath.meta({
    description:
      "What the balancer asks for: 200 means that this instance works. It should say nothing about databases, or the " +
      "loss of one takes all instances with it.",
    examples: ["/status"],
  }),
  startSeconds: z
    .int()
    .min(30)
    .max(1800)
    .default(300)
    .meta({
      description: "How long an instance may take from its launch until the application answers.",
      unit: "seconds",
      examples: [120],
    }),
  environment: z
    .record(variableName, oneLine("expected a value on one line"))
    .default({})
    .meta({
      description: "Variables of the application's environment. No secrets: they would be readable in the user data.",
      examples: [{ LOG_LEVEL: "info" }],
    }),
});

const metric = z
  .enum(["cpu", "memory"], "expected cpu or memory")
  .default("cpu")
  .meta({
    description: "The utilization that it goes by, as the average of all instances.",
    examples: ["memory"],
  });

const scaling = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("steps").meta({ description: "More instances above a threshold, fewer below another." }),
      metric,
      outAbovePercent: percent.default(75).meta({
        description: "Above this utilization an instance is added, two from 15 points above it.",
        unit: "percent",
        examples: [60],
      }),
      inBelowPercent: percent.default(10).meta({
        description: "Below this utilization one is taken away.",
        unit: "percent",
        examples: [20],
      }),
      periodSeconds: z
        .int()
        .multipleOf(60, "expected whole minutes")
        .min(60)
        .max(3600)
        .default(60)
        .meta({ description: "The length of one datum.", unit: "seconds", examples: [300] }),
      outPeriods: z
        .int()
        .min(1)
        .max(60)
        .default(3)
        .meta({ description: "How many data in a row add instances.", unit: "periods", examples: [2] }),
      inPeriods: z
        .int()
        .min(1)
        .max(60)
        .default(15)
        .meta({ description: "How many data in a row take one away.", unit: "periods", examples: [30] }),
      notify: z
        .boolean()
        .default(true)
        .meta({ description: "Whether people are told of it.", examples: [false] }),
    }),
    z.strictObject({
      type: z.literal("target-tracking").meta({ description: "As many instances as keep the utilization at a value." }),
      metric,
      targetPercent: percent.default(50).meta({
        description: "The utilization that is kept.",
        unit: "percent",
        examples: [60],
      }),
    }),
  ],
  { error: oneOf("steps or target-tracking") },
);

const alarms = z.strictObject({
  serverErrorsPerMinute: z
    .int()
    .min(1)
    .default(10)
    .meta({
      description: "From how many answers of 5xx a minute on people are told, and a rollout goes back.",
      unit: "answers",
      examples: [50],
    }),
  memoryPercent: percent.default(90).meta({
    description: "Above which average memory utilization people are told.",
    unit: "percent",
    examples: [80],
  }),
  diskPercent: percent.default(85).meta({
    description: "Above which utilization of the fullest root volume people are told.",
    unit: "percent",
    examples: [75],
  }),
});

const bastion = z.strictObject({
  allowedCidrBlocks: z
    .array(
      cidrBlock.refine(
        (block) => Number(block.split("/")[1]) >= 8,
        "expected a range that somebody owns, a /8 or smaller: a bastion is not for the whole Internet",
      ),
    )
    .min(1, "expected at least one range: nobody could reach the bastion")
    .meta({ description: "The ranges from which SSH is let in.", examples: [["203.0.113.0/24"]] }),
  instanceType: instanceType.default("t4g.nano").meta({
    description: "Its instance type.",
    examples: ["t4g.micro"],
  }),
});

const tier = z
  .strictObject({
    // Names of balancers and target groups have 32 characters at most, of which `-lb-` and seven more are ours.
    name: resourceName.max(20, "expected 20 characters or fewer").meta({
      description: "The tier's name; 20 characters at most.",
      examples: ["shop"],
    }),
    requiredInstances: z
      .int()
      .min(1)
      .meta({
        description:
          "How many instances the load needs. The tier has so many more that as many are left when a zone is lost.",
        unit: "instances",
        examples: [2],
      }),
    minInstances: z
      .int()
      .min(1)
      .optional()
      .meta({
        description: "The fewest instances, where more are wanted.",
        unit: "instances",
        absent: "what `requiredInstances` and the number of zones ask for",
        examples: [6],
      }),
    maxInstances: z
      .int()
      .min(1)
      .optional()
      .meta({
        description: "The most instances that scaling may bring.",
        unit: "instances",
        absent: "twice the fewest",
        examples: [12],
      }),
    instanceType: instanceType.default("t4g.small").meta({
      description: "The instances' type, of the image's architecture.",
      examples: ["m7g.large"],
    }),
    imageId: imageId.optional().meta({
      description:
        "The instances' image: Amazon Linux 2023, or one made of it. Another one is rolled out, and taken back if it fails.",
      absent: "Amazon Linux 2023 as it was when the tier was first deployed",
      examples: ["ami-0a1b2c3d4e5f60718"],
    }),
    volumeGiB: z
      .int()
      .min(8)
      .max(16384)
      .default(8)
      .meta({ description: "The root volume of each instance.", unit: "GiB", examples: [20] }),
    maxInstanceLifetimeDays: z
      .int()
      .min(1)
      .max(365)
      .optional()
      .meta({
        description: "The age at which an instance is replaced.",
        unit: "days",
        absent: "instances live until something replaces them",
        examples: [30],
      }),
    application: application.meta({ description: "What the instances run." }),
    database: resourceName.optional().meta({
      description:
        "Name of the database of this stack that the application uses. Instances read its secret by `nplusone:gateway`, or " +
        "by the interface endpoint `secretsmanager`.",
      absent: "none",
      examples: ["orders"],
    }),
    certificateArn: certificateArn.optional().meta({
      description: "The site's certificate, of the stack's Region. With one, HTTP leads to HTTPS.",
      absent: "the site has HTTP only",
      examples: ["arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"],
    }),
    domainName: domainName("shop.example.com")
      .optional()
      .meta({ description: "The site's name, with `zoneId`.", absent: "no record", examples: ["shop.example.com"] }),
    zoneId: zoneId.optional().meta({
      description: "The hosted zone that gets an alias from `domainName` to the balancer.",
      absent: "no record",
      examples: ["Z0123456789ABCDEFGHIJ"],
    }),
    allowedCidrBlocks: z
      .array(cidrBlock)
      .min(1, "expected at least one range: nobody could reach the site")
      .default(["0.0.0.0/0"])
      .meta({ description: "The ranges from which the site can be reached.", examples: [["203.0.113.0/24"]] }),
    drainSeconds: seconds(3600)
      .default(60)
      .meta({
        description: "How long requests may go on that an instance has when it is taken out.",
        unit: "seconds",
        examples: [120],
      }),
    scaling: scaling.prefault({ type: "steps" }).meta({ description: "When there are more instances, and fewer." }),
    alarms: alarms.prefault({}).meta({ description: "When people are told." }),
    bastion: bastion.optional().meta({
      description: "A host for SSH in the public subnets. Session Manager reaches every instance without one.",
      absent: "none",
    }),
    accessLogRetentionDays: z
      .int()
      .min(1)
      .max(3650)
      .default(90)
      .meta({ description: "How long the balancer's access logs are kept.", unit: "days", examples: [30] }),
    deletionProtection: z
      .boolean()
      .default(true)
      .meta({
        description:
          "AWS refuses to delete the balancer. To destroy the tier set it to false, `pulumi up`, then destroy.",
        examples: [false],
      }),
  })
  .superRefine((value, context) => {
    const problem = problemIn(context);
    const { domainName, scaling: policy, zoneId } = value;
    if ((domainName === undefined) !== (zoneId === undefined)) {
      const [given, missing] = zoneId === undefined ? ["domainName", "zoneId"] : ["zoneId", "domainName"];
      problem([missing as string], `expected, because ${given} alone makes no record`);
    }
    if (policy.type === "steps" && policy.inBelowPercent >= policy.outAbovePercent) {
      problem(["scaling", "inBelowPercent"], `expected less than outAbovePercent (${policy.outAbovePercent})`);
    }
  });

type Tier = z.infer<typeof tier>;

/** Tiers of instances behind a balancer. */
export const web = z
  .array(tier)
  .superRefine((tiers, context) =>
    checkOnce(tiers, { name: "each name", domainName: "each domain" }, problemIn(context)),
  )
  .meta({ description: "Web applications: a balancer and an Auto Scaling group over all zones each." });

/** What is wrong with tiers in the stack that they are in. */
export function checkTiers(tiers: readonly Tier[], stack: StackFacts, problem: Problem): void {
  tiers.forEach((one, i) => {
    const sizing = stack.zones === undefined ? [] : sizeProblems({ ...one, zones: stack.zones });
    sizing.forEach(({ property, reason }) => problem([i, property], reason));
    const ports = [...balancerPorts(one.certificateArn), ...(one.bastion === undefined ? [] : [22])];
    checkPorts(ports, stack, (message) => problem([i], message));
    checkCertificate(one.certificateArn, stack, (message) => problem([i, "certificateArn"], message));
  });
}
