import { PolicyPack } from "@pulumi/policy";
import { deserializeOnce } from "./core/deserializeOnce";
import { policiesOf } from "./core/pack";
import { RULES } from "./rules";

deserializeOnce();
new PolicyPack("nplusone", { enforcementLevel: "mandatory", policies: policiesOf(RULES) });
