/**
 * The part of the Amazon States Language (with JSONPath) that this program uses, typed: a state can lead only to a
 * state that is there, and a task can't be written without a timeout, retries and a catch.
 * https://docs.aws.amazon.com/step-functions/latest/dg/concepts-amazon-states-language.html
 */

/** Retries of a task. */
export interface Retrier {
  readonly ErrorEquals: readonly string[];
  /** Seconds until the first retry. */
  readonly IntervalSeconds: number;
  readonly BackoffRate: number;
  readonly MaxAttempts: number;
  /** Seconds between two retries at most. */
  readonly MaxDelaySeconds: number;
  readonly JitterStrategy: "FULL";
}

/** Where a task leads when it fails for good. */
export interface Catcher<Name> {
  readonly ErrorEquals: readonly string[];
  readonly ResultPath: string;
  readonly Next: Name;
}

/** A call of a function or another service. */
export interface Task<Name> {
  readonly Type: "Task";
  readonly Comment?: string;
  readonly Resource: string;
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly ResultSelector?: Readonly<Record<string, string>>;
  readonly ResultPath: string | null;
  /** Seconds. */
  readonly TimeoutSeconds: number;
  readonly Retry: readonly Retrier[];
  readonly Catch: readonly Catcher<Name>[];
  readonly Next: Name;
}

/** A comparison in a choice. */
export type Comparison =
  | { readonly Variable: string; readonly StringEquals: string }
  | { readonly Variable: string; readonly BooleanEquals: boolean }
  | { readonly Variable: string; readonly NumericGreaterThanEquals: number }
  | { readonly And: readonly Comparison[] };

/** A branch. */
export interface Choice<Name> {
  readonly Type: "Choice";
  readonly Choices: readonly (Comparison & { readonly Next: Name })[];
  readonly Default: Name;
}

/** A pause. */
export interface Wait<Name> {
  readonly Type: "Wait";
  readonly Seconds: number;
  readonly Next: Name;
}

/** A step that only changes the data. */
export interface Pass<Name> {
  readonly Type: "Pass";
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly ResultPath: string;
  readonly Next: Name;
}

/** An end. */
export interface Succeed {
  readonly Type: "Succeed";
  readonly Comment: string;
}

/** A failed end. */
export interface Fail {
  readonly Type: "Fail";
  readonly Error: string;
  readonly Cause: string;
}

export type State<Name> = Task<Name> | Choice<Name> | Wait<Name> | Pass<Name> | Succeed | Fail;

/** A state machine's definition. */
export interface StateMachineDefinition<Name extends string> {
  readonly Comment: string;
  readonly StartAt: Name;
  /** Seconds for the whole. */
  readonly TimeoutSeconds: number;
  readonly States: Readonly<Record<Name, State<Name>>>;
}

/** States whose tasks name Step Functions' integrations without the beginning of the ARN get it. */
export function inPartition<Name extends string>(
  partition: string,
  states: Readonly<Record<Name, State<Name>>>,
): Record<Name, State<Name>> {
  const entries = Object.entries<State<Name>>(states).map(([name, state]) => [
    name,
    state.Type === "Task" ? { ...state, Resource: `arn:${partition}:${state.Resource}` } : state,
  ]);
  return Object.fromEntries(entries) as Record<Name, State<Name>>;
}

/** Errors of Lambda itself that pass. */
export const LAMBDA_TRANSIENT = [
  "Lambda.ServiceException",
  "Lambda.AWSLambdaException",
  "Lambda.SdkClientException",
  "Lambda.ClientExecutionTimeoutException",
  "Lambda.TooManyRequestsException",
] as const;

/** Retries these errors, and no others, up to four times within about half a minute, with full jitter. */
export function retry(...errors: string[]): Retrier[] {
  return [
    {
      ErrorEquals: errors,
      IntervalSeconds: 2,
      BackoffRate: 2,
      MaxAttempts: 4,
      MaxDelaySeconds: 30,
      JitterStrategy: "FULL",
    },
  ];
}
