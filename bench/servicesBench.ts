import { Stack } from "@pulumi/pulumi/automation";
import { RawConfig, RawStackFile } from "../local/stacks/stackFiles";
import { destroyStack, previewStack, StackResult, upStack } from "../local/stacks/stacks";
import { Figure } from "./figure";
import { processorTime } from "./processorTime";

/** Numbers of services: what each of those from the second to the third takes is measured by those before. */
const COUNTS = [1, 10, 50] as const;
/** Previews of one stack, of which the fastest counts: the first one also warms this process up. */
const RUNS = 3;
/** How much two measurements of the same thing may differ. */
const NOISE = 1.15;

/** What a stack with so many services takes. */
interface Measured {
  readonly services: number;
  readonly resources: number;
  /** Processor time of a preview and of an update, both with the policy pack, in milliseconds. */
  readonly previewMs: number;
  readonly upMs: number;
}

/**
 * What services take that are added to a cluster: resources, and time of `preview` and `up`.
 * @param base a stack's file with a cluster of one service, under ever new names of which the others are made
 */
export async function benchServices(
  base: RawStackFile,
  open: (file: RawStackFile) => Promise<Stack>,
): Promise<Figure[]> {
  const measured: Measured[] = [];
  for (const count of COUNTS) {
    const stack = await open(withServices(base, count));
    const previews: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      previews.push((await timed(() => previewStack(stack))).busyMs);
    }
    const up = await timed(() => upStack(stack));
    await destroyStack(stack);
    measured.push({ services: count, resources: up.resources, previewMs: Math.min(...previews), upMs: up.busyMs });
  }
  return servicesFigures(measured);
}

async function timed(run: () => Promise<StackResult>): Promise<StackResult & { readonly busyMs: number }> {
  const start = processorTime();
  const result = await run();
  return { ...result, busyMs: processorTime() - start };
}

interface Cluster {
  readonly services: readonly { readonly name: string }[];
}

/** A stack's file whose cluster has so many services like its first one. */
export function withServices({ stack, config }: RawStackFile, count: number): RawStackFile {
  const [cluster] = config["nplusone:services"] as [Cluster];
  const [first] = cluster.services;
  const services = Array.from({ length: count }, (_, i) => ({ ...first, name: `${first?.name}-${i}` }));
  const changed: RawConfig = { ...config, "nplusone:services": [{ ...cluster, services }] };
  return { stack, config: changed };
}

/** The figures of stacks with ever more services: what each service takes that is added. */
export function servicesFigures(measured: readonly Measured[]): Figure[] {
  const [few, more, many] = measured as [Measured, Measured, Measured];
  const each = (of: keyof Measured, from: Measured, to: Measured) =>
    (to[of] - from[of]) / (to.services - from.services);
  const figure = (what: string, unit: string, of: keyof Measured, noise: number): Figure => ({
    what: `${what} of each service from ${more.services} to ${many.services}, beside from ${few.services} to ${more.services}`,
    unit,
    here: each(of, more, many),
    plain: each(of, few, more),
    target: noise * each(of, few, more),
  });
  return [
    figure("resources", "", "resources", 1),
    figure("processor time of a preview with the policy pack", "ms", "previewMs", NOISE),
    figure("processor time of an update with the policy pack", "ms", "upMs", NOISE),
  ];
}
