import { z } from "zod";
import { email } from "./common";

/** Who is told. */
export const notifications = z.strictObject({
  emails: z.array(email).default([]),
});
