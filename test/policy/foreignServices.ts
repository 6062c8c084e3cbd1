import { ExampleResource, make, ref } from "../../policy/core/example";
import { ALL, change, changeNamed, dropLast, ForeignProgram, ONE, SUBNETS } from "./foreignParts";

const SERVICE = "aws:ecs/service:Service";
const TASK = "aws:ecs/taskDefinition:TaskDefinition";
const CLUSTER = "aws:ecs/cluster:Cluster";
const PROVIDER = "aws:ecs/capacityProvider:CapacityProvider";
const ASSOCIATION = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders";
const GROUP = "aws:autoscaling/group:Group";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const TARGET = "aws:appautoscaling/target:Target";
const REPOSITORY = "aws:ecr/repository:Repository";
const TARGETS = "aws:lb/targetGroup:TargetGroup";
const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";

const LOSS = "services-survive-the-loss-of-a-zone";
const ROLLBACK = "deployments-roll-back";
const IMAGES = "images-are-immutable";
const TAGS = "repositories-keep-tags";
const DRAIN = "container-hosts-drain-first";
const CREDENTIALS = "tasks-reach-no-host-credentials";

const DIGEST = `@sha256:${"0123456789abcdef".repeat(4)}`;
const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };
const ZONES_FIRST = {
  orderedPlacementStrategies: [
    { type: "spread", field: "attribute:ecs.availability-zone" },
    { type: "spread", field: "instanceId" },
  ],
};
const BALANCED = {
  loadBalancers: [{ targetGroupArn: ref("web-targets", "arn"), containerName: "web", containerPort: 80 }],
  healthCheckGracePeriodSeconds: 90,
};
const base64 = (text: string) => Buffer.from(text).toString("base64");
const containers = (...list: object[]) => ({ containerDefinitions: JSON.stringify(list) });
const task = (name: string, props: object) => make(TASK, name, { family: name, ...props });

const hosts = (name: string, group: object, template: object = {}): ExampleResource[] => [
  make(TEMPLATE, `${name}-template`, {
    instanceType: "m7i.xlarge",
    metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 },
    ...template,
  }),
  make(GROUP, name, {
    maxSize: 30,
    vpcZoneIdentifiers: ALL,
    launchTemplate: { id: ref(`${name}-template`), version: "$Latest" },
    ...group,
  }),
];
const provider = (name: string, group: string, managed: object = {}) =>
  make(PROVIDER, name, {
    name,
    autoScalingGroupProvider: {
      autoScalingGroupArn: ref(group, "arn"),
      managedTerminationProtection: "ENABLED",
      managedScaling: { status: "ENABLED", targetCapacity: 100 },
      ...managed,
    },
  });
const scaled = (service: string, minCapacity: number) =>
  make(TARGET, `${service}-scaling`, {
    ...{ minCapacity, maxCapacity: 20, serviceNamespace: "ecs", scalableDimension: "ecs:service:DesiredCount" },
    resourceId: ref(service),
  });
const PILOT = { desiredCount: 0, tags: { "nplusone:pilot-light": "true" } };

/** Services on ECS, as other programs and modules have them. */
export const SERVICES: readonly ForeignProgram[] = [
  {
    what: "services with Service Connect on a capacity provider's hosts, as Terraform's module lays them out",
    sound: [
      ...SUBNETS,
      ...hosts("hosts", { minSize: 3, protectFromScaleIn: true }, { userData: base64("#!/bin/bash\necho ECS_CLUSTER=shop >> /etc/ecs/ecs.config\n") }), // prettier-ignore
      make(CLUSTER, "shop", { name: "shop" }),
      provider("shop-on-demand", "hosts"),
      make(ASSOCIATION, "shop-providers", { clusterName: "shop", capacityProviders: ["shop-on-demand"], defaultCapacityProviderStrategies: [{ capacityProvider: "shop-on-demand", weight: 1 }] }), // prettier-ignore
      make(REPOSITORY, "web-images", { name: "web", imageTagMutability: "IMMUTABLE", imageScanningConfiguration: { scanOnPush: true } }), // prettier-ignore
      make(TARGETS, "web-targets", { port: 80, protocol: "HTTP" }),
      task("web-task", containers({ name: "web", image: "123456789012.dkr.ecr.us-east-1.amazonaws.com/web:v41", cpu: 512, memory: 2048, memoryReservation: 1024, portMappings: [{ containerPort: 80, hostPort: 0, name: "web" }] })), // prettier-ignore
      make(SERVICE, "web", {
        ...{
          ...BREAKER,
          ...ZONES_FIRST,
          ...BALANCED,
          cluster: ref("shop", "arn"),
          taskDefinition: ref("web-task", "arn"),
        },
        desiredCount: 4,
        deploymentMinimumHealthyPercent: 66,
        deploymentMaximumPercent: 200,
        serviceConnectConfiguration: { enabled: true, namespace: "shop" },
      }),
      scaled("web", 6),
      task("agent-task", containers({ name: "agent", image: "public.ecr.aws/agent/agent:7.60.1", cpu: 128, memory: 256 })), // prettier-ignore
      make(SERVICE, "agent", { ...BREAKER, cluster: ref("shop", "arn"), taskDefinition: ref("agent-task", "arn"), schedulingStrategy: "DAEMON" }), // prettier-ignore
    ],
    broken: [
      { what: "a minimum of one task", rule: "enough-instances", change: changeNamed("web-scaling", { minCapacity: 1 }) }, // prettier-ignore
      { what: "nothing that scales, and one task", rule: "enough-instances", change: (s) => changeNamed("web", { desiredCount: 1 })(dropLast(TARGET)(s)) }, // prettier-ignore
      { what: "no tasks without being a pilot light", rule: "enough-instances", change: changeNamed("web-scaling", { minCapacity: 0 }) }, // prettier-ignore
      { what: "hosts for two zones that have room for all in three only", rule: LOSS, change: changeNamed("web-scaling", { minCapacity: 20 }) }, // prettier-ignore
      { what: "tasks larger than a host", rule: LOSS, change: changeNamed("web-task", containers({ name: "web", image: "web:v41", cpu: 512, memory: 20480 })) }, // prettier-ignore
      { what: "tasks with a port of the host, more than hosts are left", rule: LOSS, change: changeNamed("web-task", containers({ name: "web", image: "web:v41", cpu: 64, memory: 64, portMappings: [{ containerPort: 80, hostPort: 80 }] })) }, // prettier-ignore
      { what: "a daemon that takes the room", rule: LOSS, change: changeNamed("agent-task", containers({ name: "agent", image: "agent:7", cpu: 3500, memory: 256 })) }, // prettier-ignore
      { what: "tasks packed", rule: LOSS, change: changeNamed("web", { orderedPlacementStrategies: [{ type: "binpack", field: "memory" }] }) }, // prettier-ignore
      { what: "tasks tied to a zone", rule: LOSS, change: changeNamed("web", { placementConstraints: [{ type: "memberOf", expression: "attribute:ecs.availability-zone == us-east-1a" }] }) }, // prettier-ignore
      { what: "hosts in one zone", rule: "workloads-span-zones", change: changeNamed("hosts", { vpcZoneIdentifiers: ONE }) }, // prettier-ignore
      { what: "no circuit breaker", rule: ROLLBACK, change: changeNamed("web", { deploymentCircuitBreaker: undefined }) }, // prettier-ignore
      { what: "a breaker that stays where it broke", rule: ROLLBACK, change: changeNamed("web", { deploymentCircuitBreaker: { enable: true, rollback: false } }) }, // prettier-ignore
      { what: "no room to deploy", rule: ROLLBACK, change: changeNamed("web", { deploymentMinimumHealthyPercent: 100, deploymentMaximumPercent: 100 }) }, // prettier-ignore
      { what: "all tasks stopped first", rule: ROLLBACK, change: changeNamed("web", { deploymentMinimumHealthyPercent: 0, deploymentMaximumPercent: 100 }) }, // prettier-ignore
      { what: "no grace", rule: ROLLBACK, change: changeNamed("web", { healthCheckGracePeriodSeconds: undefined }) }, // prettier-ignore
      { what: "tags that move", rule: TAGS, change: change(REPOSITORY, { imageTagMutability: undefined }) },
      { what: "images nobody scans", rule: TAGS, change: change(REPOSITORY, { imageScanningConfiguration: undefined }) }, // prettier-ignore
      { what: "the latest image", rule: IMAGES, change: changeNamed("agent-task", containers({ name: "agent", image: "public.ecr.aws/agent/agent:latest", memory: 256 })) }, // prettier-ignore
      { what: "an image without a tag", rule: IMAGES, change: changeNamed("agent-task", containers({ name: "agent", image: "registry.example.com:5000/agent", memory: 256 })) }, // prettier-ignore
      { what: "hosts that scaling may take", rule: DRAIN, change: changeNamed("hosts", { protectFromScaleIn: undefined }) }, // prettier-ignore
      { what: "protection that nobody lifts", rule: DRAIN, change: changeNamed("shop-on-demand", { autoScalingGroupProvider: { autoScalingGroupArn: ref("hosts", "arn"), managedTerminationProtection: "ENABLED", managedScaling: { status: "DISABLED" } } }) }, // prettier-ignore
      { what: "two that scale", rule: DRAIN, change: (s) => [...s, make("aws:autoscaling/policy:Policy", "steps", { autoscalingGroupName: ref("hosts") })] }, // prettier-ignore
      { what: "metadata two hops away", rule: CREDENTIALS, change: change(TEMPLATE, { metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 2 } }) }, // prettier-ignore
      { what: "metadata as far as the image says", rule: CREDENTIALS, change: change(TEMPLATE, { metadataOptions: { httpTokens: "required" } }) }, // prettier-ignore
    ],
  },
  {
    what: "a pilot light on hosts, which waits for its Region",
    sound: [
      ...SUBNETS,
      ...hosts("hosts", { minSize: 2, protectFromScaleIn: true }),
      make(CLUSTER, "shop", { name: "pilot" }),
      provider("pilot-on-demand", "hosts"),
      make(ASSOCIATION, "shop-providers", { clusterName: ref("shop", "name"), capacityProviders: ["pilot-on-demand"] }),
      task("web-task", containers({ name: "web", image: `web${DIGEST}`, cpu: 512, memoryReservation: 1024 })),
      make(SERVICE, "web", { ...BREAKER, ...ZONES_FIRST, ...PILOT, cluster: ref("shop", "arn"), taskDefinition: ref("web-task", "arn"), capacityProviderStrategies: [{ capacityProvider: "pilot-on-demand", weight: 1 }] }), // prettier-ignore
      scaled("web", 0),
    ],
    broken: [
      { what: "one task", rule: "enough-instances", change: changeNamed("web-scaling", { minCapacity: 1 }) },
      { what: "no tag", rule: "enough-instances", change: changeNamed("web", { tags: {} }) },
    ],
  },
  {
    what: "an awsx.ecs.EC2Service: launch type EC2, interfaces of its own, hosts that join by user data",
    sound: [
      ...SUBNETS,
      make(CLUSTER, "cluster", { name: "cluster" }),
      ...hosts("instances", { minSize: 6 }, { userData: base64("#!/bin/bash\necho ECS_CLUSTER=cluster >> /etc/ecs/ecs.config\necho ECS_AWSVPC_BLOCK_IMDS=true >> /etc/ecs/ecs.config\n") }), // prettier-ignore
      make(SECURITY_GROUP, "tasks", { ingress: [{ protocol: "tcp", fromPort: 80, toPort: 80, cidrBlocks: ["10.0.0.0/16"] }] }), // prettier-ignore
      make(TARGETS, "web-targets", { port: 80, protocol: "HTTP", targetType: "ip" }),
      task("api-task", { ...containers({ name: "api", image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/api${DIGEST}` }), networkMode: "awsvpc", requiresCompatibilities: ["EC2"], cpu: "1 vCPU", memory: "4 GB" }), // prettier-ignore
      make(SERVICE, "api", { ...BREAKER, ...BALANCED, cluster: ref("cluster", "arn"), launchType: "EC2", desiredCount: 12, taskDefinition: ref("api-task", "arn"), networkConfiguration: { subnets: ALL, securityGroups: [ref("tasks")], assignPublicIp: false } }), // prettier-ignore
    ],
    broken: [
      { what: "tasks in one zone", rule: "workloads-span-zones", change: changeNamed("api", { networkConfiguration: { subnets: ONE } }) }, // prettier-ignore
      { what: "one task", rule: "enough-instances", change: changeNamed("api", { desiredCount: 1 }) },
      { what: "too few hosts", rule: LOSS, change: changeNamed("instances", { minSize: 3 }) },
      { what: "interfaces that reach metadata", rule: CREDENTIALS, change: change(TEMPLATE, { userData: base64("#!/bin/bash\necho ECS_CLUSTER=cluster >> /etc/ecs/ecs.config\n") }) }, // prettier-ignore
      { what: "the network of the host", rule: CREDENTIALS, change: changeNamed("api-task", { networkMode: "host" }) }, // prettier-ignore
    ],
  },
  {
    what: "an awsx.ecs.FargateService with an image of its own, scaled",
    sound: [
      ...SUBNETS,
      make(CLUSTER, "cluster", { name: "fargate" }),
      make(REPOSITORY, "images", { imageScanningConfiguration: { scanOnPush: true } }),
      task("api-task", { ...containers({ name: "api", image: `123456789012.dkr.ecr.us-east-1.amazonaws.com/images${DIGEST}` }), networkMode: "awsvpc", requiresCompatibilities: ["FARGATE"], cpu: "256", memory: "512" }), // prettier-ignore
      make(SERVICE, "api", { ...BREAKER, cluster: ref("cluster", "arn"), launchType: "FARGATE", taskDefinition: ref("api-task", "arn"), networkConfiguration: { subnets: ALL, assignPublicIp: false } }), // prettier-ignore
      scaled("api", 2),
    ],
    broken: [
      { what: "a minimum of one", rule: "enough-instances", change: changeNamed("api-scaling", { minCapacity: 1 }) },
      { what: "tasks in one zone", rule: "workloads-span-zones", change: changeNamed("api", { networkConfiguration: { subnets: ONE } }) }, // prettier-ignore
      { what: "no circuit breaker", rule: ROLLBACK, change: changeNamed("api", { deploymentCircuitBreaker: undefined }) }, // prettier-ignore
    ],
  },
  {
    what: "a strategy of several capacity providers, on demand first, and one of Fargate's",
    sound: [
      ...SUBNETS,
      make(CLUSTER, "shop", { name: "mixed" }),
      ...hosts("steady", { minSize: 3, protectFromScaleIn: true }),
      ...hosts("spot", { minSize: 6, protectFromScaleIn: true }),
      provider("mixed-on-demand", "steady"),
      provider("mixed-cheap", "spot"),
      make(ASSOCIATION, "shop-providers", { clusterName: ref("shop", "name"), capacityProviders: ["mixed-on-demand", "mixed-cheap", "FARGATE", "FARGATE_SPOT"] }), // prettier-ignore
      task("web-task", containers({ name: "web", image: `web${DIGEST}`, cpu: 1024, memoryReservation: 3072 })),
      make(SERVICE, "web", {
        ...{ ...BREAKER, ...ZONES_FIRST, cluster: ref("shop", "arn"), taskDefinition: ref("web-task", "arn") },
        desiredCount: 16,
        capacityProviderStrategies: [
          { capacityProvider: "mixed-on-demand", base: 4, weight: 1 },
          { capacityProvider: "mixed-cheap", weight: 3 },
        ],
      }),
      make(SERVICE, "jobs", {
        ...{ ...BREAKER, cluster: ref("shop", "arn"), taskDefinition: ref("web-task", "arn"), desiredCount: 4 },
        networkConfiguration: { subnets: ALL },
        capacityProviderStrategies: [
          { capacityProvider: "FARGATE", base: 2, weight: 1 },
          { capacityProvider: "FARGATE_SPOT", weight: 4 },
        ],
      }),
    ],
    broken: [
      { what: "too few on demand", rule: LOSS, change: changeNamed("web", { capacityProviderStrategies: [{ capacityProvider: "mixed-on-demand", base: 16 }, { capacityProvider: "mixed-cheap", weight: 1 }] }) }, // prettier-ignore
    ],
  },
  {
    what: "hosts that step policies scale, and a service that CodeDeploy deploys",
    sound: [
      ...SUBNETS,
      make(CLUSTER, "shop", { name: "stepped" }),
      ...hosts("hosts", { minSize: 4 }),
      provider("stepped-provider", "hosts", { managedTerminationProtection: "DISABLED", managedScaling: { status: "DISABLED" } }), // prettier-ignore
      make(ASSOCIATION, "shop-providers", { clusterName: ref("shop", "name"), capacityProviders: ["stepped-provider"], defaultCapacityProviderStrategies: [{ capacityProvider: "stepped-provider", weight: 1 }] }), // prettier-ignore
      make("aws:autoscaling/policy:Policy", "out", { autoscalingGroupName: ref("hosts") }),
      make(TARGETS, "web-targets", { port: 80, protocol: "HTTP" }),
      task("web-task", containers({ name: "web", image: "registry.example.com:5000/web:2.0", cpu: 256, memory: 512 })),
      make(SERVICE, "web", { ...BALANCED, cluster: ref("shop", "arn"), taskDefinition: ref("web-task", "arn"), desiredCount: 4, deploymentController: { type: "CODE_DEPLOY" } }), // prettier-ignore
    ],
    broken: [
      { what: "ECS that deploys, without a breaker", rule: ROLLBACK, change: changeNamed("web", { deploymentController: { type: "ECS" } }) }, // prettier-ignore
      { what: "one group for two providers", rule: DRAIN, change: (s) => [...s, provider("other", "hosts", { managedTerminationProtection: "DISABLED", managedScaling: { status: "DISABLED" } })] }, // prettier-ignore
      { what: "hosts that aren't drained", rule: DRAIN, change: changeNamed("stepped-provider", { autoScalingGroupProvider: { autoScalingGroupArn: ref("hosts", "arn"), managedDraining: "DISABLED" } }) }, // prettier-ignore
    ],
  },
];
