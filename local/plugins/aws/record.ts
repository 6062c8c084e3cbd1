/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever the engine and AWS send */

/** A resource's inputs and outputs together; `id` is among them once it is created. */
export type Props = Record<string, any>;

/** One AWS call of a resource's life. */
export interface Step {
  /** The SDK client's package without `@aws-sdk/client-`, e.g. `ec2`. */
  readonly client: string;
  /** The operation, e.g. `CreateVpc`. */
  readonly action: string;
  /** The operation's input, or `undefined` to skip the call. */
  readonly input: (props: Props) => object | undefined;
  /** What the answer adds to the resource's outputs. */
  readonly outputs?: (answer: any, props: Props) => Props;
}

/** How the stand-in makes one type of resource. */
export interface ResourceRecord {
  /** The property that the real provider names automatically. */
  readonly autoName?: string;
  /** The calls that create it; one of them, or `outputs`, has to yield `id`. */
  readonly create: readonly Step[];
  /** The calls that apply changed inputs. Without it only the stack's state changes. */
  readonly update?: readonly Step[];
  /** The calls that delete it. A resource that is gone already is fine. */
  readonly delete?: readonly Step[];
  /** The calls that a refresh makes, and the inputs that it thereby finds. Without it the state is taken for granted. */
  readonly read?: { readonly steps: readonly Step[]; readonly inputs: readonly string[] };
  /** Inputs whose change needs a new resource. */
  readonly replaceOn?: readonly string[];
  /** Outputs that follow from the inputs; evaluated before the calls. */
  readonly outputs?: (props: Props) => Props;
}

/** What one service's file exports: its resource types and functions by Pulumi token. */
export interface ServiceRecords {
  readonly resources: Record<string, ResourceRecord>;
  /** The calls that answer a function, or the answer itself. */
  readonly functions?: Record<string, readonly Step[] | Props>;
}

/** Makes the steps of one client short to write. */
export function client(name: string) {
  return (action: string, input: Step["input"], outputs?: Step["outputs"]): Step => ({
    client: name,
    action,
    input,
    outputs,
  });
}

/**
 * A type that no emulator models: kept in the stack's state, listed as such in the report, and no drill rests on it.
 */
export function recorded(outputs?: (props: Props) => Props): ResourceRecord {
  return { create: [], outputs: (props) => ({ id: `recorded-${props["__name"]}`, ...outputs?.(props) }) };
}

export const REGION = process.env["AWS_REGION"] ?? "us-east-1";
export const ACCOUNT = "123456789012";

export const arn = (service: string, resource: string, region = REGION) =>
  `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;

/** Pulumi's tag map as the list that most services take. */
export const tagList = (tags: Record<string, string> | undefined) =>
  Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
