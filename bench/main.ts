import Table from "cli-table3";
import { Command } from "commander";
import { Clients } from "../local/endpoint/clients";
import { resolveEngine } from "../local/engine/engine";
import { prepareLandscape } from "../local/stacks/landscape";
import { progress } from "../local/common/progress";
import { startEmulators, stopEmulators } from "../local/emulators/lifecycle";
import { writeJson } from "../local/report/report";
import { RawStackFile, readStackFile } from "../local/stacks/stackFiles";
import { openStack } from "../local/stacks/stacks";
import { defaultArchive, deployedArchives } from "./archiveBench";
import { Figure, isMet } from "./figure";
import { benchPolicy } from "./policyBench";
import { benchRehearsal } from "./rehearsalBench";
import { benchRelaunch } from "./relaunchBench";
import { benchGateway, GatewayCase } from "./gatewayBench";
import { benchRestart } from "./recoveryBench";
import { benchServices } from "./servicesBench";
import { benchStorm } from "./stormBench";

/** Stacks of `bench/stacks`, which has files of its own: what users configure changes no figure. */
const SMALL = "small";
const LARGE = "large";
const SERVICES = "services";

/**
 * Milliseconds that every call takes at least where round trips are counted, so that calls made in parallel overlap and
 * the log shows it, on a slow machine too: that may need 50 ms until the last of 32 has begun.
 */
const COUNTED_MS = 150;
const CASES: readonly GatewayCase[] = [2, 3, 6].flatMap((zones) =>
  [1, 8, 32].map((routeTables) => ({ zones, routeTables, latencyMs: COUNTED_MS })),
);
/** The case whose time is measured. */
const TIMED: GatewayCase = { zones: 3, routeTables: 8, latencyMs: 50 };

async function gatewayRows(clients: Clients): Promise<Figure[]> {
  const rows: Figure[] = [];
  for (const size of CASES) {
    const what = failoverOf(size);
    progress(what);
    const { own, plain } = await benchGateway(clients, size);
    const figure = { what: `${what}: round trips in sequence`, unit: "", target: 2 };
    rows.push({ ...figure, here: own.roundTrips, plain: plain.roundTrips });
  }
  const what = `${failoverOf(TIMED)}: with ${TIMED.latencyMs} ms a call`;
  progress(what);
  const { own, plain } = await benchGateway(clients, TIMED);
  return [...rows, { what, unit: "ms", target: 150, here: own.durationMs, plain: plain.durationMs }];
}

const failoverOf = ({ zones, routeTables }: GatewayCase) =>
  `failover, ${zones} zones, ${routeTables} route table(s) a zone`;

async function stormRows(clients: Clients): Promise<Figure[]> {
  const what = "1,000 foreign instance stops around the loss of a gateway";
  progress(what);
  const own = await benchStorm(clients, 1000, false);
  // The plain way looks at each stop by itself: a twentieth of the storm says enough.
  const plain = await benchStorm(clients, 50, true);
  const beside = `${what} (the plain way: of 50)`;
  return [
    { what: `${beside}: calls`, unit: "", here: own.calls, plain: plain.calls, target: 200 },
    {
      what: `${beside}: the move is made after`,
      unit: "ms",
      here: own.movedAfterMs,
      plain: plain.movedAfterMs,
      target: 5000,
    },
  ];
}

async function relaunchRows(clients: Clients): Promise<Figure[]> {
  const rows: Figure[] = [];
  for (const templates of [1, 4, 8]) {
    const what = `relaunch of ${templates} template(s): round trips in sequence until the last RunInstances`;
    progress(what);
    const { own, plain } = await benchRelaunch(clients, templates, COUNTED_MS);
    rows.push({ what, unit: "", here: own, plain, target: 4 });
  }
  return rows;
}

async function restartRows(clients: Clients): Promise<Figure[]> {
  const rows: Figure[] = [];
  for (const members of [1, 4, 8]) {
    const what = `restart of one of a group of ${members}: round trips in sequence until RebootInstances`;
    progress(what);
    const { own, plain } = await benchRestart(clients, members, COUNTED_MS);
    rows.push({ what, unit: "", here: own, plain, target: 4 });
  }
  return rows;
}

async function archiveRows(clients: Clients, region: string): Promise<Figure[]> {
  progress("archives");
  const plain = (await defaultArchive()) / 1e3;
  const archives = await deployedArchives(clients, region);
  return Object.entries(archives).map(([name, bytes]) => ({
    what: `archive of ${name}`,
    unit: "kB",
    here: bytes / 1e3,
    plain,
    target: 25,
  }));
}

async function bench(options: { readonly json?: string }): Promise<void> {
  const print = console.log;
  // The handlers run in this process and log to their standard output; the table is what this command prints.
  console.log = () => undefined;
  const engine = await resolveEngine();
  const endpoint = await startEmulators();
  try {
    const clients = new Clients(endpoint);
    const open = async (file: RawStackFile) => {
      await prepareLandscape([file], clients);
      return openStack(file.stack, endpoint, engine);
    };
    const small = await readStackFile(SMALL);
    const large = await readStackFile(LARGE);
    const rows = [
      ...benchPolicy(),
      ...(await gatewayRows(clients)),
      ...(await stormRows(clients)),
      ...(await relaunchRows(clients)),
      ...(await restartRows(clients)),
      ...(await benchRehearsal(
        () => open(small),
        () => open(large),
        (region) => archiveRows(clients, region),
      )),
      ...(await benchServices(await readStackFile(SERVICES), open)),
    ];
    print(tableOf(rows));
    await writeJson(options.json, { rows: rows.map((row) => ({ ...row, met: isMet(row) })) });
    if (!rows.every(isMet)) {
      process.exitCode = 1;
    }
  } finally {
    await stopEmulators();
  }
}

function tableOf(rows: readonly Figure[]): string {
  const table = new Table({ head: ["what", "here", "the plain way", "target", ""], style: { head: [], border: [] } });
  for (const row of rows) {
    const [here, plain, target] = [row.here, row.plain, row.target].map((n) => amount(n, row.unit));
    table.push([row.what, here, plain, `≤ ${target}`, isMet(row) ? "met" : "MISSED"]);
  }
  return table.toString();
}

const amount = (n: number | undefined, unit: string) =>
  n === undefined ? "" : `${Number.isInteger(n) ? n : n.toFixed(1)} ${unit}`.trim();

// `npm run bench` gives it stacks, a folder and ports of its own, beside whatever else is up.
void new Command("bench").option("--json <file>", "also write the figures to a file").action(bench).parseAsync();
