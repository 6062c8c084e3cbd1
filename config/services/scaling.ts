import { z } from "zod";

/** Percent of something that is there. */
export const percent = z.int().min(1).max(100);

/** For how many minutes in a row something has to last. */
export const minutes = z.int().min(1).max(60);

/** What is wrong with an object that says by its `type` what it is. */
export const unionError = (expected: string, input: unknown) =>
  `expected type to be ${expected}, not ${JSON.stringify((input as { type?: unknown } | undefined)?.type) ?? "absent"}`;
