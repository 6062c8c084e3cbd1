import { existsSync } from "node:fs";
import { z } from "zod";
import { dockerfileOf } from "../../components/services/contentTag";
import { imageProblem } from "../../components/services/imageName";
import { healthCheckPath, minutes, oneOf, percent, problemIn, resourceName, variableName } from "../common";

const serviceName = resourceName
  .max(20, "expected 20 characters or fewer")
  .regex(/^[a-z](?!.*-$)/, "expected a letter first, and no hyphen at the end");

const build = z.strictObject({
  context: z
    .string()
    .min(1)
    .meta({
      description: "Folder with what the image is built of, from the project's.",
      examples: ["examples/service"],
    }),
  dockerfile: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: "The Dockerfile, from the project's folder.",
      absent: "`Dockerfile` in the context",
      examples: ["examples/service/Dockerfile"],
    }),
  arguments: z
    .record(z.string(), z.string())
    .default({})
    .meta({ description: "Build arguments. No secrets: they stay in the image.", examples: [{ VERSION: "1.4.2" }] }),
});

const path = z.string().regex(/^\/[!-~]{0,127}$/, "expected a path such as /cart/*, of 128 characters at most");
const host = z.string().regex(/^[a-z0-9*?.-]{1,128}$/, "expected a host name such as cart.example.com, in lower case");

const rule = z
  .strictObject({
    paths: z
      .array(path)
      .min(1)
      .max(5)
      .optional()
      .meta({
        description: "Paths, with `*` and `?` as wildcards; any of them.",
        absent: "all paths",
        examples: [["/cart", "/cart/*"]],
      }),
    hosts: z
      .array(host)
      .min(1)
      .max(5)
      .optional()
      .meta({
        description: "Host names, with `*` and `?` as wildcards; any of them.",
        absent: "all hosts",
        examples: [["cart.example.com"]],
      }),
  })
  .refine(({ paths, hosts }) => paths !== undefined || hosts !== undefined, "expected paths, hosts or both")
  // A condition a value, of which a rule has five; https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
  .refine(
    ({ paths = [], hosts = [] }) => paths.length + hosts.length <= 5,
    "expected 5 paths and hosts or fewer in all",
  );

const metric = z
  .enum(["cpu", "memory"], "expected cpu or memory")
  .default("cpu")
  .meta({ description: "What of its reservation a task uses, on average over all.", examples: ["memory"] });

const taskScaling = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z.literal("steps").meta({ description: "Two tasks more above a threshold, two fewer below another." }),
      metric,
      outAbovePercent: percent.default(70).meta({
        description: "From this utilization on two tasks are added.",
        unit: "percent",
        examples: [60],
      }),
      outMinutes: minutes
        .default(5)
        .meta({ description: "For how long it has to last.", unit: "minutes", examples: [3] }),
      inBelowPercent: percent.default(30).meta({
        description: "Below this utilization two are taken away.",
        unit: "percent",
        examples: [20],
      }),
      inMinutes: minutes
        .default(30)
        .meta({ description: "For how long it has to be below.", unit: "minutes", examples: [15] }),
    }),
    z.strictObject({
      type: z.literal("target-tracking").meta({ description: "As many tasks as keep the utilization at a value." }),
      metric,
      targetPercent: percent.default(60).meta({
        description: "The utilization that is kept.",
        unit: "percent",
        examples: [50],
      }),
    }),
  ],
  { error: oneOf("steps or target-tracking") },
);

/** A service of a cluster. */
export const microservice = z
  .strictObject({
    name: serviceName.meta({ description: "The service's name; 20 characters at most.", examples: ["cart"] }),
    image: z
      .string()
      .optional()
      .meta({
        description:
          "The image, by tag or digest: of the repository that the service then has in ECR by these alone (`:1.4.2`), or " +
          "any other by its full name. Tags must stay where they are.",
        absent: "built from `build`",
        ask: true,
        examples: [":1.4.2"],
      }),
    build: build.optional().meta({
      description: "Builds the image at `pulumi up` and pushes it to the service's repository, tagged by its content.",
      absent: "`image`",
    }),
    cpu: z
      .int()
      .min(64)
      .max(196608)
      .default(256)
      .meta({ description: "What a task reserves: 1,024 units are a vCPU.", unit: "units", examples: [512] }),
    memoryMiB: z
      .int()
      .min(32)
      .default(512)
      .meta({
        description: "What a task reserves. It may use more while the host has it.",
        unit: "MiB",
        examples: [2048],
      }),
    port: z
      .int()
      .min(1)
      .max(65535)
      .default(8080)
      .meta({ description: "Where the container listens; it is told so by `PORT`.", examples: [3000] }),
    healthCheckPath: healthCheckPath.meta({
      description:
        "What the balancer asks for: 200 means that this task works. It should say nothing about databases, or the loss " +
        "of one takes all tasks with it.",
      examples: ["/status"],
    }),
    startSeconds: z
      .int()
      .min(10)
      .max(1800)
      .default(60)
      .meta({
        description: "How long a task may take from its start until it answers.",
        unit: "seconds",
        examples: [120],
      }),
    drainSeconds: z
      .int()
      .min(5)
      .max(3600)
      .default(30)
      .meta({
        description:
          "How long requests may go on that a task has when it is taken out; it is stopped 15 seconds later.",
        unit: "seconds",
        examples: [60],
      }),
    public: z
      .boolean()
      .default(false)
      .meta({
        description:
          "Whether it is reached from the Internet, by the Internet-facing balancer; else by others in the VPC, by the " +
          "internal one.",
        examples: [true],
      }),
    rule: rule.optional().meta({
      description: "Which requests are the service's.",
      absent: "for internal services, those to `SERVICE.CLUSTER.internal`",
    }),
    minimum: z
      .int()
      .min(2, "expected 2 or more: one task alone survives no loss")
      .max(1000)
      .default(4)
      .meta({ description: "The fewest tasks, also when a zone is lost.", unit: "tasks", examples: [6] }),
    maximum: z
      .int()
      .min(2)
      .max(5000)
      .default(20)
      .meta({ description: "The most tasks that scaling may bring.", unit: "tasks", examples: [40] }),
    environment: z
      .record(variableName, z.string())
      .default({})
      .meta({
        description: "Variables of the container's environment. No secrets: they can be read in the task definition.",
        examples: [{ LOG_LEVEL: "info" }],
      }),
    secrets: z
      .record(
        variableName,
        z
          .string()
          .regex(
            /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+(:[^:]*){0,3}$/,
            "expected the ARN of a Secrets Manager secret",
          ),
      )
      .default({})
      .meta({
        description:
          "Variables whose values are secrets, by ARN; a key of one in JSON by `ARN:KEY::`. They are read when a task starts.",
        examples: [{ API_KEY: "arn:aws:secretsmanager:us-east-1:123456789012:secret:api-key-AbCdEf" }],
      }),
    database: resourceName.optional().meta({
      description:
        "Name of the database of this stack that it uses. The task is told the secret's ARN, and reads it itself: the " +
        "password is rotated.",
      absent: "none",
      examples: ["orders"],
    }),
    sessionStore: resourceName.optional().meta({
      description: "Name of the session store of this stack that it uses.",
      absent: "none",
      examples: ["sessions"],
    }),
    userFiles: resourceName.optional().meta({
      description: "Name of the user files of this stack that it uses.",
      absent: "none",
      examples: ["uploads"],
    }),
    mail: resourceName.optional().meta({
      description: "Name of the mail of this stack that it uses.",
      absent: "none",
      examples: ["outbound"],
    }),
    scaling: taskScaling.prefault({ type: "steps" }).meta({ description: "When there are more tasks, and fewer." }),
    serverErrorsPerMinute: z
      .int()
      .min(1)
      .default(10)
      .meta({
        description: "From how many answers of 5xx a minute on people are told, and a deployment goes back.",
        unit: "answers",
        examples: [50],
      }),
  })
  .superRefine((value, context) => {
    const problem = problemIn(context);
    const { image, maximum, minimum, scaling } = value;
    if ((image === undefined) === (value.build === undefined)) {
      problem(["image"], "expected either an image or a build");
    }
    const wrongImage = image === undefined ? undefined : imageProblem(image);
    if (wrongImage !== undefined) {
      problem(["image"], wrongImage);
    }
    if (value.build !== undefined && !existsSync(dockerfileOf(value.build))) {
      problem(["build", "context"], `expected a folder with a Dockerfile: there is no ${dockerfileOf(value.build)}`);
    }
    if (maximum < minimum) {
      problem(["maximum"], `expected minimum (${minimum}) or more, not ${maximum}`);
    }
    if (value.public && value.rule === undefined) {
      problem(["rule"], "expected paths or hosts, because a public service has no other name");
    }
    if (scaling.type === "steps" && scaling.inBelowPercent >= scaling.outAbovePercent) {
      problem(["scaling", "inBelowPercent"], `expected less than outAbovePercent (${scaling.outAbovePercent})`);
    }
    const twice = Object.keys(value.secrets).filter((name) => name in value.environment);
    twice.forEach((name) => problem(["secrets", name], `expected ${name} in environment or in secrets, not in both`));
  });

/** A service of a cluster, as configured. */
export type Microservice = z.infer<typeof microservice>;
