import { Stack } from "@pulumi/pulumi/automation";
import { Command, CommanderError } from "commander";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { allSettled } from "./common/settled";
import { ROOT } from "./common/paths";
import { UserError } from "./common/userError";
import { DrillResult, Played, playDrills } from "./drills/drill";
import { DRILLS, REHEARSALS } from "./drills/all";
import { runningEndpoint, startEmulators, stopEmulators } from "./emulators/lifecycle";
import { Clients } from "./endpoint/clients";
import { Endpoint } from "./endpoint/endpoint";
import { resolveEngine } from "./engine/engine";
import { drawing } from "./report/drawing";
import { drillTable, reportTable, writeJson } from "./report/report";
import { prepareLandscape } from "./stacks/landscape";
import { newStack } from "./stacks/newStack";
import { deployedStack, readStackFile, rounds, selectStacks } from "./stacks/stackFiles";
import { destroyStack, openStack, previewStack, StackResult, stacksUp, upStack } from "./stacks/stacks";

interface Options {
  readonly stack?: string;
  readonly json?: string;
}

/** Starts the engine and the emulators, makes what some stacks take for granted, and opens them. */
async function open(names: readonly string[]): Promise<Stack[]> {
  const files = await Promise.all(names.map(readStackFile));
  const engine = await resolveEngine();
  const endpoint = await startEmulators();
  await prepareLandscape(files, new Clients(endpoint));
  return allSettled(names.map((name) => openStack(name, endpoint, engine)));
}

async function up(stacks: readonly Stack[]): Promise<StackResult[]> {
  const clients = new Clients(await runningEndpoint());
  return allSettled(
    stacks.map(async (stack) => {
      const result = await upStack(stack);
      for (const { settle } of REHEARSALS) {
        await settle?.(result.region, clients);
      }
      return result;
    }),
  );
}

async function drill(names: readonly string[], options: Options): Promise<Played> {
  const unknown = names.filter((name) => !DRILLS.some((d) => d.name === name));
  if (unknown.length > 0) {
    throw new UserError(
      `there is no drill ${unknown.join(", ")}: the drills are ${DRILLS.map((d) => d.name).join(", ")}`,
    );
  }
  const clients = new Clients(await runningEndpoint());
  const isUp = await stacksUp();
  const stacks = options.stack === undefined ? isUp : isUp.filter((stack) => stack === options.stack);
  if (stacks.length === 0) {
    throw new UserError(`${options.stack ?? "no stack"} is not up: start it with \`npm run local -- up\``);
  }
  const [together = [], ...others] = rounds(await Promise.all(stacks.map(deployedStack)));
  if (others.length > 0) {
    throw new UserError(
      `${stacks.join(", ")} are up, some of them in one Region, where drills can't tell them apart: ` +
        "`npm run local -- down`, and bring up one a Region by `--stack`; `npm start` rehearses one after the other",
    );
  }
  const played = [
    ...(await drillPairs(together, names, clients)),
    ...(await allSettled(together.map((stack) => drillStack(stack, names, clients)))),
  ];
  return { drills: played.flatMap((p) => p.drills), notPlayed: played.flatMap((p) => p.notPlayed) };
}

/** Plays the drills asked for, or all, that are of both stacks of a pair: one stack after the other, while both are up. */
async function drillPairs(stacks: readonly string[], names: readonly string[], clients: Clients): Promise<Played[]> {
  const played: Played[] = [];
  for (const stack of stacks) {
    played.push(await drillStack(stack, names, clients, true));
  }
  return played;
}

/** Plays the drills asked for, or all, against a stack that is up. */
async function drillStack(stack: string, names: readonly string[], clients: Clients, alone = false): Promise<Played> {
  const asked = DRILLS.filter((d) => names.length === 0 || names.includes(d.name));
  const drills = asked.filter((d) => (d.alone ?? false) === alone);
  return playDrills(drills, { ...(await deployedStack(stack)), clients });
}

async function down(): Promise<void> {
  let endpoint: Endpoint;
  try {
    endpoint = await runningEndpoint();
  } catch {
    await stopEmulators();
    return;
  }
  const stacks = await stacksUp();
  if (stacks.length > 0) {
    const engine = await resolveEngine();
    await allSettled(stacks.map(async (stack) => destroyStack(await openStack(stack, endpoint, engine))));
  }
  await stopEmulators();
}

/** Everything, from nothing to nothing: preview, up, every drill, report, down. */
async function start(options: Options): Promise<void> {
  try {
    const all = await open(await selectStacks(undefined));
    const clients = new Clients(await runningEndpoint());
    await allSettled(all.map(previewStack));
    const stacks: StackResult[] = [];
    const played: Played[] = [];
    for (const round of rounds(await Promise.all(all.map(({ name }) => deployedStack(name))))) {
      const together = all.filter((stack) => round.includes(stack.name));
      stacks.push(...(await up(together)));
      played.push(...(await drillPairs(round, [], clients)));
      played.push(...(await allSettled(together.map((stack) => drillAndDestroy(stack, clients)))));
    }
    const drills = played.flatMap((p) => p.drills);
    const report = { stacks, drills, notPlayed: played.flatMap((p) => p.notPlayed) };
    await writeJson(options.json, report);
    console.log(reportTable(report));
    failUnless(drills);
  } finally {
    await down();
  }
}

async function drillAndDestroy(stack: Stack, clients: Clients): Promise<Played> {
  const played = await drillStack(stack.name, [], clients);
  await destroyStack(stack);
  return played;
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

const cli = new Command("nplusone").description("Rehearse the stacks on this machine").exitOverride();
const command = (name: string, description: string) =>
  cli.command(name).description(description).option("--json <file>", "also write the result to a file");
const stacked = (name: string, description: string) =>
  command(name, description).option("--stack <stack>", "only this stack");

command("start", "preview, up, every drill, report, down").action(start);
stacked("preview", "preview with the policy pack").action(async (options: Options) => {
  const stacks = await open(await selectStacks(options.stack));
  await writeJson(options.json, { stacks: await allSettled(stacks.map(previewStack)) });
});
stacked("up", "bring the stacks up and leave them up").action(async (options: Options) => {
  const stacks = await up(await open(await selectStacks(options.stack)));
  await writeJson(options.json, { stacks });
  console.log(reportTable({ stacks, drills: [], notPlayed: [] }));
});
command("drills", "list the drills, and what each of them does").action(async (options: Options) => {
  const drills = DRILLS.map(({ name, system, description }) => ({ name, system, description }));
  await writeJson(options.json, { drills });
  console.log(drillTable(DRILLS));
});
stacked("drill", "run drills against what is up")
  .argument("[names...]", "drills; default: all")
  .action(async (names: string[], options: Options) => {
    const played = await drill(names, options);
    await writeJson(options.json, { stacks: [], ...played });
    console.log(reportTable({ stacks: [], ...played }));
    failUnless(played.drills);
  });
stacked("export", "print a stack's deployment").action(async (options: Options) => {
  const [name = "", ...others] = await selectStacks(options.stack);
  if (others.length > 0) {
    throw new UserError(`say which stack by --stack: ${[name, ...others].join(", ")}`);
  }
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
  const stacks = await Promise.all((await stacksUp()).map(deployedStack));
  const drawn = stacks.find((s) => s.config.recovery !== undefined && s.stack === (options.stack ?? s.stack));
  if (drawn === undefined) {
    throw new UserError("no stack with nplusone:recovery is up: start one with `npm run local -- up`");
  }
  const file = join(ROOT, "docs", "recovery.svg");
  await writeFile(file, await drawing(drawn.stack, new Clients(await runningEndpoint())));
  await writeJson(options.json, { file });
});
command("new-stack", "write the file of a new stack, and say what must be filled in")
  .argument("<name>", "the stack's name")
  .requiredOption("--region <region>", "the Region that it is deployed to")
  .option("--system <systems...>", "the systems that it has; default: none, all are there as comments", [])
  .action(async (name: string, options: Options & { readonly region: string; readonly system: string[] }) => {
    const file = await newStack(name, options.region, options.system);
    await writeJson(options.json, { file });
    console.log(`wrote ${file}: fill in what says so there, then \`npm run local -- preview --stack ${name}\``);
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
