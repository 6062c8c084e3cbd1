// A transpiler for ts-node that remembers what it has made of each file: the rehearsal starts a dozen processes, and each
// would begin by transpiling the same files.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const { homedir } = require("node:os");
const { join } = require("node:path");

const { version } = require("typescript/package.json");

exports.create = ({ service }) => {
  const compilerOptions = service.config.options;
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const folder = join(cache, "nplusone", `typescript-${version}`);
  const options = JSON.stringify(compilerOptions);
  mkdirSync(folder, { recursive: true });
  return {
    transpile(code, { fileName }) {
      const key = createHash("sha256").update([options, fileName, code].join("\0")).digest("hex");
      const file = join(folder, `${key}.json`);
      try {
        return JSON.parse(readFileSync(file, "utf8"));
      } catch {
        const { transpileModule } = require("typescript");
        const { outputText, sourceMapText } = transpileModule(code, { fileName, compilerOptions });
        // Renamed into its place, since others may be writing the same.
        const draft = `${file}.${process.pid}`;
        writeFileSync(draft, JSON.stringify({ outputText, sourceMapText }));
        renameSync(draft, file);
        return { outputText, sourceMapText };
      }
    },
  };
};
