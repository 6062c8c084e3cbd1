import { Problem } from "./common";

interface Named {
  readonly name: string;
}
/** What says by name which tiers and clusters may connect. */
interface Admitting extends Named {
  readonly tiers: readonly string[];
}
/** What a tier or a service uses, by name. */
interface Uses {
  readonly database?: string | undefined;
  readonly sessionStore?: string | undefined;
  readonly userFiles?: string | undefined;
  readonly mail?: string | undefined;
}

/** What of a stack's systems their connections depend on. */
interface Connected {
  readonly web?: readonly (Named & Uses)[] | undefined;
  readonly services?: readonly (Named & { readonly services: readonly Uses[] })[] | undefined;
  readonly database?: readonly Admitting[] | undefined;
  readonly sessionStore?: readonly Admitting[] | undefined;
  readonly userFiles?: readonly Named[] | undefined;
  readonly mail?: readonly Named[] | undefined;
}

/** What can be used, as people call it. */
const OFFERED = {
  database: "database",
  sessionStore: "session store",
  userFiles: "user files",
  mail: "mail",
} satisfies Record<keyof Uses, string>;

/** Systems name each other: each name has to be there, and what admits tiers has to admit those that use it. */
export function checkConnections(stack: Connected, problem: Problem): void {
  checkNames(stack, problem);
  for (const kind of Object.keys(OFFERED) as (keyof Uses)[]) {
    const offered: readonly (Named & Partial<Admitting>)[] = stack[kind] ?? [];
    checkAdmitted(kind, offered, stack, problem);
    for (const { tier, uses, path } of users(stack)) {
      const name = uses[kind];
      const used = offered.find((one) => one.name === name);
      if (name !== undefined && used === undefined) {
        const message = `expected a ${OFFERED[kind]} of nplusone:${kind} (there are ${list(offered)}), not ${name}`;
        problem([...path, kind], message.replace("a user files", "user files"));
      }
      if (used?.tiers !== undefined && !used.tiers.includes(tier)) {
        const message = `expected ${tier} among the tiers of ${used.name}, which admits no others`;
        problem([...path, kind], message);
      }
    }
  }
}

/** Tiers and clusters have names of their own: what admits one must not admit another. */
function checkNames({ web = [], services = [] }: Connected, problem: Problem): void {
  services.forEach(({ name }, i) => {
    if (web.some((tier) => tier.name === name)) {
      problem(["services", i, "name"], `expected a name that no tier of nplusone:web has, not ${name}`);
    }
  });
}

function checkAdmitted(
  kind: keyof Uses,
  offered: readonly Partial<Admitting>[],
  { web = [], services = [] }: Connected,
  problem: Problem,
): void {
  offered.forEach(({ tiers = [] }, i) =>
    tiers.forEach((tier, at) => {
      if (![...web, ...services].some(({ name }) => name === tier)) {
        const known = `a tier of nplusone:web (there are ${list(web)}) or a cluster of nplusone:services (${list(services)})`;
        problem([kind, i, "tiers", at], `expected ${known}, not ${tier}`);
      }
    }),
  );
}

/** Everything that uses something: the tier or cluster by which it is known, and where it is configured. */
function users({ web = [], services = [] }: Connected) {
  return [
    ...web.map((uses, i) => ({ tier: uses.name, uses, path: ["web", i] })),
    ...services.flatMap(({ name, services: own }, i) =>
      own.map((uses, j) => ({ tier: name, uses, path: ["services", i, "services", j] })),
    ),
  ];
}

const list = (named: readonly Named[]) => named.map(({ name }) => name).join(", ") || "none";
