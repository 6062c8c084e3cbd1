// What the engine starts runs TypeScript without checking types: `npm test` has done that.
require("ts-node").register({ transpileOnly: true, dir: require("node:path").join(__dirname, "../..") });
