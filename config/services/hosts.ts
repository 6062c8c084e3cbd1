import { z } from "zod";
import { imageId, instanceType, minutes, oneOf, percent } from "../common";

const hostScaling = z.discriminatedUnion(
  "type",
  [
    z.strictObject({
      type: z
        .literal("managed")
        .meta({ description: "ECS adds hosts when tasks find no room, and takes empty ones away." }),
      targetCapacityPercent: percent.default(100).meta({
        description: "How much of the hosts is to be in use. N+1 doesn't rest on it: that is what `minHosts` is for.",
        unit: "percent",
        examples: [90],
      }),
    }),
    z.strictObject({
      type: z
        .literal("steps")
        .meta({ description: "Two hosts more above a CPU utilization, two fewer below another. ECS then adds none." }),
      outAbovePercent: percent.default(70).meta({
        description: "Above this average utilization of the hosts' CPU two are added.",
        unit: "percent",
        examples: [60],
      }),
      outMinutes: minutes
        .default(5)
        .meta({ description: "For how long it has to be above.", unit: "minutes", examples: [2] }),
      inBelowPercent: percent.default(25).meta({
        description: "Below this utilization two are taken away.",
        unit: "percent",
        examples: [20],
      }),
      inMinutes: minutes
        .default(30)
        .meta({ description: "For how long it has to be below.", unit: "minutes", examples: [15] }),
    }),
  ],
  { error: oneOf("managed or steps") },
);

/** What the services of a cluster run on. */
export const hosts = z.strictObject({
  instanceType: instanceType.default("m7g.large").meta({
    description: "The hosts' type, of the images' architecture.",
    examples: ["r7g.xlarge"],
  }),
  imageId: imageId.optional().meta({
    description:
      "The hosts' image: an ECS-optimized Amazon Linux 2023, or one made of it. Another one is rolled out host by host, " +
      "and taken back if hosts of it don't join the cluster.",
    absent: "the ECS-optimized Amazon Linux 2023 as it was when the cluster was first deployed",
    examples: ["ami-0a1b2c3d4e5f60718"],
  }),
  volumeGiB: z
    .int()
    .min(30, "expected 30 or more: ECS's image is as large")
    .max(16384)
    .default(30)
    .meta({ description: "The root volume of each host, images included.", unit: "GiB", examples: [50] }),
  minHosts: z
    .int()
    .min(2, "expected 2 or more: one alone survives no loss")
    .optional()
    .meta({
      description: "The fewest hosts, where more are wanted.",
      unit: "hosts",
      absent: "as many as hold every service's minimum when the fullest zone is lost",
      examples: [6],
    }),
  maxHosts: z
    .int()
    .min(2)
    .max(500)
    .optional()
    .meta({
      description: "The most hosts that scaling may bring.",
      unit: "hosts",
      absent: "as many as hold every service's maximum in the same way, and no fewer than twice the fewest",
      examples: [12],
    }),
  maxInstanceLifetimeDays: z
    .int()
    .min(1)
    .max(365)
    .optional()
    .meta({
      description: "The age at which a host is drained and replaced.",
      unit: "days",
      absent: "hosts live until something replaces them",
      examples: [30],
    }),
  capacity: z
    .strictObject({
      cpu: z
        .int()
        .min(128)
        .meta({ description: "CPU units: 1,024 for each vCPU.", unit: "units", examples: [2048] }),
      memoryMiB: z
        .int()
        .min(128)
        .meta({
          description: "Memory that ECS registers for tasks.",
          unit: "MiB",
          examples: [7200],
        }),
    })
    .optional()
    .meta({
      description: "What a host has for tasks.",
      absent: "told by the type's name, with 7.5 % of the memory kept by the kernel and 256 MiB for ECS",
    }),
  scaling: hostScaling.prefault({ type: "managed" }).meta({ description: "When there are more hosts, and fewer." }),
  agentGraceMinutes: z
    .int()
    .min(5)
    .max(120)
    .default(10)
    .meta({
      description:
        "How long ECS may be without contact to a host's agent, until the host is replaced. Agents reconnect several times " +
        "an hour.",
      unit: "minutes",
      examples: [15],
    }),
});
