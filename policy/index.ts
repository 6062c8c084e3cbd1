import { PolicyPack } from "@pulumi/policy";
import { policiesOf } from "./core/pack";
import { RULES } from "./rules";

new PolicyPack("nplusone", { enforcementLevel: "mandatory", policies: policiesOf(RULES) });
