import { ExampleResource, make, ref } from "../core/example";
import { GROUP, LAUNCH_TEMPLATE, SUBNET } from "../core/graph";
import { CAPACITY_PROVIDER, CLUSTER, CLUSTER_CAPACITY_PROVIDERS, SERVICE, TASK_DEFINITION } from "./types";

/** A cluster of two services on hosts in three zones, of which the group has so many at least. */
export const servicesExample = (
  minSize: number,
  template: Readonly<Record<string, unknown>> = {},
  provider: Readonly<Record<string, unknown>> = {},
): ExampleResource[] => [
  ...["a", "b", "c"].map((zone) =>
    make(SUBNET, `private-${zone}`, { vpcId: "vpc-1", availabilityZone: `us-east-1${zone}` }),
  ),
  make(LAUNCH_TEMPLATE, "host", {
    instanceType: "m7g.large",
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    ...template,
  }),
  make(GROUP, "hosts", {
    minSize,
    maxSize: 12,
    vpcZoneIdentifiers: ["a", "b", "c"].map((zone) => ref(`private-${zone}`)),
    launchTemplate: { id: ref("host") },
    protectFromScaleIn: true,
  }),
  make(CLUSTER, "shop"),
  make(CAPACITY_PROVIDER, "shop-hosts", {
    autoScalingGroupProvider: {
      autoScalingGroupArn: ref("hosts", "arn"),
      managedTerminationProtection: "ENABLED",
      managedScaling: { status: "ENABLED", targetCapacity: 100 },
      ...provider,
    },
  }),
  make(CLUSTER_CAPACITY_PROVIDERS, "shop-providers", {
    clusterName: ref("shop", "name"),
    capacityProviders: [ref("shop-hosts", "name")],
    defaultCapacityProviderStrategies: [{ capacityProvider: ref("shop-hosts", "name"), weight: 1 }],
  }),
  ...["orders", "carts"].flatMap((name) => [
    make(TASK_DEFINITION, `${name}-task`, {
      family: name,
      containerDefinitions: JSON.stringify([
        { name, image: `registry.example.com/${name}:1.4.2`, cpu: 512, memoryReservation: 1792 },
      ]),
    }),
    make(SERVICE, name, {
      cluster: ref("shop", "arn"),
      taskDefinition: ref(`${name}-task`, "arn"),
      desiredCount: 6,
      orderedPlacementStrategies: [
        { type: "spread", field: "attribute:ecs.availability-zone" },
        { type: "spread", field: "instanceId" },
      ],
    }),
  ]),
];
