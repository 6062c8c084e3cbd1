import { Problem } from "./common";

/** What is open to the tiers that it names, and to nobody else. */
interface Admitting {
  readonly name: string;
  readonly tiers: readonly string[];
}

/** What of tiers, and of what they use, their connections depend on. */
interface Connected {
  readonly web?: readonly { readonly name: string; readonly database?: string | undefined }[] | undefined;
  readonly database?: readonly Admitting[] | undefined;
  readonly sessionStore?: readonly Admitting[] | undefined;
}

/** Tiers and databases name each other: each name has to be there, and a database has to admit the tier that uses it. */
export function checkConnections(
  { web: tiers = [], database: databases = [], sessionStore = [] }: Connected,
  problem: Problem,
): void {
  const list = (named: readonly { readonly name: string }[]) => named.map(({ name }) => name).join(", ") || "none";
  for (const [key, admitting] of Object.entries({ database: databases, sessionStore })) {
    admitting.forEach(({ tiers: admitted }, i) =>
      admitted.forEach((tier, at) => {
        if (!tiers.some(({ name }) => name === tier)) {
          const message = `expected a tier of nplusone:web (there are ${list(tiers)}), not ${tier}`;
          problem([key, i, "tiers", at], message);
        }
      }),
    );
  }
  tiers.forEach((tier, i) => {
    const used = databases.find(({ name }) => name === tier.database);
    if (tier.database !== undefined && used === undefined) {
      const message = `expected a database of nplusone:database (there are ${list(databases)}), not ${tier.database}`;
      problem(["web", i, "database"], message);
    }
    if (used !== undefined && !used.tiers.includes(tier.name)) {
      problem(["web", i, "database"], `expected ${tier.name} among the tiers of ${used.name}, which admits no others`);
    }
  });
}
