/** A resource of an example, as a program would write it. */
export interface ExampleResource {
  readonly type: string;
  readonly name: string;
  readonly props: Readonly<Record<string, unknown>>;
}

/** A reference to another resource of the example. */
export class Reference {
  constructor(
    readonly name: string,
    readonly property: string,
  ) {}
}

/** A resource of an example. */
export const make = (type: string, name: string, props: ExampleResource["props"] = {}): ExampleResource => ({
  type,
  name,
  props,
});

/** What a program writes as `name.property`. */
export const ref = (name: string, property = "id"): Reference => new Reference(name, property);

/** An example as a Pulumi program in TypeScript. */
export function asProgram(resources: readonly ExampleResource[]): string {
  return resources
    .map(({ type, name, props }) => {
      const [, module = "", cls = ""] = /^aws:([^/:]+)[^:]*:(\w+)$/.exec(type) ?? [];
      return `const ${variable(name)} = new aws.${module}.${cls}("${name}", ${written(props, 0)});`;
    })
    .join("\n");
}

/** A variable's name for a resource's name. */
function variable(name: string): string {
  return name.replace(/-+(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function written(value: unknown, depth: number): string {
  if (value instanceof Reference) {
    return `${variable(value.name)}.${value.property}`;
  }
  if (Array.isArray(value)) {
    return `[${value.map((v) => written(v, depth)).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const indent = "  ".repeat(depth + 1);
    const entries = Object.entries(value).map(
      ([k, v]) => `${indent}${/^\w+$/.test(k) ? k : JSON.stringify(k)}: ${written(v, depth + 1)},`,
    );
    return entries.length === 0 ? "{}" : `{\n${entries.join("\n")}\n${"  ".repeat(depth)}}`;
  }
  return JSON.stringify(value);
}
