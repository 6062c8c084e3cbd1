// What the rehearsal runs as TypeScript is transpiled without checking types: `npm test` has done that.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
require("ts-node").register({ transpileOnly: true, dir: require("node:path").join(__dirname, "../..") });
