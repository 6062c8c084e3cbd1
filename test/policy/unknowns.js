// `@pulumi/policy` exports these without declaring them.
const { unknownCheckingProxy, unknownStringValue } = require("@pulumi/policy/proxy");

module.exports = { unknownCheckingProxy, unknownStringValue };
