import * as t from "../../../policy/core/graph";
import { ExportedResource, nameOf } from "./deployment";
import { Mutation, set, Where, without } from "./mutate";
import { GATEWAY_GROUP } from "./parts";

const WAYS_OUT = "private-subnets-use-own-zone-gateway";
const PRIVATE_ROUTE: Where = { type: t.ROUTE, name: /^gateway-/ };

/** Points routes at the gateway of another one. */
const pointAt =
  (all: boolean) =>
  (stack: ExportedResource[]): ExportedResource[] => {
    const routes = stack.filter((r) => r.type === t.ROUTE && /^gateway-/.test(nameOf(r)));
    const [first, last] = [routes[0], routes.at(-1)];
    const moved = all ? routes.slice(1) : routes.slice(-1);
    const to = all ? first : first === last ? undefined : first;
    return stack.map((r) =>
      moved.includes(r)
        ? {
            ...r,
            outputs: { ...r.outputs, networkInterfaceId: to?.outputs?.["networkInterfaceId"] },
            propertyDependencies: {
              ...r.propertyDependencies,
              networkInterfaceId: to?.propertyDependencies?.["networkInterfaceId"] ?? [],
            },
          }
        : r,
    );
  };

export const network: readonly Mutation[] = [
  {
    what: "one route leads to another zone",
    rule: WAYS_OUT,
    says: /point it at the gateway in/,
    change: pointAt(false),
  },
  { what: "all routes lead to one zone", rule: WAYS_OUT, says: /gateways stand in 1 zone/, change: pointAt(true) },
  {
    what: "a private subnet without a default route",
    rule: WAYS_OUT,
    says: /has no default route/,
    change: without(PRIVATE_ROUTE),
  },
  {
    what: "a gateway's group of two",
    rule: WAYS_OUT,
    says: /set minSize and maxSize to 1/,
    change: set(GATEWAY_GROUP, () => ({ maxSize: 2 })),
  },
  {
    what: "a gateway's group of none",
    rule: WAYS_OUT,
    says: /set minSize and maxSize to 1/,
    change: set(GATEWAY_GROUP, () => ({ minSize: 0 })),
  },
  {
    what: "a gateway without a group",
    rule: WAYS_OUT,
    says: /attached by 0 Auto Scaling groups/,
    change: without(GATEWAY_GROUP),
  },
  { what: "a private subnet that gives public addresses", rule: "private-workloads-have-no-public-ip", says: /mapPublicIpOnLaunch to false/, change: set({ type: t.SUBNET, name: /private/ }, () => ({ mapPublicIpOnLaunch: true })) }, // prettier-ignore
  { what: "metadata without a token", rule: "instances-require-imdsv2", says: /set it to "required"/, change: set({ type: t.LAUNCH_TEMPLATE }, () => ({ metadataOptions: { httpTokens: "optional" } })) }, // prettier-ignore
  { what: "metadata options gone", rule: "instances-require-imdsv2", says: /is not set/, change: set({ type: t.LAUNCH_TEMPLATE }, () => ({ metadataOptions: undefined })) }, // prettier-ignore
];
