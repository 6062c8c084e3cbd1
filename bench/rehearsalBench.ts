import { Stack } from "@pulumi/pulumi/automation";
import { destroyStack, previewStack, previewUnchecked, StackResult, upStack } from "../local/stacks/stacks";
import { Figure } from "./figure";
import { processorTime } from "./processorTime";

/** Previews of one stack of each kind, of which the fastest counts: what else the machine does only makes them slower. */
const RUNS = 7;
/** What the pack may cost on top of a preview. */
const WITH_PACK = 1.3;
/** How much two measurements of the same thing may differ. */
const NOISE = 1.15;

/** What a stack's preview and its whole rehearsal take. */
interface Measured {
  readonly resources: number;
  readonly withPackMs: number;
  /** Processor time of a preview with the policy pack and without it. */
  readonly withPackBusyMs: number;
  readonly withoutPackBusyMs: number;
  readonly rehearsalMs: number;
}

/** Rehearses a small stack and a large one. While the large one is up, more is measured on it. */
export async function benchRehearsal(
  small: () => Promise<Stack>,
  large: () => Promise<Stack>,
  whileUp: (region: string) => Promise<Figure[]>,
): Promise<Figure[]> {
  const more: Figure[] = [];
  const few = await measure(await small());
  const many = await measure(await large(), async (region) => void more.push(...(await whileUp(region))));
  return [...figuresOf(few, many), ...more];
}

async function measure(stack: Stack, whileUp?: (region: string) => Promise<void>): Promise<Measured> {
  const withPack: Preview[] = [];
  const withoutPack: Preview[] = [];
  for (let i = 0; i < RUNS; i++) {
    withPack.push(await timed(() => previewStack(stack)));
    withoutPack.push(await timed(() => previewUnchecked(stack)));
  }
  const withPackMs = Math.min(...withPack.map((one) => one.durationMs));
  const start = Date.now();
  const { region } = await upStack(stack);
  const upMs = Date.now() - start;
  await whileUp?.(region);
  const end = Date.now();
  await destroyStack(stack);
  return {
    resources: withPack[0]?.resources ?? NaN,
    withPackMs,
    withPackBusyMs: Math.min(...withPack.map((one) => one.busyMs)),
    withoutPackBusyMs: Math.min(...withoutPack.map((one) => one.busyMs)),
    rehearsalMs: withPackMs + upMs + (Date.now() - end),
  };
}

type Preview = StackResult & { readonly busyMs: number };

async function timed(run: () => Promise<StackResult>): Promise<Preview> {
  const start = processorTime();
  const result = await run();
  return { ...result, busyMs: processorTime() - start };
}

/** The figures of a small and a large stack. */
export function figuresOf(few: Measured, many: Measured): Figure[] {
  const per = (ms: number, { resources }: Measured, count: number) => Math.round((ms / resources) * count);
  return [
    {
      what: `preview with the policy pack of ${many.resources} resources beside ${few.resources}, per 100 resources`,
      unit: "ms",
      here: per(many.withPackMs, many, 100),
      plain: per(few.withPackMs, few, 100),
      target: Math.round(per(few.withPackMs, few, 100) * NOISE),
    },
    {
      what: `preview of ${many.resources} resources with the policy pack beside without it, processor time per 100 resources`,
      unit: "ms",
      here: per(many.withPackBusyMs, many, 100),
      plain: per(many.withoutPackBusyMs, many, 100),
      target: Math.round(per(many.withoutPackBusyMs, many, 100) * WITH_PACK),
    },
    {
      what: `rehearsal (preview, up, destroy) of ${many.resources} resources beside ${few.resources}, a resource`,
      unit: "ms",
      here: per(many.rehearsalMs, many, 1),
      plain: per(few.rehearsalMs, few, 1),
      target: Math.round(per(few.rehearsalMs, few, 1) * NOISE),
    },
  ];
}
