import { z } from "zod";
import { email } from "./common";

/** Who is told. */
export const notifications = z
  .strictObject({
    emails: z
      .array(email)
      .default([])
      .meta({
        description: "Who is told. Each address has to confirm the message that AWS sends it.",
        ask: true,
        examples: [["sre-oncall@example.com"]],
      }),
  })
  .meta({ description: "The topic that people are told through." });
