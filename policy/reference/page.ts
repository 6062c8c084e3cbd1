import { PolicyConfigJSONSchema } from "@pulumi/policy/schema";
import { format } from "prettier";
import { asProgram } from "../core/example";
import { CAN_BE_DETERMINED } from "../core/pack";
import { COMMON_OPTIONS, Rule } from "../core/rule";
import { RECORDS } from "../redundancy/judge";
import { RecordRule, RedundancyRecord } from "../redundancy/record";
import { RULES } from "../rules";
import { ABROAD } from "./abroad";

/** `docs/policies.md`, made from the rules. */
export function policiesPage(): Promise<string> {
  const sections = [INTRODUCTION, commonOptions(), overview(), ...RULES.map(section), redundancyTable(), ABROAD];
  return format(sections.join("\n\n"), { parser: "markdown", printWidth: 120 });
}

const INTRODUCTION = `# Policies

The pack \`policy/\` knows AWS, not this program: it judges any Pulumi program by what its resources say and refer to.
A rule has three answers. It holds; it is violated; or it **can't be determined**, which is said by
\`${CAN_BE_DETERMINED}\` (advisory), with what would make it determinable. In a preview many ids are not known yet: the
update knows them and is judged again.

Always preview first: the rules that judge the whole stack run when a preview or an update has gone through all
resources. An update without a preview (\`pulumi up --skip-preview\`, and the Automation API's \`up\`) is judged only when
everything has been made.

All rules are mandatory unless a configuration says otherwise: \`pulumi preview --policy-pack policy
--policy-pack-config policy-config.json\`, with for instance

\`\`\`json
{
  "enough-instances": { "enforcementLevel": "advisory" },
  "workloads-span-zones": {
    "minimumZones": 3,
    "undetermined": "rule",
    "exclude": [{ "resource": "legacy-balancer", "reason": "moves in May", "until": "2027-05-31" }]
  }
}
\`\`\`

The engine takes no notice of a misspelt rule: \`npx nplusone-policy policy-config.json\` does, and names the nearest.`;

function commonOptions(): string {
  return ["Every rule has these options:", "", ...optionTable(COMMON_OPTIONS)].join("\n");
}

function overview(): string {
  const rows = RULES.map((r) => `| [\`${r.name}\`](#${r.name}) | ${r.what} |`);
  return ["| rule | what holds |", "| --- | --- |", ...rows].join("\n");
}

function section(rule: Rule): string {
  const code = (example: Rule["examples"]["fails"]) => `\`\`\`typescript\n${asProgram(example)}\n\`\`\``;
  return [
    `## ${rule.name}`,
    rule.what,
    `**Why.** ${rule.why}`,
    `**What to change.** ${rule.mend}`,
    ...(rule.options === undefined ? [] : [optionTable(rule.options).join("\n")]),
    `Judged ${rule.eachResource === true ? "resource by resource, before each is made" : "over the whole stack"}. See ${rule.pages.map((page) => `<${page}>`).join(", ")}.`,
    "It finds something here:",
    code(rule.examples.fails),
    "And nothing here:",
    code(rule.examples.passes),
  ].join("\n\n");
}

function optionTable(options: Readonly<Record<string, PolicyConfigJSONSchema>>): string[] {
  const rows = Object.entries(options).map(
    ([name, { description = "", default: value }]) => `| \`${name}\` | ${description} | \`${JSON.stringify(value)}\` |`,
  );
  return ["| option | meaning | default |", "| --- | --- | --- |", ...rows];
}

function redundancyTable(): string {
  const rows = Object.entries(RECORDS).map(([type, record]) => {
    const cells = [zones(record), ...COLUMNS.map((rule) => demands(record, rule))];
    return `| [\`${type.replace(/^aws:(.*)\/.*:/, "aws.$1.")}\`](${record.page}) | ${cells.join(" | ")} |`;
  });
  return [
    "## What is looked at, by type",
    "",
    `| type | \`workloads-span-zones\` | ${COLUMNS.map((c) => `\`${c}\``).join(" | ")} |`,
    `| --- | --- | ${COLUMNS.map(() => "---").join(" | ")} |`,
    ...rows,
  ].join("\n");
}

const COLUMNS: readonly Exclude<RecordRule, "workloads-span-zones">[] = [
  "standby-is-ready",
  "enough-instances",
  "data-can-be-restored",
  "data-is-encrypted",
  "deletion-is-protected",
];

function zones({ spans }: RedundancyRecord): string {
  return [...(spans?.subnets ?? []), ...(spans?.zones ?? [])].map((path) => `\`${path}\``).join(", ");
}

function demands({ demands = [], members, alone, peers }: RedundancyRecord, rule: (typeof COLUMNS)[number]): string {
  return [
    ...demands.filter((d) => d.rule === rule).map((d) => `\`${d.property}\``),
    ...(members?.rule === rule ? [`${members.minimum} of \`${members.type.split(":").pop() ?? ""}\``] : []),
    ...(rule === "enough-instances" && alone !== undefined ? ["never alone"] : []),
    ...(rule === "enough-instances" && peers !== undefined
      ? [`${peers.minimum} that differ in \`${peers.differBy}\``]
      : []),
  ].join(", ");
}
