import * as t from "../../../policy/core/graph";
import { Mutation, set } from "./mutate";
import { text } from "./parts";

export const redundancy: readonly Mutation[] = [
  { what: "a table without point-in-time recovery", rule: "data-can-be-restored", says: /pointInTimeRecovery.enabled/, change: set({ type: "aws:dynamodb/table:Table" }, () => ({ pointInTimeRecovery: { enabled: false } })) }, // prettier-ignore
  { what: "a table that can be deleted", rule: "deletion-is-protected", says: /deletionProtectionEnabled/, change: set({ type: "aws:dynamodb/table:Table" }, () => ({ deletionProtectionEnabled: false })) }, // prettier-ignore
  { what: "a function in one zone", rule: "workloads-span-zones", says: /function .* runs only in/, change: set({ type: t.FUNCTION, is: (r) => (r.outputs?.["vpcConfig"] as { subnetIds?: unknown[] } | undefined)?.subnetIds !== undefined }, ({ vpcConfig }) => ({ vpcConfig: { ...(vpcConfig as object), subnetIds: (vpcConfig as { subnetIds: string[] }).subnetIds.slice(0, 1) } })) }, // prettier-ignore
  { what: "an endpoint in one zone", rule: "workloads-span-zones", says: /endpoint .* runs only in/, change: set({ type: "aws:ec2/vpcEndpoint:VpcEndpoint", is: (r) => text(r, "vpcEndpointType") === "Interface" }, ({ subnetIds }) => ({ subnetIds: (subnetIds as string[]).slice(0, 1) })) }, // prettier-ignore
];
