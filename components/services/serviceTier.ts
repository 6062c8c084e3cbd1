import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { DatabaseConnection, Entrance, Offering } from "../common/connections";
import { Problem, refuseIfAny } from "../common/problems";
import { InstanceOptions } from "../common/rolledOutGroup";
import { Rollout } from "../common/rollout";
import { StateTable } from "../common/stateTable";
import { Balancer, BalancerArgs } from "./balancer";
import { Capacity, CapacityArgs } from "./capacity";
import { DeploymentCare } from "./deploymentCare";
import { createJoinAlarm } from "./hostAlarms";
import { HostCare } from "./hostCare";
import { Hosts, JOIN_SECONDS } from "./hosts";
import { HostScaling } from "./hostScaling";
import { Microservice, MicroserviceArgs, MicroserviceOptions } from "./microservice";
import { domainOf, internalName, RuleOf } from "./names";
import { PilotLight } from "./pilotLight";
import { Registry } from "./repository";
import { capacityOf, HostCount, Reservation, sizeOf, sizeProblems } from "./size";

/** A service, with what it uses of the stack. */
export interface ServiceArgs extends MicroserviceOptions {
  /** The database that it uses. @default none */
  readonly connection?: DatabaseConnection | undefined;
  /** What else of the stack it uses. */
  readonly offerings: readonly Offering[];
}

/** What the services of a cluster run on. */
export interface ClusterHosts extends InstanceOptions {
  /** @default what the services' minimums and the number of zones ask for */
  readonly minHosts?: number;
  /** @default what the services' maximums and the number of zones ask for */
  readonly maxHosts?: number;
  /** What a host has for tasks. @default what its type's name tells */
  readonly capacity?: Reservation;
  readonly scaling: CapacityArgs["scaling"];
  /** Minutes for which ECS may be without contact to a host's agent. */
  readonly agentGraceMinutes: number;
}

/** Arguments of `ServiceTier`. */
export interface ServiceTierArgs {
  readonly vpcId: pulumi.Input<string>;
  /** IPv4 range of the VPC. */
  readonly vpcCidrBlock: string;
  /** 2 or more zones. */
  readonly zones: readonly {
    readonly publicSubnetId: pulumi.Input<string>;
    readonly privateSubnetId: pulumi.Input<string>;
  }[];
  readonly hosts: ClusterHosts;
  /** The way in from the Internet, if there are public services. */
  readonly entrance: Pick<BalancerArgs, "allowedCidrBlocks" | "certificateArn">;
  readonly services: readonly ServiceArgs[];
  /** Security groups by which databases and session stores know the hosts. @default none */
  readonly clientSecurityGroupIds?: readonly pulumi.Input<string>[];
  /** Where images are kept. */
  readonly registry: Registry;
  /** Whether it is a pilot light: hosts without tasks, until it is lit. */
  readonly pilotLight: boolean;
  /** Days that the balancers' access logs are kept. */
  readonly accessLogRetentionDays: number;
  /** Days that what tasks write is kept. */
  readonly logRetentionDays: number;
  /** Whether AWS refuses to delete balancers, and repositories with images. */
  readonly deletionProtection: boolean;
  readonly kmsKeyArn: pulumi.Input<string>;
  /** ARN of the topic that people are told through. */
  readonly topicArn: pulumi.Input<string>;
  /** The table in which it is remembered what people have been told. */
  readonly stateTable: StateTable;
}

/**
 * Microservices that survive the loss of a task, a host and a zone: an ECS cluster of hosts over all zones, so many that
 * every service's fewest tasks find room when the fullest zone is lost, and balancers in front of the services. With two
 * hosts of m7g.large over three zones, two balancers and two services about $200 a month (docs/costs.md).
 *
 * @example
 * new ServiceTier("shop", {
 *   vpcId: network.vpcId, vpcCidrBlock: "10.20.0.0/16", zones: network.zones,
 *   hosts: {
 *     instanceType: "m7g.large", volumeGiB: 30, agentGraceMinutes: 10,
 *     scaling: { type: "managed", targetCapacityPercent: 100 },
 *   },
 *   entrance: { allowedCidrBlocks: ["0.0.0.0/0"] },
 *   services: [{
 *     name: "cart", image: ":1.4.2", cpu: 256, memoryMiB: 512, port: 8080, drainSeconds: 30, environment: {}, secrets: {},
 *     healthCheckPath: "/healthz", startSeconds: 60, public: true, rule: { paths: ["/cart/*"] }, minimum: 4, maximum: 20,
 *     scaling: { type: "target-tracking", metric: "cpu", targetPercent: 60 }, serverErrorsPerMinute: 10, offerings: [],
 *   }],
 *   registry: { prefix: "nplusone/prod", owned: true }, pilotLight: false, accessLogRetentionDays: 90,
 *   logRetentionDays: 30, deletionProtection: true, kmsKeyArn: key.arn, topicArn: topic.arn, stateTable,
 * });
 */
export class ServiceTier extends pulumi.ComponentResource {
  /** How DNS leads to the public services, if there are any. */
  readonly entrance: Entrance | undefined;
  /** Name of the function that lights a pilot light, if it is one. */
  readonly lightFunctionName: pulumi.Output<string> | undefined;

  private readonly size: HostCount;

  constructor(
    private readonly name: string,
    private readonly args: ServiceTierArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("nplusone:index:ServiceTier", name, {}, opts);
    this.size = sizeOrRefuse(args);

    const ecsCluster = this.createCluster();
    const outer = this.createBalancer("public", true);
    const inner = this.createBalancer("internal", false);
    const hosts = this.createHosts(ecsCluster, outer, inner);
    const capacity = this.createCapacity(ecsCluster, hosts);
    this.createRollout(ecsCluster, hosts);
    this.createHostCare(ecsCluster, hosts);
    const services = this.createServices(ecsCluster, capacity, outer, inner);
    this.createDeploymentCare(ecsCluster);
    this.createNames(inner);
    this.lightFunctionName = this.createLight(ecsCluster, services)?.functionName;

    this.entrance = outer?.entrance;
    this.registerOutputs({ dnsName: this.entrance?.dnsName, lightFunctionName: this.lightFunctionName });
  }

  private createCluster(): aws.ecs.Cluster {
    return new aws.ecs.Cluster(
      `${this.name}-cluster`,
      { settings: [{ name: "containerInsights", value: "enabled" }] },
      { parent: this },
    );
  }

  /** Only what is needed: a cluster without public services has nothing on the Internet. */
  private createBalancer(suffix: string, isPublic: boolean): Balancer | undefined {
    const { args } = this;
    const services = args.services.filter((service) => service.public === isPublic);
    if (services.length === 0) {
      return undefined;
    }
    return new Balancer(
      `${this.name}-${suffix}`,
      {
        ...args,
        ...(isPublic ? args.entrance : { allowedCidrBlocks: [args.vpcCidrBlock] }),
        cluster: this.name,
        internal: !isPublic,
        subnetIds: args.zones.map((zone) => (isPublic ? zone.publicSubnetId : zone.privateSubnetId)),
        services: services.map((service) => ({ name: service.name, rule: this.ruleOf(service) })),
      },
      { parent: this },
    );
  }

  private createHosts(ecsCluster: aws.ecs.Cluster, ...balancers: (Balancer | undefined)[]): Hosts {
    const { args } = this;
    return new Hosts(
      `${this.name}-hosts`,
      {
        ...args,
        ...args.hosts,
        ...{ cluster: this.name, ecsCluster, size: this.size },
        privateSubnetIds: args.zones.map((zone) => zone.privateSubnetId),
        managedByEcs: args.hosts.scaling.type === "managed",
        balancerSecurityGroupIds: balancers.flatMap((balancer) => balancer?.securityGroupId ?? []),
        clientSecurityGroupIds: args.clientSecurityGroupIds ?? [],
      },
      { parent: this },
    );
  }

  /** Either ECS scales the hosts or their own policies do, never both. */
  private createCapacity(ecsCluster: aws.ecs.Cluster, { groupArn, groupName }: Hosts): Capacity {
    const { scaling } = this.args.hosts;
    if (scaling.type === "steps") {
      new HostScaling(
        `${this.name}-host-scaling`,
        { cluster: this.name, groupName, scaling, warmupSeconds: JOIN_SECONDS },
        { parent: this },
      );
    }
    return new Capacity(`${this.name}-capacity`, { ecsCluster, groupArn, scaling }, { parent: this });
  }

  /** New versions of the hosts' template reach them one by one: each is drained, and its tasks start elsewhere first. */
  private createRollout(ecsCluster: aws.ecs.Cluster, group: Hosts): void {
    const { kmsKeyArn, stateTable, topicArn } = this.args;
    const joined = createJoinAlarm(
      `${this.name}-not-joined`,
      { cluster: this.name, groupName: group.groupName, clusterName: ecsCluster.name, topicArn },
      this,
    );
    new Rollout(
      `${this.name}-rollout`,
      {
        ...{
          of: `hosts of ${this.name}`,
          system: `services/${this.name}/rollout`,
          runbook: "docs/runbooks/services.md",
        },
        ...{ group, kmsKeyArn, topicArn, stateTable },
        alarmNames: [joined.name],
        startSeconds: JOIN_SECONDS,
      },
      { parent: this },
    );
  }

  private createHostCare(ecsCluster: aws.ecs.Cluster, hosts: Hosts): void {
    const { args } = this;
    new HostCare(
      `${this.name}-care`,
      {
        ...args,
        ...{ cluster: this.name, ecsCluster, hosts },
        requiredHosts: this.size.required,
        graceMinutes: args.hosts.agentGraceMinutes,
      },
      { parent: this },
    );
  }

  private createServices(
    ecsCluster: aws.ecs.Cluster,
    capacity: Capacity,
    outer: Balancer | undefined,
    inner: Balancer | undefined,
  ): Microservice[] {
    const { args } = this;
    return args.services.map((options) => {
      const common: Omit<MicroserviceArgs, "options" | "balancer" | "rule" | "offerings" | "database"> = {
        ...args,
        ...{ cluster: this.name, ecsCluster, capacityProvider: capacity.providerName },
        instanceType: args.hosts.instanceType,
      };
      return new Microservice(
        `${this.name}-${options.name}`,
        {
          ...common,
          options,
          balancer: (options.public ? outer : inner) as Balancer,
          rule: this.ruleOf(options),
          database: options.connection,
          offerings: options.offerings,
        },
        // A capacity provider that services use can't be taken from the cluster: they go first.
        { parent: this, dependsOn: [capacity] },
      );
    });
  }

  private createDeploymentCare(ecsCluster: aws.ecs.Cluster): void {
    new DeploymentCare(`${this.name}-deployments`, { ...this.args, cluster: this.name, ecsCluster }, { parent: this });
  }

  private createLight(ecsCluster: aws.ecs.Cluster, services: readonly Microservice[]): PilotLight | undefined {
    const { kmsKeyArn, pilotLight } = this.args;
    if (!pilotLight) {
      return undefined;
    }
    const own = this.args.services.map(({ maximum, minimum }, i) => ({
      ...{ maximum, minimum },
      serviceName: (services[i] as Microservice).serviceName,
    }));
    return new PilotLight(
      `${this.name}-light`,
      { cluster: this.name, ecsCluster, services: own, kmsKeyArn },
      { parent: this },
    );
  }

  /** Names that the VPC knows, for services that others in it call. */
  private createNames(inner: Balancer | undefined): void {
    if (inner === undefined) {
      return;
    }
    const { dnsName, hostedZoneId } = inner.entrance;
    const zone = new aws.route53.Zone(
      `${this.name}-names`,
      {
        name: domainOf(this.name),
        comment: `Services of ${this.name}, for each other`,
        vpcs: [{ vpcId: this.args.vpcId }],
        forceDestroy: true,
      },
      { parent: this },
    );
    for (const { name, public: isPublic } of this.args.services) {
      if (!isPublic) {
        new aws.route53.Record(
          `${this.name}-${name}-name`,
          {
            zoneId: zone.zoneId,
            name: internalName(this.name, name),
            type: "A",
            // There is no other place to send anybody to.
            aliases: [{ name: dnsName, zoneId: hostedZoneId, evaluateTargetHealth: false }],
          },
          { parent: zone },
        );
      }
    }
  }

  private ruleOf({ name, rule }: ServiceArgs): RuleOf["rule"] {
    return rule ?? { hosts: [internalName(this.name, name)] };
  }
}

/** @throws {@link pulumi.InputPropertiesError} that lists every problem of the arguments. */
function sizeOrRefuse({ hosts, services, zones }: ServiceTierArgs): HostCount {
  const capacity = hosts.capacity ?? capacityOf(hosts.instanceType);
  if (capacity === undefined) {
    const reason = `what ${hosts.instanceType} has for tasks can't be told from its name`;
    refuseIfAny("service tier", [{ propertyPath: "hosts.capacity", reason }]);
    throw new pulumi.RunError(reason);
  }
  const args = { ...hosts, capacity, services, zones: zones.length };
  const problems: Problem[] = sizeProblems(args).map(({ path, message }) => ({
    propertyPath: path.join("."),
    reason: message,
  }));
  services.forEach((service, i) => {
    if (service.public && service.rule === undefined) {
      problems.push({ propertyPath: `services.${i}.rule`, reason: "a public service has no other name" });
    }
  });
  refuseIfAny("service tier", problems);
  return sizeOf(args);
}
