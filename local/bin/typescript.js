// What the rehearsal runs as TypeScript is transpiled without checking types: `npm test` has done that.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
const path = require("node:path");
require("ts-node").register({
  transpileOnly: true,
  transpiler: path.join(__dirname, "cachingTranspiler.js"),
  dir: path.join(__dirname, "../.."),
});
