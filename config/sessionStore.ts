import { z } from "zod";
import { sessionStoreProblems } from "../components/sessionStore/problems";
import { alarmPercent, checkOnce, problemIn, resourceName } from "./common";

const alarms = z.strictObject({
  memoryPercent: alarmPercent.default(80).meta({
    description: "The share of a member's memory for data above which people are told, after 15 minutes.",
    unit: "percent",
    examples: [80],
  }),
  cpuPercent: alarmPercent.default(80).meta({
    description: "The share of the engine's CPU above which people are told, after 15 minutes.",
    unit: "percent",
    examples: [80],
  }),
  replicationLagSeconds: z
    .int()
    .min(1)
    .default(5)
    .meta({
      description: "How far a replica may be behind, for 5 minutes: as much is lost if it takes over.",
      unit: "seconds",
      examples: [5],
    }),
});

const oneStore = z
  .strictObject({
    name: resourceName
      .regex(
        /^(?=.{1,24}$)[a-z](-?[a-z0-9])*$/,
        "expected at most 24 characters, a letter first, no two hyphens on end",
      )
      .meta({ description: "The store's name.", examples: ["sessions"] }),
    engineVersion: z
      .string("expected a version, quoted")
      .default("8.0")
      .meta({
        description: "Major and minor version of Valkey, quoted. ElastiCache upgrades patch versions by itself.",
        examples: ["8.0"],
      }),
    nodeType: z
      .string()
      .regex(/^cache\.[a-z0-9]+\.[a-z0-9]+$/, "expected a node type such as cache.t4g.small")
      .default("cache.t4g.small")
      .meta({ description: "The node type of every member.", examples: ["cache.m7g.large"] }),
    members: z
      .int("expected a whole number")
      .default(2)
      .meta({
        description:
          "How many nodes there are, 2 to 6, spread over the zones: one takes writes, another takes over when it is lost.",
        examples: [3],
      }),
    tiers: z
      .array(z.string())
      .default([])
      .meta({
        description:
          "The clusters of `nplusone:services` and tiers of `nplusone:web` that may reach it, by name. No others.",
        examples: [["shop"]],
      }),
    maintenanceWindow: z
      .string()
      .default("sun:05:00-sun:06:00")
      .meta({
        description: "When ElastiCache maintains it: an hour of the week or more, in UTC.",
        examples: ["tue:02:00-tue:03:00"],
      }),
    snapshotWindow: z
      .string()
      .default("03:00-04:00")
      .meta({
        description: "When a snapshot is taken: an hour of the day or more, in UTC, outside the maintenance.",
        examples: ["03:00-04:00"],
      }),
    snapshotRetentionDays: z
      .int("expected a whole number of days")
      .min(0)
      .max(35, "expected at most 35 days, which is all that ElastiCache keeps")
      .default(1)
      .meta({
        description: "How long snapshots are kept; 0: none are taken. A failover needs none.",
        unit: "days",
        examples: [7],
      }),
    alarms: alarms.prefault({}).meta({ description: "When people are told." }),
  })
  .superRefine((value, context) => {
    for (const { path, message } of sessionStoreProblems(value)) {
      problemIn(context)([...path], message);
    }
  });

/** The session stores of a stack. */
export const sessionStore = z
  .array(oneStore)
  .min(1, "expected at least one session store")
  .superRefine((stores, context) => checkOnce(stores, { name: "each session store" }, problemIn(context)))
  .meta({ description: "Valkey stores that sessions survive the loss of a zone in, for services to use." });
