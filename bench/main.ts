import Table from "cli-table3";
import { Command } from "commander";
import { Clients } from "../local/endpoint/clients";
import { resolveEngine } from "../local/engine/engine";
import { prepareLandscape } from "../local/stacks/landscape";
import { progress } from "../local/common/progress";
import { startEmulators, stopEmulators } from "../local/emulators/lifecycle";
import { writeJson } from "../local/report/report";
import { readStackFile, stackNames } from "../local/stacks/stackFiles";
import { openStack, upStack } from "../local/stacks/stacks";
import { defaultArchive, deployedArchives } from "./archiveBench";
import { benchRelaunch } from "./relaunchBench";
import { benchGateway, GatewayCase } from "./gatewayBench";
import { benchRestart } from "./recoveryBench";
import { benchStorm } from "./stormBench";

/** One figure beside the same work done the plain way in the same run. */
interface Row {
  readonly what: string;
  readonly here: string;
  readonly plain: string;
  readonly target: string;
}

/** Milliseconds that every call takes at least, so that calls made in parallel overlap and the log shows it. */
const LATENCY_MS = 50;

const CASES: readonly GatewayCase[] = [2, 3, 6].flatMap((zones) =>
  [1, 8, 32].map((routeTables) => ({ zones, routeTables, latencyMs: LATENCY_MS })),
);

async function gatewayRows(clients: Clients): Promise<Row[]> {
  const rows: Row[] = [];
  for (const size of CASES) {
    const what = `failover, ${size.zones} zones, ${size.routeTables} route table(s) a zone`;
    progress(what);
    const { own, plain } = await benchGateway(clients, size);
    rows.push({
      what: `${what}: round trips in sequence`,
      here: String(own.roundTrips),
      plain: String(plain.roundTrips),
      target: "≤ 2",
    });
    if (size.zones === 3 && size.routeTables === 8) {
      const here = `${own.durationMs} ms`;
      const row = { what: `${what}: with ${LATENCY_MS} ms a call`, here, plain: `${plain.durationMs} ms` };
      rows.push({ ...row, target: "≤ 150 ms" });
    }
  }
  return rows;
}

async function stormRows(clients: Clients): Promise<Row[]> {
  const what = "1,000 foreign instance stops around the loss of a gateway";
  progress(what);
  const own = await benchStorm(clients, 1000, false);
  const plain = await benchStorm(clients, 50, true);
  const aside = "of 50 stops, each looked at by itself";
  return [
    { what: `${what}: calls`, here: String(own.calls), plain: `${plain.calls} ${aside}`, target: "≤ 200" },
    {
      what: `${what}: the move is made after`,
      here: `${own.movedAfterMs} ms`,
      plain: `${plain.movedAfterMs} ms ${aside}`,
      target: "< 5000 ms",
    },
  ];
}

async function relaunchRows(clients: Clients): Promise<Row[]> {
  const rows: Row[] = [];
  for (const templates of [1, 4, 8]) {
    const what = `relaunch of ${templates} template(s): round trips in sequence until the last RunInstances`;
    progress(what);
    const { own, plain } = await benchRelaunch(clients, templates, LATENCY_MS);
    rows.push({ what, here: String(own), plain: String(plain), target: "≤ 4" });
  }
  return rows;
}

async function restartRows(clients: Clients): Promise<Row[]> {
  const rows: Row[] = [];
  for (const members of [1, 4, 8]) {
    const what = `restart of one of a group of ${members}: round trips in sequence until RebootInstances`;
    progress(what);
    const { own, plain } = await benchRestart(clients, members, LATENCY_MS);
    rows.push({ what, here: String(own), plain: String(plain), target: "≤ 4" });
  }
  return rows;
}

async function archiveRows(clients: Clients, region: string): Promise<Row[]> {
  progress("archives");
  const plain = `${((await defaultArchive()) / 1e6).toFixed(1)} MB`;
  const archives = await deployedArchives(clients, region);
  return Object.entries(archives).map(([name, bytes]) => ({
    what: `archive of ${name}`,
    here: `${(bytes / 1e3).toFixed(1)} kB`,
    plain,
    target: "≤ 25 kB",
  }));
}

async function bench(options: { readonly json?: string }): Promise<void> {
  const print = console.log;
  // The handlers run in this process and log to their standard output; the table is what this command prints.
  console.log = () => undefined;
  const engine = await resolveEngine();
  const endpoint = await startEmulators();
  try {
    const names = await stackNames();
    const name = names.at(-1) ?? "";
    await prepareLandscape(await Promise.all(names.map(readStackFile)), new Clients(endpoint));
    const { region } = await upStack(await openStack(name, endpoint, engine));
    const clients = new Clients(endpoint);
    const rows = [
      ...(await gatewayRows(clients)),
      ...(await stormRows(clients)),
      ...(await relaunchRows(clients)),
      ...(await restartRows(clients)),
      ...(await archiveRows(clients, region)),
    ];
    const table = new Table({ head: ["what", "here", "the plain way", "target"], style: { head: [], border: [] } });
    table.push(...rows.map((r) => [r.what, r.here, r.plain, r.target]));
    print(table.toString());
    await writeJson(options.json, { rows });
  } finally {
    await stopEmulators();
  }
}

// `npm run bench` gives it a folder and ports of its own, beside whatever else is up.
void new Command("bench").option("--json <file>", "also write the figures to a file").action(bench).parseAsync();
