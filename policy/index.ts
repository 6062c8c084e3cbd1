import { PolicyPack } from "@pulumi/policy";

new PolicyPack("nplusone", { policies: [ { name: "x", description: "x", validateResource: () => undefined } ] });
