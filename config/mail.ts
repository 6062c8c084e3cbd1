import { z } from "zod";
import { checkOnce, domainName, email, problemIn, resourceName, zoneId } from "./common";
import type { partner } from "./partner";
import { StackFile } from "./stackFile";

const percent = z.number().gt(0).lt(100);

const alarms = z.strictObject({
  bouncePercent: percent.default(2).meta({
    description: "The share of bounces above which people are told. SES reviews an account at 5, and stops it at 10.",
    unit: "percent",
    examples: [3],
  }),
  complaintPercent: percent.default(0.05).meta({
    description:
      "The share of complaints above which people are told. SES reviews an account at 0.1, and stops it at 0.5.",
    unit: "percent",
    examples: [0.08],
  }),
});

const oneMail = z
  .strictObject({
    name: resourceName.max(20, "expected at most 20 characters: it is part of a longer name").meta({
      description: "What services call it, the same in both stacks.",
      examples: ["orders"],
    }),
    domainName: domainName("example.com").meta({
      description: "The domain that mail is from, which each stack has SES verify in its own Region.",
      examples: ["example.com"],
    }),
    zoneId: zoneId.meta({
      description: "The public hosted zone that gets the records by which SES and receivers know the domain.",
      examples: ["Z0123456789ABCDEFGHIJ"],
    }),
    from: email.meta({
      description: "The address that mail is from; no other is allowed.",
      examples: ["orders@example.com"],
    }),
    alarms: alarms.prefault({}).meta({ description: "When people are told." }),
  })
  .superRefine((value, context) => {
    const domain = value.from.split("@")[1] ?? "";
    if (domain !== value.domainName && !domain.endsWith(`.${value.domainName}`)) {
      const message = `expected an address of ${value.domainName}: SES sends for no other domain`;
      problemIn(context)(["from"], message);
    }
  });

/** The domains that a stack sends mail from. */
export const mail = z
  .array(oneMail)
  .superRefine((all, context) => checkOnce(all, { name: "each", domainName: "each" }, problemIn(context)))
  .meta({ description: "Mail that services send, by SES in their own Region or, if that fails, in the partner's." });

/** What is wrong with mail that the partner's Region has to send when this one can't. */
export function unpairedMail(
  all: z.infer<typeof mail>,
  own: z.infer<typeof partner>,
  other: StackFile,
): { readonly path: readonly (string | number)[]; readonly message: string }[] {
  const theirs = mail.safeParse(other["nplusone:mail"] ?? []).data ?? [];
  return all.flatMap(({ name, domainName }, i) =>
    theirs.some((one) => one.name === name && one.domainName === domainName)
      ? []
      : [
          {
            path: [i, "name"],
            message: `expected Pulumi.${own.stack}.yaml to have ${name} of ${domainName} too: mail is sent there if it can't be here`,
          },
        ],
  );
}
