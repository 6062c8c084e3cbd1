import { client, Props, reader, ServiceRecords, tagged } from "./record";

const ecs = client("ecs");
const describe = reader("ecs");

const tagging = tagged("ecs", { arn: "resourceArn" });

/** Nothing that is deleted is gone at once: ECS remembers it for a while, and says that it is inactive. */
const isThere = (found: Props | undefined) => (found?.["status"] === "INACTIVE" ? undefined : found);

/** Containers as ECS has them, without what it adds to what was given. */
function asGiven(containerDefinitions: string, found: readonly Props[]): string {
  const given = JSON.parse(containerDefinitions) as Props[];
  const now = found.map((one, i) =>
    Object.fromEntries(Object.keys(given[i] ?? one).map((field) => [field, one[field]])),
  );
  return JSON.stringify(now) === JSON.stringify(given) ? containerDefinitions : JSON.stringify(now);
}

/** What the provider puts into `deploymentConfiguration`, beside the block of that name. */
const DEPLOYMENT = {
  deploymentCircuitBreaker: "deploymentConfiguration.deploymentCircuitBreaker",
  deploymentMaximumPercent: "deploymentConfiguration.maximumPercent",
  deploymentMinimumHealthyPercent: "deploymentConfiguration.minimumHealthyPercent",
  alarms: "deploymentConfiguration.alarms",
};

export const records: ServiceRecords = {
  resources: {
    "aws:ecs/cluster:Cluster": {
      autoName: "name",
      key: { name: "cluster" },
      create: [
        ecs("CreateCluster", {
          names: { name: "clusterName" },
          outputs: { id: "cluster.clusterArn", arn: "cluster.clusterArn" },
        }),
      ],
      update: [ecs("UpdateCluster", { of: ["settings", "configuration", "serviceConnectDefaults"] })],
      delete: [ecs("DeleteCluster")],
      read: [
        describe("DescribeClusters", "clusters.0", {
          names: { name: "clusters" },
          with: () => ({ include: ["SETTINGS", "CONFIGURATIONS", "TAGS"] }),
          as: ({ clusters: [one] }) => isThere(one),
        }),
      ],
      tagging,
      replaceOn: ["name"],
    },
    "aws:ecs/capacityProvider:CapacityProvider": {
      autoName: "name",
      key: { name: "capacityProvider" },
      create: [
        ecs("CreateCapacityProvider", {
          names: { name: "name" },
          outputs: { id: "capacityProvider.capacityProviderArn", arn: "capacityProvider.capacityProviderArn" },
        }),
      ],
      update: [
        ecs("UpdateCapacityProvider", {
          of: ["autoScalingGroupProvider"],
          names: { name: "name", "autoScalingGroupProvider.autoScalingGroupArn": "" },
        }),
      ],
      delete: [ecs("DeleteCapacityProvider")],
      read: [
        describe("DescribeCapacityProviders", "capacityProviders.0", {
          names: { name: "capacityProviders" },
          with: () => ({ include: ["TAGS"] }),
          as: ({ capacityProviders: [one] }) => isThere(one),
        }),
      ],
      tagging,
      replaceOn: ["name", "autoScalingGroupProvider.autoScalingGroupArn"],
    },
    "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders": {
      key: { clusterName: "cluster" },
      names: { defaultCapacityProviderStrategies: "defaultCapacityProviderStrategy" },
      create: [put((p) => p)],
      update: [put((p) => p)],
      delete: [put(() => ({}))],
      read: [
        describe("DescribeClusters", "clusters.0", {
          names: { clusterName: "clusters" },
          as: ({ clusters: [one] }) => isThere(one),
        }),
      ],
      outputs: { id: (p) => p["clusterName"] },
      replaceOn: ["clusterName"],
    },
    "aws:ecs/taskDefinition:TaskDefinition": {
      key: { arn: "taskDefinition" },
      names: { tags: "tags" },
      defaults: { skipDestroy: false, trackLatest: false },
      create: [
        ecs("RegisterTaskDefinition", {
          takes: ["containerDefinitions"],
          with: (p) => ({ containerDefinitions: JSON.parse(p["containerDefinitions"]) }),
          outputs: {
            id: "taskDefinition.family",
            arn: "taskDefinition.taskDefinitionArn",
            revision: "taskDefinition.revision",
          },
        }),
      ],
      delete: [ecs("DeregisterTaskDefinition")],
      read: [
        describe("DescribeTaskDefinition", "taskDefinition", {
          as: ({ taskDefinition: one, tags }) => isThere(one && { ...one, tags }),
          also: (found, p) => ({
            containerDefinitions: asGiven(p["containerDefinitions"], found.containerDefinitions),
          }),
        }),
      ],
      tagging,
      outputs: { arnWithoutRevision: (p) => p["arn"]?.replace(/:\d+$/, "") },
      replaceOn: [
        ...["containerDefinitions", "cpu", "enableFaultInjection", "ephemeralStorage", "executionRoleArn", "family"],
        ...["ipcMode", "memory", "networkMode", "pidMode", "placementConstraints", "proxyConfiguration"],
        ...["requiresCompatibilities", "runtimePlatform", "taskRoleArn", "volumes"],
      ],
      notApplied: {
        skipDestroy: "the provider's own: whether old revisions stay; a rehearsal leaves nothing behind",
        trackLatest: "the provider's own: which revision a refresh looks at",
      },
      notRead: { enableFaultInjection: "moto doesn't keep it" },
    },
    "aws:ecs/service:Service": {
      autoName: "name",
      key: { name: "service", cluster: "cluster" },
      names: {
        ...DEPLOYMENT,
        orderedPlacementStrategies: "placementStrategy",
        capacityProviderStrategies: "capacityProviderStrategy",
        iamRole: "role",
        networkConfiguration: "networkConfiguration.awsvpcConfiguration",
      },
      defaults: { waitForSteadyState: false, schedulingStrategy: "REPLICA" },
      unset: { desiredCount: undefined, forceNewDeployment: false, healthCheckGracePeriodSeconds: 0 },
      create: [
        ecs("CreateService", {
          names: { name: "serviceName" },
          outputs: { id: "service.serviceArn", arn: "service.serviceArn" },
        }),
      ],
      update: [
        ecs("UpdateService", {
          // ECS takes these at the creation only, and the provider replaces the service for them.
          names: { name: "service", schedulingStrategy: "", launchType: "", iamRole: "" },
        }),
      ],
      delete: [ecs("DeleteService", { with: () => ({ force: true }) })],
      read: [
        describe("DescribeServices", "services.0", {
          names: { name: "services" },
          with: () => ({ include: ["TAGS"] }),
          as: ({ services: [one] }) => isThere(one),
        }),
      ],
      tagging,
      // Other capacity providers replace it too, but not with forceNewDeployment.
      replaceOn: ["name", "cluster", "launchType", "schedulingStrategy", "iamRole", "deploymentController"],
      notApplied: {
        waitForSteadyState: "the provider's own: tasks are started once a stack is up",
        forceDelete: "the provider's own: whether it scales the service in before it deletes it",
        triggers: "the provider's own: a change of them is a new deployment",
        sigintRollback: "the provider's own: nobody interrupts a deployment here",
      },
      notRead: { cluster: "ECS answers with the ARN", forceNewDeployment: "it is an order, and no setting" },
    },
  },
};

/** ECS wants both lists, though they be empty. */
function put(of: (p: Props) => Props) {
  return ecs("PutClusterCapacityProviders", {
    with: (p, request) => ({
      capacityProviders: of(p)["capacityProviders"] ?? [],
      defaultCapacityProviderStrategy:
        of(p)["defaultCapacityProviderStrategies"] === undefined ? [] : request.defaultCapacityProviderStrategy,
    }),
  });
}
