import { PolicyResource } from "@pulumi/policy";
import { read, UNKNOWN } from "../core/unknown";

/** A container of a task definition, as far as the rules look at it. */
export interface Container {
  readonly name?: string;
  readonly image?: string;
  readonly cpu?: number;
  /** MiB: the hard limit. */
  readonly memory?: number;
  /** MiB: the soft limit. */
  readonly memoryReservation?: number;
  readonly portMappings?: readonly { readonly hostPort?: number; readonly containerPort?: number }[];
}

/** The containers of a task definition; `UNKNOWN` if they aren't known before the update. */
export function containersOf({ props }: PolicyResource): readonly Container[] | typeof UNKNOWN {
  const text = read(() => props["containerDefinitions"] as string | undefined);
  if (text === UNKNOWN) {
    return UNKNOWN;
  }
  try {
    const parsed: unknown = JSON.parse(text ?? "[]");
    return Array.isArray(parsed) ? (parsed as Container[]) : [];
  } catch {
    // AWS refuses it.
    return [];
  }
}
