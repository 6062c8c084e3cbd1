import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatedFiles } from "./generated";

/** Makes anew what is made from the options' declarations: `npm run docs`. */
async function write(): Promise<void> {
  for (const [path, text] of Object.entries(await generatedFiles())) {
    writeFileSync(join(__dirname, "..", "..", path), text);
    console.log(`wrote ${path}`);
  }
}

void write();
