import { z } from "zod";
import { maxUnavailable } from "../lambdas/recovery/decide";
import { checkOnce, oneOf, Problem, problemIn, resourceName } from "./common";

const uuid = (expected: string) =>
  z.string(expected).regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, `${expected}, a UUID`);
const secretArn = (holding: string, name: string) => {
  const expected = `expected the ARN of a Secrets Manager secret that holds ${holding}`;
  return z
    .string(expected)
    .regex(/^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$/, expected)
    .meta({
      description: `ARN of a Secrets Manager secret that holds ${holding}.`,
      examples: [`arn:aws:secretsmanager:us-east-1:123456789012:secret:nplusone/${name}`],
    });
};
const pagerRegion = z.enum(["us", "eu"], "expected us or eu");
const type = <Name extends string>(name: Name, what: string) => z.literal(name).meta({ description: what });
const sns = z.strictObject({ type: type("sns", "The stack's own topic, so e-mail.") });

const slackChannel = "expected a Slack channel's id such as C0123456789";
const chat = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: type("slack", "A channel of Slack's."),
      channel: z
        .string(slackChannel)
        .regex(/^[CGD][A-Z0-9]{8,}$/, slackChannel)
        .meta({ description: "The channel's id, not its name.", examples: ["C0123456789"] }),
      secretArn: secretArn("a Slack bot token (xoxb-…)", "slack"),
    }),
    z.strictObject({
      type: type("webhook", 'Anything that takes `{"text": …}` by POST.'),
      secretArn: secretArn("the webhook's URL", "chat-webhook"),
    }),
    sns,
  ],
  { error: oneOf("slack, webhook or sns") },
);

const pager = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: type("opsgenie", "OpsGenie, which ends on 2027-04-05."),
      region: pagerRegion.meta({ description: "Where OpsGenie keeps the account.", examples: ["eu"] }),
      teamId: uuid("expected the id of the OpsGenie team that is paged").meta({
        description: "The team that is paged.",
        examples: ["4513b7ea-3b91-438f-b7e4-e3e54af9147c"],
      }),
      secretArn: secretArn("an OpsGenie API key", "opsgenie"),
    }),
    z.strictObject({
      type: type("pagerduty", "PagerDuty."),
      region: pagerRegion.default("us").meta({ description: "Where PagerDuty keeps the account.", examples: ["eu"] }),
      secretArn: secretArn("the routing key of a PagerDuty Events API v2 integration", "pagerduty"),
    }),
    sns,
  ],
  { error: oneOf("opsgenie, pagerduty or sns") },
);

const instance = z
  .strictObject({
    // Function names are made of it, and have 64 characters at most.
    name: resourceName.max(20, "expected 20 characters or fewer").meta({
      description: "The instance's name, for people; 20 characters at most.",
      examples: ["reports"],
    }),
    instanceId: z
      .string()
      .regex(/^i-[0-9a-f]{8,17}$/, "expected an instance's id such as i-0abc…")
      .optional()
      .meta({ description: "The instance's id.", absent: "by `tags`", examples: ["i-0a1b2c3d4e5f60718"] }),
    tags: z
      .record(z.string(), z.string())
      .optional()
      .meta({
        description: "Tags that this instance alone has in the Region.",
        absent: "by `instanceId`",
        ask: true,
        examples: [{ Name: "reports" }],
      }),
    url: z
      .url({ protocol: /^https?$/, error: "expected a URL such as https://app.example.com/health" })
      .refine((url) => !/^https?:\/\/[^/?#]*@/.test(url), "expected a URL without user and password")
      .meta({
        description: "What the URL check asks for, from outside the VPC. Without user and password.",
        examples: ["https://reports.example.com/health"],
      }),
    // What Route 53 allows: 4 s to connect and 2 s to answer. The check's function ends after 20.
    urlTimeoutSeconds: z
      .int()
      .min(1)
      .max(15)
      .default(6)
      .meta({ description: "How long the URL's answer may take to begin.", unit: "seconds", examples: [3] }),
    healthCheckId: uuid("expected the id of a Route 53 health check that is this instance's own").meta({
      description: "Id of a Route 53 health check that is this instance's own.",
      examples: ["5f1c2a64-7d0e-4b7e-9a55-1f0c3e8d2a71"],
    }),
    ssh: z
      .strictObject({
        host: z
          .string()
          .regex(/^[A-Za-z0-9.-]+$/, "expected a private IP address or a host name")
          .optional()
          .meta({
            description: "Host that the SSH check connects to.",
            absent: "the instance's private address",
            examples: ["reports.internal.example.com"],
          }),
        port: z
          .int()
          .min(1)
          .max(65535)
          .default(22)
          .meta({ description: "Its SSH port.", examples: [2222] }),
      })
      .prefault({})
      .meta({ description: "Where the SSH check connects, from inside the VPC." }),
    group: resourceName
      .optional()
      .meta({ description: "The group that it shares its work with.", absent: "none", examples: ["search"] }),
  })
  .refine(
    (i) => (i.instanceId === undefined) !== (i.tags === undefined || Object.keys(i.tags).length === 0),
    "expected either instanceId or tags, which say which instance is meant",
  );

const alarm = z
  .strictObject({
    thresholdPercent: z
      .number()
      .gt(0)
      .max(100)
      .default(95)
      .meta({
        description: "The CPU utilization from which on an instance counts as pegged. At 100 a busy one never does.",
        unit: "percent",
        examples: [95],
      }),
    periodSeconds: z
      .int()
      .multipleOf(60, "expected whole minutes")
      .min(60)
      .default(60)
      .meta({
        description: "The length of one datum; below 300 the instances need detailed monitoring.",
        unit: "seconds",
        examples: [300],
      }),
    evaluationPeriods: z
      .int()
      .min(1)
      .max(60)
      .default(3)
      .meta({ description: "How many data are looked at.", unit: "periods", examples: [3] }),
    datapointsToAlarm: z
      .int()
      .min(1)
      .default(3)
      .meta({
        description: "How many of these must be at the threshold or above. One spike is no outage.",
        unit: "periods",
        examples: [3],
      }),
  })
  .refine((a) => a.datapointsToAlarm <= a.evaluationPeriods, {
    path: ["datapointsToAlarm"],
    error: "expected evaluationPeriods or fewer",
  });

const restart = z.strictObject({
  deadlineSeconds: z
    .int()
    .min(60)
    .max(3600)
    .default(600)
    .meta({
      description: "How long after a restart the status checks may take to pass.",
      unit: "seconds",
      examples: [600],
    }),
  warmUpSeconds: z
    .int()
    .min(0)
    .max(900)
    .default(60)
    .meta({
      description: "How long the application then gets to start.",
      unit: "seconds",
      examples: [60],
    }),
  cooldownMinutes: z
    .int()
    .min(5)
    .max(1440)
    .default(60)
    .meta({
      description: "How long after a restart the instance is not restarted again.",
      unit: "minutes",
      examples: [60],
    }),
});

const group = z
  .strictObject({
    minHealthyPercentage: z
      .int()
      .min(0)
      .max(100)
      .default(50)
      .meta({
        description: "How much of the group must stay in service while one is restarted.",
        unit: "percent",
        examples: [50],
      }),
  })
  .prefault({});

/** Instances that are checked, restarted once and reported when their CPU is pegged. */
export const recovery = z
  .strictObject({
    instances: z
      .array(instance)
      .min(1, "expected at least one instance: in a Region without any, leave nplusone:recovery out")
      .meta({ description: "The instances that are looked after." }),
    groups: z
      .record(resourceName, group)
      .default({})
      .meta({ description: "Groups of instances that share their work, by name.", names: ["search"] }),
    alarm: alarm.prefault({}).meta({ description: "When an instance counts as pegged." }),
    restart: restart.prefault({}).meta({ description: "How long a restart may take." }),
    subnetIds: z
      .array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, "expected a subnet's id"))
      .refine((ids) => ids.length !== 1, "expected subnets in two or more zones: the check would be lost with a zone")
      .default([])
      .meta({
        description:
          "Subnets in two or more zones from which the SSH check connects. None: the private subnets of the stack's own VPC.",
        examples: [["subnet-0a1b2c3d4e5f60718", "subnet-0b2c3d4e5f6071829"]],
      }),
    chat: chat.default({ type: "sns" }).meta({ description: "Where messages about what was recovered go." }),
    pager: pager.default({ type: "sns" }).meta({ description: "Who is paged about what was not." }),
  })
  .superRefine((value, context) => {
    const problem = problemIn(context);
    const own = { name: "each name", instanceId: "each instance", healthCheckId: "each health check" };
    checkOnce(value.instances, own, (path, message) => problem(["instances", ...path], message));
    checkGroups(value.instances, value.groups, problem);
  })
  .meta({ description: "EC2 instances that are checked, restarted once and reported or paged when pegged." });

type Instance = z.infer<typeof instance>;

function checkGroups(
  instances: readonly Instance[],
  groups: Readonly<Record<string, { readonly minHealthyPercentage: number }>>,
  problem: Problem,
): void {
  instances.forEach(({ group }, i) => {
    if (group !== undefined && groups[group] === undefined) {
      const known = Object.keys(groups).join(", ") || "none are";
      problem(["instances", i, "group"], `expected one of the groups (${known}), not ${group}`);
    }
  });
  for (const [name, { minHealthyPercentage }] of Object.entries(groups)) {
    const size = instances.filter((i) => i.group === name).length;
    if (maxUnavailable(size, minHealthyPercentage) < 1) {
      const message = `expected a share that lets one of the group's ${size} instance(s) be restarted, not ${minHealthyPercentage} %`;
      problem(["groups", name, "minHealthyPercentage"], message);
    }
  }
}
