// What the rehearsal's plugins and the policy pack's analyzer begin with. The engine waits for each of them at each
// operation, so they load little: no compiler while every file's JavaScript is cached, and not what the Pulumi SDK
// serializes functions with or drives the engine by, as no plugin does: the compiler again, npm's tree walker and its
// reader of packages, the Automation API. That halves the time to start.
const { readFileSync } = require("node:fs");
const { dirname } = require("node:path");
const { transpile } = require("./cachingTranspiler");
const { compilerOptions } = require("../../tsconfig.json");

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const sdk = dirname(require.resolve("@pulumi/pulumi/package.json"));
for (const name of [
  "@pulumi/pulumi/typescript-shim",
  "@npmcli/arborist",
  "normalize-package-data",
  "@pulumi/pulumi/automation",
]) {
  require.cache[require.resolve(name, { paths: [sdk] })] = { exports: {}, loaded: true };
}

require.extensions[".ts"] = (module, fileName) => {
  const options = (typescript) => typescript.convertCompilerOptionsFromJson(compilerOptions, dirname(fileName)).options;
  const { outputText } = transpile(readFileSync(fileName, "utf8"), fileName, compilerOptions, options);
  module._compile(outputText, fileName);
};
