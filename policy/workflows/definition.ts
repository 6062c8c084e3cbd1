/** A state as far as the rules look at it. States can hold states: in branches, or in what a Map does to each item. */
export interface State {
  readonly Type?: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly TimeoutSeconds?: unknown;
  readonly TimeoutSecondsPath?: unknown;
  readonly Catch?: readonly { readonly ErrorEquals?: readonly string[]; readonly Next?: string }[];
  readonly Retry?: readonly { readonly MaxAttempts?: number }[];
  readonly Branches?: readonly Definition[];
  readonly Iterator?: Definition;
  readonly ItemProcessor?: Definition;
}

/** A state machine in the Amazon States Language. */
export interface Definition {
  readonly TimeoutSeconds?: unknown;
  readonly States?: Readonly<Record<string, State>>;
}

/** Reads a definition; a text says what is wrong with it. */
export function parseDefinition(text: string): Definition | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  const states = (parsed as Definition | null)?.States;
  return typeof states === "object" &&
    states !== null &&
    Object.values(states).every((s) => typeof s === "object" && s !== null)
    ? (parsed as Definition)
    : "it has no States";
}

/**
 * Why a definition can fail or hang without anybody noticing. https://states-language.net: without a timeout of its own
 * an execution may take a year.
 */
export function problemsOf(definition: Definition, longestSeconds: number): string[] {
  return [
    ...badTimeout("", definition.TimeoutSeconds, undefined, longestSeconds),
    ...tasksOf(definition).flatMap(([name, task, siblings]) => [
      ...badTimeout(`'s task ${name}`, task.TimeoutSeconds, task.TimeoutSecondsPath, longestSeconds),
      ...badCatch(name, task, siblings),
      ...badRetry(name, task),
    ]),
  ];
}

function badTimeout(what: string, seconds: unknown, path: unknown, longest: number): string[] {
  if (seconds === undefined && path === undefined) {
    return [`${what} has no timeout: set TimeoutSeconds, or it can hang for a year`];
  }
  return typeof seconds === "number" && seconds > longest
    ? [`${what} may hang for ${seconds} s: set TimeoutSeconds to ${longest} or less (option longestSeconds)`]
    : [];
}

function badCatch(name: string, task: State, siblings: Readonly<Record<string, State>>): string[] {
  const catchers = Array.isArray(task.Catch) ? (task.Catch as NonNullable<State["Catch"]>) : [];
  const rest = catchers.find((c) => [c?.ErrorEquals ?? []].flat().some((e) => e === "States.ALL"));
  if (catchers.length === 0) {
    return [`'s task ${name} has no Catch: lead its errors to a person`];
  }
  if (rest === undefined) {
    return [`'s task ${name} catches some errors only: add a Catch of "States.ALL"`];
  }
  const next = siblings[rest.Next ?? ""];
  return next?.Type === "Succeed" || (next?.Type === "Pass" && next.End === true)
    ? [`'s task ${name} takes its errors for success: lead them to a state that tells a person, not to ${rest.Next}`]
    : [];
}

function badRetry(name: string, task: State): string[] {
  const retriers = Array.isArray(task.Retry) ? (task.Retry as NonNullable<State["Retry"]>) : [];
  return retriers.some((r) => (r?.MaxAttempts ?? 3) > 0)
    ? []
    : [`'s task ${name} is not tried again: add a Retry of what passes (throttling, timeouts of the service)`];
}

/** The tasks of a definition at whatever depth, each with the states beside it. */
function tasksOf({ States = {} }: Definition): PlacedTask[] {
  return Object.entries(States).flatMap(([name, state]): PlacedTask[] => {
    const inner = [...(state.Branches ?? []), state.Iterator ?? {}, state.ItemProcessor ?? {}].flatMap(tasksOf);
    return state.Type === "Task" ? [[name, state, States], ...inner] : inner;
  });
}

type PlacedTask = [name: string, task: State, siblings: Readonly<Record<string, State>>];
