import { z } from "zod";

/** The stack in the other Region, and what the two are to each other. */
export const partner = z
  .strictObject({
    role: z.enum(["primary", "standby"], "expected primary or standby").meta({
      description:
        "What this stack is: its Region is served from while it is healthy, or takes over. What both Regions share, as " +
        "buckets and repositories, belongs to the primary.",
      examples: ["primary"],
    }),
    stack: z
      .string()
      .regex(/^[\w.-]+$/, "expected a stack's name such as prod-eu-west-1")
      .meta({ description: "Name of the other stack.", examples: ["prod-eu-west-1"] }),
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "expected a Region such as eu-west-1")
      .meta({ description: "Region of the other stack.", examples: ["eu-west-1"] }),
    mode: z
      .enum(["pilot-light", "warm", "active-active"], "expected pilot-light, warm or active-active")
      .default("warm")
      .meta({
        description:
          "What of the standby runs: data and hosts but no tasks (pilot-light), everything at its minimum (warm), or " +
          "everything, with both Regions answering (active-active). The same in both stacks.",
        examples: ["active-active"],
      }),
  })
  .meta({ description: "The stack in the other Region that takes over, or is taken over from." });
