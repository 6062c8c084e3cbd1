import { z } from "zod";

// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html: what every service allows.
const ALLOWED = /^[\p{L}\p{N} _.:/=+\-@]*$/u;
const expected = "expected letters, digits, spaces and _ . : / = + - @";

/** Tags that every resource of the stack gets. */
export const tags = z
  .record(
    z
      .string()
      .min(1)
      .max(128, "expected 128 characters or fewer")
      .regex(ALLOWED, expected)
      .regex(/^(?!aws:)/i, "expected another prefix than aws:, which AWS keeps for itself"),
    z.string().max(256, "expected 256 characters or fewer").regex(ALLOWED, expected),
  )
  .meta({
    description:
      "Tags that every resource of the stack gets besides `version` and `repositoryUrl`; they win over these.",
    examples: [{ team: "sre" }],
  });
