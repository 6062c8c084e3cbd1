import * as aws from "@pulumi/aws";
import * as awsx from "@pulumi/awsx";
import * as pulumi from "@pulumi/pulumi";
import { HEALTH_CHECK, targetGroupArgs } from "../common/balancing";
import type { DatabaseConnection, Offering } from "../common/connections";
import { architectureOf } from "../common/image";
import { ServiceAlarms } from "./alarms";
import { Balancer } from "./balancer";
import { Build, contentTag, dockerfileOf } from "./contentTag";
import { imageNameOf } from "./imageName";
import { RuleOf, shortName } from "./names";
import { createRepository, foreignRepositoryArn, ImageSource, Registry } from "./repository";
import { createTaskDefinition, TaskOptions } from "./taskDefinition";
import { TaskScaling, TaskScalingArgs } from "./taskScaling";

/** A service, as configured. */
export interface MicroserviceOptions extends TaskOptions {
  readonly name: string;
  /** The image by tag or digest, with its repository unless it is the service's own. @default built */
  readonly image?: string;
  /** What the image is built of. @default it is there already */
  readonly build?: Build;
  /** What the balancer asks for: 200 means that a task works. */
  readonly healthCheckPath: string;
  /** Seconds from a task's start until it answers, at most. */
  readonly startSeconds: number;
  /** Whether it is reached from the Internet. */
  readonly public: boolean;
  /** Which requests are the service's. @default those to its own internal name */
  readonly rule?: RuleOf["rule"];
  /** The fewest tasks, also when a zone is lost. */
  readonly minimum: number;
  /** The most tasks that scaling may bring. */
  readonly maximum: number;
  readonly scaling: TaskScalingArgs["scaling"];
  /** Answers of 5xx a minute from which on people are told, and a deployment goes back. */
  readonly serverErrorsPerMinute: number;
}

/**
 * Seconds from when a task answers until the balancer calls it healthy: checks come an interval apart, and one may go to its
 * registration, another just before it answers. Without them ECS would end a task that took all the time it may.
 */
const SEEN_SECONDS = (HEALTH_CHECK.healthyThreshold + 2) * HEALTH_CHECK.interval;

/** Arguments of `Microservice`. */
export interface MicroserviceArgs {
  readonly options: MicroserviceOptions;
  /** Name of the service cluster. */
  readonly cluster: string;
  readonly ecsCluster: aws.ecs.Cluster;
  /** Name of the cluster's capacity provider. */
  readonly capacityProvider: pulumi.Input<string>;
  /** The hosts' instance type, whose architecture images are built for. */
  readonly instanceType: string;
  readonly vpcId: pulumi.Input<string>;
  readonly balancer: Balancer;
  /** The rule by which the balancer knows its requests. */
  readonly rule: RuleOf["rule"];
  readonly registry: Registry;
  readonly database?: DatabaseConnection | undefined;
  readonly offerings: readonly Offering[];
  /** Whether it is a pilot light: without tasks until it is lit. */
  readonly pilotLight: boolean;
  readonly logRetentionDays: number;
  readonly deletionProtection: boolean;
  readonly kmsKeyArn: pulumi.Input<string>;
  readonly topicArn: pulumi.Input<string>;
}

/** Tag of a service that may be without tasks: policies ask the others for two or more. */
const PILOT_LIGHT_TAG = "nplusone:pilot-light";

/**
 * A service on ECS: tasks that are spread over zones and then over hosts, behind a balancer, as many as the load asks for.
 * A deployment starts new tasks before it stops old ones, and goes back by itself if they don't get healthy or answer with
 * errors. What runs costs nothing beyond its hosts; $0.50 a month for five alarms, $0.10 a GB for images.
 *
 * @example
 * new Microservice("shop-cart", {
 *   options: {
 *     name: "cart", image: ":1.4.2", cpu: 256, memoryMiB: 512, port: 8080, drainSeconds: 30, environment: {}, secrets: {},
 *     healthCheckPath: "/healthz", startSeconds: 60, public: true, minimum: 4, maximum: 20, serverErrorsPerMinute: 10,
 *     scaling: { type: "target-tracking", metric: "cpu", targetPercent: 60 },
 *   },
 *   cluster: "shop", ecsCluster, capacityProvider: capacity.providerName, instanceType: "m7g.large", vpcId: network.vpcId,
 *   balancer, rule: { paths: ["/cart/*"] }, registry: { prefix: "nplusone/prod", owned: true }, offerings: [],
 *   pilotLight: false, logRetentionDays: 30, deletionProtection: true, kmsKeyArn: key.arn, topicArn: topic.arn,
 * });
 */
export class Microservice extends pulumi.ComponentResource {
  /** Name of the ECS service. */
  readonly serviceName: pulumi.Output<string>;

  constructor(
    private readonly name: string,
    private readonly args: MicroserviceArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:Microservice", name, {}, opts);

    const targets = this.createTargetGroup();
    const rule = args.balancer.forward({ name: args.options.name, rule: args.rule }, targets.arn, { parent: this });
    const alarms = this.createAlarms(targets);
    const service = this.createService(targets, alarms, rule);
    this.createScaling(service);

    this.serviceName = service.name;
    this.registerOutputs({ serviceName: this.serviceName });
  }

  private createTargetGroup(): aws.lb.TargetGroup {
    const { cluster, options, vpcId } = this.args;
    return new aws.lb.TargetGroup(
      // Its name has 32 characters at most.
      shortName(cluster, options.name),
      targetGroupArgs({ ...options, vpcId }),
      { parent: this },
    );
  }

  private createAlarms(targets: aws.lb.TargetGroup): ServiceAlarms {
    const { balancer, cluster, options, pilotLight, topicArn } = this.args;
    return new ServiceAlarms(
      `${this.name}-alarms`,
      {
        ...options,
        ...{ service: `${cluster}/${options.name}`, mayBeDark: pilotLight, topicArn },
        dimensions: { LoadBalancer: balancer.dimension, TargetGroup: targets.arnSuffix },
      },
      { parent: this },
    );
  }

  private createService(
    targets: aws.lb.TargetGroup,
    alarms: ServiceAlarms,
    rule: aws.lb.ListenerRule,
  ): aws.ecs.Service {
    const { args } = this;
    const { options } = args;
    const { definition, policies } = createTaskDefinition(
      this.name,
      { ...args, ...this.image(), service: options.name },
      this,
    );
    return new aws.ecs.Service(
      `${this.name}-service`,
      {
        cluster: args.ecsCluster.arn,
        taskDefinition: definition.arn,
        desiredCount: args.pilotLight ? 0 : options.minimum,
        // A launch type would keep ECS from adding hosts for it.
        capacityProviderStrategies: [{ capacityProvider: args.capacityProvider, base: 0, weight: 1 }],
        // Without it another capacity provider would mean another service.
        forceNewDeployment: true,
        orderedPlacementStrategies: [
          { type: "spread", field: "attribute:ecs.availability-zone" },
          { type: "spread", field: "instanceId" },
        ],
        availabilityZoneRebalancing: "ENABLED",
        // New tasks before old ones go; more than 100 is what moving them between zones needs, too.
        deploymentMinimumHealthyPercent: 100,
        deploymentMaximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
        alarms: { enable: true, rollback: true, alarmNames: alarms.deploymentAlarmNames },
        loadBalancers: [{ targetGroupArn: targets.arn, containerName: options.name, containerPort: options.port }],
        healthCheckGracePeriodSeconds: options.startSeconds + SEEN_SECONDS,
        enableEcsManagedTags: true,
        propagateTags: "SERVICE",
        tags: args.pilotLight ? { [PILOT_LIGHT_TAG]: "true" } : {},
        // A bad image would block `up` until it times out; people are told, and ECS goes back.
        waitForSteadyState: false,
      },
      // A target group without a listener's rule has no balancer, which ECS refuses; without its roles' permissions a
      // service can't start tasks, nor stop them when it is destroyed. Scaling owns the number of tasks.
      { parent: this, dependsOn: [rule, ...policies], ignoreChanges: ["desiredCount"] },
    );
  }

  /** The image that tasks run, and the repository that they may pull it from. */
  private image(): { readonly image: pulumi.Input<string>; readonly repositoryArn?: pulumi.Input<string> | undefined } {
    const { cluster, deletionProtection, instanceType, kmsKeyArn, options, registry } = this.args;
    const { repository } = options.image === undefined ? {} : imageNameOf(options.image);
    if (options.image !== undefined && repository !== undefined) {
      return { image: options.image, repositoryArn: foreignRepositoryArn(repository, this) };
    }
    const own = createRepository(
      this.name,
      { registry, cluster, service: options.name, kmsKeyArn, forceDelete: !deletionProtection },
      this,
    );
    if (options.build === undefined) {
      return { image: pulumi.interpolate`${own.url}${options.image ?? ""}`, repositoryArn: own.arn };
    }
    const platform = architectureOf(instanceType) === "arm64" ? "linux/arm64" : "linux/amd64";
    const imageTag = contentTag(options.build, platform);
    const built = registry.owned ? this.build(options.build, own, imageTag, platform) : undefined;
    return { image: built?.imageUri ?? pulumi.interpolate`${own.url}:${imageTag}`, repositoryArn: own.arn };
  }

  private build(build: Build, { url, before }: ImageSource, imageTag: string, platform: string) {
    return new awsx.ecr.Image(
      `${this.name}-image`,
      {
        ...{ repositoryUrl: url, imageTag, platform },
        context: build.context,
        dockerfile: dockerfileOf(build),
        args: { ...build.arguments },
      },
      { parent: this, dependsOn: [...before] },
    );
  }

  private createScaling(service: aws.ecs.Service): void {
    const { cluster, ecsCluster, options, pilotLight } = this.args;
    new TaskScaling(
      `${this.name}-scaling`,
      {
        ...options,
        ...{ service: `${cluster}/${options.name}`, clusterName: ecsCluster.name, serviceName: service.name },
        minimum: pilotLight ? 0 : options.minimum,
        minimumIsOthers: pilotLight,
      },
      { parent: this },
    );
  }
}
