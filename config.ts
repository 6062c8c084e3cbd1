import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { problemIn } from "./config/common";
import { checkConnections } from "./config/connections";
import { checkDatabases } from "./config/database";
import { checkDnsFailover, dnsFailover, unpairedNames } from "./config/dnsFailover";
import { mail, unpairedMail } from "./config/mail";
import { network } from "./config/network";
import { notifications } from "./config/notifications";
import { hasPartner, pairProblems, partner } from "./config/partner";
import { ReadStackFile, StackFile, stackFilesIn } from "./config/stackFile";
import { checkServices } from "./config/services";
import * as systems from "./config/systems";
import { tags } from "./config/tags";
import { checkUserFiles, filesThatNobodyMakes } from "./config/userFiles";
import { checkTiers } from "./config/web";

/** All of a stack's configuration, by the keys of its file. */
export const stackConfig = z
  .strictObject({ network, notifications, partner, tags, ...systems })
  .partial()
  .superRefine((value, context) => {
    for (const system of Object.keys(systems) as (keyof typeof systems)[]) {
      for (const needed of ["network", "notifications"] as const) {
        if (value[system] !== undefined && value[needed] === undefined) {
          problemIn(context)([needed], `expected, because ${system} needs it`);
        }
      }
    }
    if (value.dnsFailover !== undefined && value.partner === undefined) {
      const message = "expected, because dnsFailover needs it: with one Region there is nowhere to fail over to";
      problemIn(context)(["partner"], message);
    }
  });

/** A stack's validated configuration. A system whose key is absent is not deployed. */
export type StackConfig = z.infer<typeof stackConfig>;

/** The configuration keys, each an object or a list in the stack's file. */
export const CONFIG_KEYS = Object.keys(stackConfig.shape) as readonly (keyof StackConfig)[];

/** What Pulumi.yaml declares as the default of every key, since Pulumi requires declared keys to have a value. */
const EMPTY = ["{}", "[]"];

/**
 * Validates a stack's configuration as a whole. An empty object or list counts as absent.
 * @param region the Region that the stack is deployed to, if the configuration names it
 * @param readStackFile finds the partner's file, to check that the two are a pair. Without it that isn't checked.
 * @throws {@link pulumi.RunError} that lists every problem with its path and what was expected.
 */
export function parseConfig(
  raw: Record<string, unknown>,
  stack: string,
  region?: string,
  readStackFile?: ReadStackFile,
): StackConfig {
  const present = Object.fromEntries(
    Object.entries(raw).filter(([, value]) => value !== undefined && !EMPTY.includes(JSON.stringify(value))),
  );
  const result = stackConfig
    .superRefine((value, context) => {
      const problem = problemIn(context);
      const { availabilityZones, networkAcls } = value.network ?? {};
      const known = { zones: availabilityZones?.length, region, publicPorts: networkAcls?.publicPorts };
      checkTiers(value.web ?? [], known, (path, message) => problem(["web", ...path], message));
      checkServices(value.services ?? [], known, (path, message) => problem(["services", ...path], message));
      checkDatabases(value.database ?? [], known, (path, message) => problem(["database", ...path], message));
      checkUserFiles(value.userFiles ?? [], { stack, region, partner: value.partner }, (path, message) =>
        problem(["userFiles", ...path], message),
      );
      checkConnections(value, problem);
      const { dnsFailover: names = [], services = [], web = [] } = value;
      checkDnsFailover(names, [...web, ...services], (path, message) => problem(["dnsFailover", ...path], message));
    })
    .safeParse(present);
  const unpaired = readStackFile === undefined ? [] : ofPair(present, stack, region, readStackFile);
  if (result.success && unpaired.length === 0) {
    return result.data;
  }
  const lines = [...(result.error?.issues ?? []), ...unpaired].map(
    ({ path, message }) => `  nplusone:${path.join(".")}: ${message}`,
  );
  throw new pulumi.RunError(`Pulumi.${stack}.yaml has ${lines.length} problem(s):\n${lines.join("\n")}`);
}

/** What is wrong with the stack and its partner, whatever else is wrong with the stack. */
function ofPair(
  raw: Readonly<Record<string, unknown>>,
  stack: string,
  region: string | undefined,
  readStackFile: ReadStackFile,
): { path: readonly (string | number)[]; message: string }[] {
  const { data: own } = partner.safeParse(raw["partner"]);
  if (own === undefined) {
    return [];
  }
  const other = own.stack === stack ? undefined : readStackFile(own.stack);
  const half = hasPartner(other) ? other : undefined;
  const names = dnsFailover.safeParse(raw["dnsFailover"] ?? []).data ?? [];
  const mails = mail.safeParse(raw["mail"] ?? []).data ?? [];
  return [
    ...under("partner", pairProblems({ stack, region, partner: own }, other)),
    ...under("dnsFailover", half === undefined ? [] : unpairedNames(names, own, half)),
    ...under("userFiles", half === undefined ? [] : filesThatNobodyMakes(raw["userFiles"], own, half)),
    ...under("mail", half === undefined ? [] : unpairedMail(mails, own, half)),
  ];
}

const under = (key: string, problems: readonly { path: readonly (string | number)[]; message: string }[]) =>
  problems.map(({ path, message }) => ({ path: [key, ...path], message }));

/**
 * Reads and validates the configuration of the stack being deployed.
 * @param readStackFile finds the partner's file. Under the CLI the files lie beside Pulumi.yaml, in the root directory; an
 * inline program of the Automation API has none (the SDK then says `rootDirectory`) and has to pass its own.
 * @throws as `parseConfig`.
 */
export function loadConfig(readStackFile = stackFilesIn(pulumi.getRootDirectory())): StackConfig {
  const raw = new pulumi.Config();
  const given = Object.fromEntries(CONFIG_KEYS.map((key) => [key, raw.getObject(key)]));
  let other: StackFile | undefined;
  const config = parseConfig(given, pulumi.getStack(), new pulumi.Config("aws").get("region"), (stack) => {
    other = readStackFile(stack);
    return other;
  });
  if (config.partner?.role === "primary" && !hasPartner(other)) {
    void pulumi.log.warn(
      `Pulumi.${config.partner.stack}.yaml has no nplusone:partner yet: nothing takes over when this Region is lost`,
    );
  }
  return config;
}
