/**
 * What a rule has to say against a resource. A rule that says nothing holds; what can't be determined is neither that
 * nor a violation, and is said in so many words.
 */
export interface Finding {
  /** What is wrong, or can't be determined, and what to change: it names the property. */
  readonly message: string;
  /** The resource that it is about. @default the stack */
  readonly urn?: string;
  /** @default "violated" */
  readonly verdict?: "violated" | "undetermined";
}

/** A finding that something can't be determined; `message` says how to make it determinable. */
export const undetermined = (message: string, urn?: string): Finding => ({ message, urn, verdict: "undetermined" });
