import { z } from "zod";
import { maxUnavailable } from "../lambdas/recovery/decide";
import { Problem, resourceName } from "./common";

const uuid = (expected: string) =>
  z.string(expected).regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/, `${expected}, a UUID`);
const secretArn = (holding: string) => {
  const expected = `expected the ARN of a Secrets Manager secret that holds ${holding}`;
  return z.string(expected).regex(/^arn:aws:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+$/, expected);
};
const pagerRegion = z.enum(["us", "eu"], "expected us or eu");
const sns = z.strictObject({ type: z.literal("sns") });

/** A union by `type` whose error says which types there are. */
const oneOf = (types: string) => (issue: { input?: unknown }) => {
  const type = (issue.input as { type?: unknown } | undefined)?.type;
  return `expected type to be ${types}, not ${JSON.stringify(type) ?? "absent"}`;
};

const chat = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("slack"),
      channel: z
        .string("expected a Slack channel's id such as C0123456789")
        .regex(/^[CGD][A-Z0-9]{8,}$/, "expected a Slack channel's id such as C0123456789"),
      secretArn: secretArn("a Slack bot token (xoxb-…)"),
    }),
    z.strictObject({ type: z.literal("webhook"), secretArn: secretArn("the webhook's URL") }),
    sns,
  ],
  { error: oneOf("slack, webhook or sns") },
);

const pager = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("opsgenie"),
      region: pagerRegion,
      teamId: uuid("expected the id of the OpsGenie team that is paged"),
      secretArn: secretArn("an OpsGenie API key"),
    }),
    z.strictObject({
      type: z.literal("pagerduty"),
      region: pagerRegion.default("us"),
      secretArn: secretArn("the routing key of a PagerDuty Events API v2 integration"),
    }),
    sns,
  ],
  { error: oneOf("opsgenie, pagerduty or sns") },
);

const instance = z
  .strictObject({
    // Function names are made of it, and have 64 characters at most.
    name: resourceName.max(20, "expected 20 characters or fewer"),
    instanceId: z
      .string()
      .regex(/^i-[0-9a-f]{8,17}$/, "expected an instance's id such as i-0abc…")
      .optional(),
    tags: z.record(z.string(), z.string()).optional(),
    url: z
      .url({ protocol: /^https?$/, error: "expected a URL such as https://app.example.com/health" })
      .refine((url) => !/^https?:\/\/[^/?#]*@/.test(url), "expected a URL without user and password"),
    // What Route 53 allows: 4 s to connect and 2 s to answer. The check's function ends after 20.
    urlTimeoutSeconds: z.int().min(1).max(15).default(6),
    healthCheckId: uuid("expected the id of a Route 53 health check that is this instance's own"),
    ssh: z
      .strictObject({
        host: z
          .string()
          .regex(/^[A-Za-z0-9.-]+$/, "expected a private IP address or a host name")
          .optional(),
        port: z.int().min(1).max(65535).default(22),
      })
      .prefault({}),
    group: resourceName.optional(),
  })
  .refine(
    (i) => (i.instanceId === undefined) !== (i.tags === undefined || Object.keys(i.tags).length === 0),
    "expected either instanceId or tags, which say which instance is meant",
  );

const alarm = z
  .strictObject({
    thresholdPercent: z.number().gt(0).max(100).default(95),
    periodSeconds: z.int().multipleOf(60, "expected whole minutes").min(60).default(60),
    evaluationPeriods: z.int().min(1).max(60).default(3),
    datapointsToAlarm: z.int().min(1).default(3),
  })
  .refine((a) => a.datapointsToAlarm <= a.evaluationPeriods, {
    path: ["datapointsToAlarm"],
    error: "expected evaluationPeriods or fewer",
  });

const restart = z.strictObject({
  deadlineSeconds: z.int().min(60).max(3600).default(600),
  warmUpSeconds: z.int().min(0).max(900).default(60),
  cooldownMinutes: z.int().min(5).max(1440).default(60),
});

const groups = z.record(
  resourceName,
  z.strictObject({ minHealthyPercentage: z.int().min(0).max(100).default(50) }).prefault({}),
);

/** Instances that are checked, restarted once and reported when their CPU is pegged. */
export const recovery = z
  .strictObject({
    instances: z
      .array(instance)
      .min(1, "expected at least one instance: in a Region without any, leave nplusone:recovery out"),
    groups: groups.default({}),
    alarm: alarm.prefault({}),
    restart: restart.prefault({}),
    subnetIds: z.array(z.string().regex(/^subnet-[0-9a-f]{8,17}$/, "expected a subnet's id")).default([]),
    chat: chat.default({ type: "sns" }),
    pager: pager.default({ type: "sns" }),
  })
  .superRefine((value, context) => {
    const problem: Problem = (path, message) => context.addIssue({ code: "custom", path, message, input: value });
    checkTwice(value.instances, problem);
    checkGroups(value.instances, value.groups, problem);
  });

/** A stack's validated `recovery`. */
export type RecoveryConfig = z.infer<typeof recovery>;
type Instance = z.infer<typeof instance>;

/** What must be each instance's own. */
function checkTwice(instances: readonly Instance[], problem: Problem): void {
  const own = { name: "name", instanceId: "instance", healthCheckId: "health check" } as const;
  for (const [property, what] of Object.entries(own) as [keyof typeof own, string][]) {
    const values = instances.map((i) => i[property]);
    values.forEach((value, i) => {
      if (value !== undefined && values.indexOf(value) < i) {
        problem(["instances", i, property], `expected each ${what} once, but ${value} is named twice`);
      }
    });
  }
}

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
