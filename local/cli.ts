import { PulumiCommand } from "@pulumi/pulumi/automation";
import { Command, CommanderError } from "commander";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Drill, DrillResult, runDrill } from "./drills/drill";
import { bootGateways, gatewayDrills } from "./drills/gateway/drills";
import { outpostDrills } from "./drills/outposts/drills";
import { recoveryDrills } from "./drills/recovery/drills";
import { Clients } from "./endpoint/clients";
import { drawing } from "./report/drawing";
import { resolveEngine } from "./engine/engine";
import { Endpoint } from "./endpoint/endpoint";
import { prepareLandscape, readStackFile } from "./stacks/landscape";
import { ROOT } from "./common/paths";
import { runningEndpoint, startEmulators, stopEmulators } from "./emulators/lifecycle";
import { reportTable, writeJson } from "./report/report";
import { destroyStack, isUp, openStack, previewStack, selectStacks, StackResult, upStack } from "./stacks/stacks";
import { UserError } from "./common/userError";

const DRILLS: readonly Drill[] = [...gatewayDrills, ...outpostDrills, ...recoveryDrills];

interface Options {
  readonly stack?: string;
  readonly json?: string;
}

/** Starts what a command needs: the engine and the emulators. */
async function ready(): Promise<{ engine: PulumiCommand; endpoint: Endpoint }> {
  const engine = await resolveEngine();
  const endpoint = await startEmulators();
  await prepareLandscape(await selectStacks(undefined), new Clients(endpoint));
  return { engine, endpoint };
}

async function preview(options: Options): Promise<StackResult[]> {
  const names = await selectStacks(options.stack);
  const { engine, endpoint } = await ready();
  return Promise.all(names.map(async (name) => previewStack(await openStack(name, endpoint, engine))));
}

async function up(options: Options): Promise<StackResult[]> {
  const names = await selectStacks(options.stack);
  const { engine, endpoint } = await ready();
  return Promise.all(
    names.map(async (name) => {
      const result = await upStack(await openStack(name, endpoint, engine));
      await bootGateways(result.region, new Clients(endpoint));
      return result;
    }),
  );
}

async function drill(names: readonly string[], options: Options): Promise<DrillResult[]> {
  const unknown = names.filter((name) => !DRILLS.some((d) => d.name === name));
  if (unknown.length > 0) {
    throw new UserError(
      `there is no drill ${unknown.join(", ")}: the drills are ${DRILLS.map((d) => d.name).join(", ")}`,
    );
  }
  const stacks = await selectStacks(options.stack);
  const endpoint = await runningEndpoint();
  const results = (await Promise.all(stacks.map((stack) => drillStack(stack, names, endpoint)))).flat();
  if (results.length === 0) {
    throw new UserError(
      names.length === 0
        ? "no stack is up to drill: start with `npm run local -- up`"
        : `nothing that is up has what ${names.join(", ")} breaks`,
    );
  }
  return results;
}

/** Runs the drills asked for, or all, one after the other against a stack that is up, as far as it has what they break. */
async function drillStack(stack: string, names: readonly string[], endpoint: Endpoint): Promise<DrillResult[]> {
  const { region, outposts, recovery } = await readStackFile(stack);
  const absent = [...(outposts.pairs ? [] : ["outposts"]), ...(recovery.instances ? [] : ["recovery"])];
  const results: DrillResult[] = [];
  for (const each of isUp(stack) ? DRILLS.filter((d) => !absent.includes(d.system)) : []) {
    if (names.length === 0 || names.includes(each.name)) {
      results.push(await runDrill(each, { stack, region }, endpoint));
    }
  }
  return results;
}

async function down(): Promise<void> {
  let endpoint: Endpoint;
  try {
    endpoint = await runningEndpoint();
  } catch {
    await stopEmulators();
    return;
  }
  const stacks = (await selectStacks(undefined)).filter(isUp);
  await Promise.all(stacks.map((stack) => destroy(stack, endpoint)));
  await stopEmulators();
}

async function destroy(stack: string, endpoint: Endpoint): Promise<void> {
  await destroyStack(await openStack(stack, endpoint, await resolveEngine()));
}

/** Everything, from nothing to nothing: preview, up, every drill, report, down. */
async function start(options: Options): Promise<void> {
  try {
    await preview({});
    const stacks = await up({});
    const endpoint = await runningEndpoint();
    const drillAndDestroy = async ({ stack }: StackResult) => {
      const results = await drillStack(stack, [], endpoint);
      await destroy(stack, endpoint);
      return results;
    };
    const drills = (await Promise.all(stacks.map(drillAndDestroy))).flat();
    await writeJson(options.json, { stacks, drills });
    console.log(reportTable({ stacks, drills }));
    failUnless(drills);
  } finally {
    await down();
  }
}

/** Drills that didn't hold fail the command, and say what to do next. */
function failUnless(drills: readonly DrillResult[]): void {
  const failed = drills.filter((d) => !d.passed).map((d) => d.name);
  if (failed.length > 0) {
    console.error(
      `${failed.length} drill(s) did not hold: ${failed.join(", ")}. See each one's timeline with --json FILE.`,
    );
    process.exitCode = 1;
  }
}

const cli = new Command("nplusone").description("Rehearse both stacks on this machine").exitOverride();
const command = (name: string, description: string) =>
  cli.command(name).description(description).option("--json <file>", "also write the result to a file");
const stacked = (name: string, description: string) =>
  command(name, description).option("--stack <stack>", "only this stack");

command("start", "preview, up, every drill, report, down").action(start);
stacked("preview", "preview with the policy pack").action(async (options: Options) => {
  await writeJson(options.json, { stacks: await preview(options) });
});
stacked("up", "bring the stacks up and leave them up").action(async (options: Options) => {
  const stacks = await up(options);
  await writeJson(options.json, { stacks });
  console.log(reportTable({ stacks, drills: [] }));
});
stacked("drill", "run drills against what is up")
  .argument("[names...]", "drills; default: all")
  .action(async (names: string[], options: Options) => {
    const drills = await drill(names, options);
    await writeJson(options.json, { stacks: [], drills });
    console.log(reportTable({ stacks: [], drills }));
    failUnless(drills);
  });
stacked("export", "print a stack's deployment").action(async (options: Options) => {
  const [name = ""] = await selectStacks(options.stack);
  const stack = await openStack(name, await runningEndpoint(), await resolveEngine());
  const deployment = await stack.exportStack();
  await writeJson(options.json, deployment);
  console.log(JSON.stringify(deployment, undefined, 2));
});
command("endpoint", "print the endpoint's URL").action(async (options: Options) => {
  const { url } = await runningEndpoint();
  await writeJson(options.json, { url });
  console.log(url);
});
stacked("draw", "draw the deployed recovery state machine into docs/recovery.svg").action(async (options: Options) => {
  const [name = ""] = await selectStacks(options.stack);
  const file = join(ROOT, "docs", "recovery.svg");
  await writeFile(file, await drawing(name, new Clients(await runningEndpoint())));
  await writeJson(options.json, { file });
});
command("down", "destroy and stop everything").action(async (options: Options) => {
  await down();
  await writeJson(options.json, {});
});

cli.parseAsync().catch((error: unknown) => {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof UserError) {
    console.error(error.message);
    process.exitCode = error.exitCode;
  } else {
    console.error(error);
    process.exitCode = 1;
  }
});
