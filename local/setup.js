// Makes a fresh clone ready: checks Node and installs the locked packages. Plain JavaScript without dependencies, since
// it runs before there are any. `npm start`, `npm test` and the others run it first.
const { execFileSync } = require("node:child_process");
const { createHash } = require("node:crypto");
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");

const root = join(__dirname, "..");
const stamp = join(root, "node_modules", ".nplusone-lock");
const [major, minor] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Node ${process.versions.node} is too old: Node 20.19 or newer is needed (see .nvmrc).`);
  process.exit(2);
}
const lock = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lock) {
  console.error("▸ installing the npm packages (half a minute)");
  try {
    // Install scripts would fetch Pulumi plugins that the rehearsal has stand-ins for.
    const args = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    execFileSync("npm", args, { cwd: root, stdio: ["ignore", process.stderr, process.stderr] });
  } catch {
    console.error(
      "The npm packages could not be installed: the first run needs the npm registry. Check the network and run it again.",
    );
    process.exit(2);
  }
  writeFileSync(stamp, lock);
}
