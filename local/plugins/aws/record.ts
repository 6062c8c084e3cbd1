/* eslint-disable @typescript-eslint/no-explicit-any -- the plugin boundary: whatever the engine and AWS send */
import { Names, Naming } from "./mapping";

/** A resource's inputs and outputs together; `id` is among them once it is created, `__name` is its logical name. */
export type Props = Record<string, any>;

/** Outputs by name: where in an operation's answer they are, or how they follow from it. */
export type Outputs = Readonly<Record<string, string | ((answer: any, props: Props) => unknown)>>;

/** One AWS call. Its input is made from the resource's properties, by their names (see `mapping.ts`). */
export interface Call extends Naming {
  /** The SDK client's package without `@aws-sdk/client-`, e.g. `ec2`. */
  readonly service: string;
  /** The operation, e.g. `CreateVpc`. */
  readonly action: string;
  /**
   * The properties that this call is for. It is made if one of them is given or changed, and takes no others.
   * @default all that the operation has a field for
   */
  readonly of?: readonly string[];
  /**
   * Fields that no property has the value of, or not in the API's form; they win over what is made from properties.
   * An update is told how the properties were, too.
   */
  readonly with?: (props: Props, request: any, olds: Props) => object;
  /** Several calls of the operation, one after the other: what each one's request has beside the common fields. */
  readonly each?: (props: Props) => readonly object[];
  /** Properties that `with` or `each` takes care of. */
  readonly takes?: readonly string[];
  /** Whether an update makes this call, whatever has changed; and whether a creation does, which else makes them all. */
  readonly if?: (props: Props) => boolean;
  /** What the answer adds to the resource's outputs. */
  readonly outputs?: Outputs;
  /** The operation that takes back what this one has set, when none of its properties is given any more. */
  readonly undo?: string;
  /** The call takes back what was there before: it is made from the properties as they were. */
  readonly takesBack?: true;
}

/** A call that a refresh makes, and where in its answer the resource is. */
export interface Read extends Call {
  /** The path of the resource in the answer; nothing there: the resource is gone. `""` is the answer itself. */
  readonly at: string;
  /** Finds it in the answer where a path can't; `at` then only says what shape it has. */
  readonly as?: (answer: any, props: Props) => any;
  /** Properties that are in the answer in another form. */
  readonly also?: (found: any, props: Props) => Props;
  /** Nothing there means that its properties aren't set, not that the resource is gone. */
  readonly optional?: true;
}

/** How tags are changed once a resource is there, and set on one that can't be made with them. */
export interface Tagging {
  readonly service: string;
  readonly set: string;
  readonly unset: string;
  /** What addresses the resource in both. */
  readonly key: Names;
}

/**
 * How the stand-in makes one type of resource.
 *
 * **To add a type**, put a record into the file of its service, named as in the type's token
 * (`aws:ec2/vpc:Vpc` → `ec2.ts`; a new file is listed in `services.ts`):
 *
 * 1. `key`: what addresses it in the API, e.g. `{ id: "VpcId" }`. Every call gets it, in lists too (`VpcIds`).
 * 2. `create`: the call that makes it, with the output that is its `id`. All of its inputs go in by their names:
 *    `cidrBlock` → `CidrBlock`, blocks and lists likewise; `tags` in whatever form the operation wants them.
 *    What is called otherwise is said in `names`: `{ vpcSecurityGroupIds: "SecurityGroupIds" }`.
 * 3. `settings`: calls that set something on it, when it is made and when that changes (`PutRetentionPolicy`);
 *    `update`: calls that only change it.
 * 4. `delete` and `read`: they need no more than the operation's name, and where in the answer the resource is.
 * 5. `replaceOn`: the inputs that the provider declares as *ForceNew* (its documentation: "Forces new resource").
 * 6. `notApplied`: inputs that no call takes, with the reason. An input that is neither is an error when a stack is
 *    deployed, and a failure of `test/local/plugins/inputs.test.ts`.
 * 7. `notRead`: inputs that the emulator doesn't give back as they were given, with the reason.
 *
 * The service's client has to be in package.json. Where a type comes from no emulator at all: `recorded()`.
 */
export interface ResourceRecord extends Naming {
  /** The property that is named automatically: the resource's name and seven random characters. */
  readonly autoName?: string;
  /** What the automatic name has to end in. @default nothing */
  readonly autoNameEnd?: (inputs: Props) => string;
  /** What addresses the resource in the API: properties and their fields. */
  readonly key: Names;
  /** What the provider assumes where an input is not given. */
  readonly defaults?: Props;
  /** The calls that create it, one after the other; one of them, or `outputs`, has to yield `id`. */
  readonly create: readonly Call[];
  /** The calls that set something on it: when it is created, if that is given, and whenever it changes. */
  readonly settings?: readonly Call[];
  /** The calls that apply changed inputs. They come before `settings`. */
  readonly update?: readonly Call[];
  /** The calls that delete it. A resource that is gone already is fine. */
  readonly delete?: readonly Call[];
  /** The calls that a refresh makes. Without them the state is taken for granted. */
  readonly read?: readonly Read[];
  readonly tagging?: Tagging;
  /** Inputs whose change needs a new resource, or paths to what of them does. `region` always does. */
  readonly replaceOn?: readonly string[];
  /** What removing an input sends to an operation that leaves alone what it isn't given. Texts and lists become empty. */
  readonly unset?: Props;
  /** Outputs that follow from the inputs, or from other outputs. */
  readonly outputs?: Readonly<Record<string, (props: Props) => unknown>>;
  /** Inputs that no call takes, and why. */
  readonly notApplied?: Readonly<Record<string, string>>;
  /** Inputs that a refresh takes for granted, and why. */
  readonly notRead?: Readonly<Record<string, string>>;
}

/** How a function is answered: by a call, or by what is known. */
export type FunctionRecord =
  { readonly call: Call; readonly answer: (answer: any) => Props } | { readonly known: Props };

/** What one service's file exports: its resource types and functions by Pulumi token. */
export interface ServiceRecords {
  readonly resources: Record<string, ResourceRecord>;
  readonly functions?: Record<string, FunctionRecord>;
}

type CallOptions = Omit<Call, "service" | "action">;

/** Makes the calls of one client short to write. */
export function client(service: string) {
  return (action: string, options: CallOptions = {}): Call => ({ service, action, ...options });
}

/** Makes the reads of one client short to write. */
export function reader(service: string) {
  return (action: string, at: string, options: CallOptions & Partial<Read> = {}): Read => ({
    service,
    action,
    at,
    ...options,
  });
}

/** Tags as most services change them; `key` is what addresses the resource in both calls. */
export const tagged = (service: string, key: Names): Tagging => ({
  service,
  set: "TagResource",
  unset: "UntagResource",
  key,
});

/** Tags as RDS and ElastiCache change and read them. */
export const taggedByName = (service: string): { readonly tagging: Tagging; readonly readTags: Read } => ({
  tagging: { service, set: "AddTagsToResource", unset: "RemoveTagsFromResource", key: { arn: "ResourceName" } },
  readTags: reader(service)("ListTagsForResource", "", {
    of: ["tags"],
    names: { arn: "ResourceName", tags: "TagList" },
  }),
});

/**
 * A type that no emulator models: it is kept in the stack's state alone, and no drill rests on it.
 * `docs/architecture.md` lists these types.
 */
export function recorded(outputs: ResourceRecord["outputs"] = {}): ResourceRecord {
  return { key: {}, create: [], outputs: { id: (p) => `recorded-${p["__name"]}`, ...outputs } };
}

export const REGION = process.env["AWS_REGION"] ?? "us-east-1";
export const ACCOUNT = "123456789012";

/** An ARN in the resource's own Region. */
export const arn = (service: string, resource: string, region = REGION) =>
  `arn:aws:${service}:${region}:${ACCOUNT}:${resource}`;
