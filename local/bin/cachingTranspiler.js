// Transpiles TypeScript and remembers what it has made of each file: the rehearsal starts a dozen processes, and each would
// begin by transpiling the same files.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { join } = require("node:path");

const { version } = require("typescript/package.json");

const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "nplusone", `typescript-${version}`);
mkdirSync(folder, { recursive: true });

/** @param {object} key what the options are told apart by; `options` makes them for a compiler that had to be loaded */
exports.transpile = (code, fileName, key, options) => {
  const hash = createHash("sha256")
    .update([JSON.stringify(key), fileName, code].join("\0"))
    .digest("hex");
  const file = join(folder, `${hash}.json`);
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    const typescript = require("typescript");
    const compilerOptions = options(typescript);
    const { outputText, sourceMapText } = typescript.transpileModule(code, { fileName, compilerOptions });
    // Renamed into its place, since others may be writing the same.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify({ outputText, sourceMapText }));
    renameSync(draft, file);
    return { outputText, sourceMapText };
  }
};

/** As a transpiler for ts-node. */
exports.create = ({ service }) => {
  const { options } = service.config;
  return { transpile: (code, { fileName }) => exports.transpile(code, fileName, options, () => options) };
};
