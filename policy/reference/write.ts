import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { policiesPage } from "./page";

/** Makes `docs/policies.md` anew from the rules: `npm run docs`. */
async function write(): Promise<void> {
  writeFileSync(join(__dirname, "../../docs/policies.md"), await policiesPage());
  console.log("wrote docs/policies.md");
}

void write();
