// Keeps a person's AWS and Pulumi set-up, and their network's proxies, out of a rehearsal: of this process, and so of the
// engine, the plugins, the emulators and the deployed functions that it starts. A profile that isn't there, another
// Region's name or a proxy for 127.0.0.1 would otherwise break it, and a right one lead it to real accounts. Required
// before anything else, since the SDKs read the environment when they are loaded.
const { devNull } = require("node:os");

const FOREIGN = /^(AWS_|PULUMI_(?!HOME$))/i;
const PROXY = /^(https?|all|grpc)_proxy$/i;

/** Installing the engine and the emulators does go through them. */
const proxies = {};
for (const name of Object.keys(process.env)) {
  if (PROXY.test(name)) {
    proxies[name] = process.env[name];
  }
  if (FOREIGN.test(name) || PROXY.test(name)) {
    delete process.env[name];
  }
}
// Without these, SDKs read the home folder's.
process.env.AWS_CONFIG_FILE = devNull;
process.env.AWS_SHARED_CREDENTIALS_FILE = devNull;
process.env.AWS_EC2_METADATA_DISABLED = "true";

module.exports = { proxies };
