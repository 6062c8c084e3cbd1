import { PolicyResource } from "@pulumi/policy";
import assert from "node:assert/strict";
import { enoughInstances } from "../../policy/redundancy/rules";
import { Rule } from "../../policy/core/rule";
import { GROUP, LAUNCH_TEMPLATE, SUBNET } from "../../policy/core/graph";
import { deploymentsRollBack } from "../../policy/services/deploymentsRollBack";
import { hostsDrainFirst } from "../../policy/services/hostsDrainFirst";
import { imagesAreImmutable } from "../../policy/services/imagesAreImmutable";
import { repositoriesKeepTags } from "../../policy/services/repositoriesKeepTags";
import { servicesSurviveZone as survives } from "../../policy/services/servicesSurviveZone";
import { tasksReachNoHostCredentials } from "../../policy/services/tasksReachNoHostCredentials";
import * as t from "../../policy/services/types";
import { breaks, cannotTell, find, holds, violations } from "./find";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

/** What a stack of one cluster may say otherwise. */
interface Changes {
  readonly service?: object;
  readonly group?: object;
  readonly template?: object;
  readonly provider?: object;
  readonly task?: object;
  readonly container?: object;
  readonly minCapacity?: unknown;
  /** The service says nothing of providers, and its cluster has no default. */
  readonly plain?: boolean;
}

/** A service of four tasks on three hosts in three zones, in a preview. */
function stack(changes: Changes = {}): PolicyResource[] {
  const subnets = ["a", "b", "c"].map((z) => resource(SUBNET, `s-${z}`, { availabilityZone: `us-east-1${z}` }));
  const template = resource(LAUNCH_TEMPLATE, "host", { instanceType: "m7g.large", metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 1 }, ...changes.template }); // prettier-ignore
  const group = resource(
    GROUP,
    "hosts",
    { minSize: 3, maxSize: 9, vpcZoneIdentifiers: [UNKNOWN, UNKNOWN, UNKNOWN], protectFromScaleIn: true, launchTemplate: { id: UNKNOWN }, ...changes.group }, // prettier-ignore
    { vpcZoneIdentifiers: subnets, launchTemplate: template },
  );
  const cluster = resource(t.CLUSTER, "shop", { name: "shop" });
  const provider = resource(
    t.CAPACITY_PROVIDER,
    "own",
    { name: "own", autoScalingGroupProvider: { autoScalingGroupArn: UNKNOWN, managedTerminationProtection: "ENABLED", managedScaling: { status: "ENABLED" }, ...changes.provider } }, // prettier-ignore
    { autoScalingGroupProvider: group },
  );
  const association = resource(t.CLUSTER_CAPACITY_PROVIDERS, "of-shop", { clusterName: "shop", capacityProviders: ["own"] }, { clusterName: cluster }); // prettier-ignore
  const container = { name: "web", image: "web:1.4", cpu: 256, memoryReservation: 1024, ...changes.container };
  const task = resource(t.TASK_DEFINITION, "web-task", { containerDefinitions: JSON.stringify([container]), ...changes.task }); // prettier-ignore
  const service = resource(
    t.SERVICE,
    "web",
    { desiredCount: 4, cluster: UNKNOWN, taskDefinition: UNKNOWN, ...(changes.plain ? {} : { capacityProviderStrategies: [{ capacityProvider: UNKNOWN, weight: 1 }] }), ...changes.service }, // prettier-ignore
    { cluster, taskDefinition: task, ...(changes.plain ? {} : { capacityProviderStrategies: provider }) },
  );
  const target = resource(t.SCALABLE_TARGET, "web-scaling", { minCapacity: changes.minCapacity, resourceId: UNKNOWN }, { resourceId: service }); // prettier-ignore
  const all = [...subnets, template, group, cluster, provider, association, task, service];
  return "minCapacity" in changes ? [...all, target] : all;
}

describe("services-survive-the-loss-of-a-zone", () => {
  it("holds where all tasks fit on what is left, by a strategy, a default of the cluster, or its launch type", () => {
    holds(survives, stack());
    holds(survives, stack({ plain: true }));
    holds(survives, stack({ plain: true, service: { launchType: "EC2" } }));
    holds(survives, stack({ minCapacity: 8 }));
  });
  it("says what is lost, how much finds no room where, and what to set", () => {
    assert.deepEqual(violations(survives, stack({ minCapacity: 20 })), [
      "service web: when us-east-1a is lost, 4 of its 20 tasks find no room on the 2 hosts that are left of hosts (minSize 3): set minSize of group hosts to 5",
    ]);
    breaks(survives, stack({ container: { cpu: 4096 } }), /4 of its 4 tasks .* give the hosts more memory and CPU/, "web"); // prettier-ignore
  });
  it("counts the soft limit of memory, or the hard one, or the task's own size", () => {
    holds(survives, stack({ container: { memory: 9000 } }));
    breaks(survives, stack({ container: { memory: 9000, memoryReservation: undefined } }), /find no room/, "web");
    breaks(survives, stack({ task: { memory: "9 GB" } }), /find no room/, "web");
    breaks(survives, stack({ task: { cpu: "4 vCPU" } }), /find no room/, "web");
    holds(survives, stack({ task: { cpu: "0.25 vCPU", memory: "1024", containerDefinitions: UNKNOWN } }));
  });
  it("counts no tasks of what waits, runs on Fargate or elsewhere", () => {
    const large = { container: { cpu: 9000 } };
    holds(survives, stack({ ...large, minCapacity: 0 }));
    holds(survives, stack({ ...large, plain: true, service: { launchType: "FARGATE" } }));
    holds(survives, stack({ ...large, plain: true, service: { launchType: "EXTERNAL" } }));
    holds(survives, stack({ ...large, plain: true, service: { deploymentController: { type: "EXTERNAL" } } }));
    holds(survives, stack({ ...large, service: { capacityProviderStrategies: [{ capacityProvider: "FARGATE_SPOT", weight: 1 }] } })); // prettier-ignore
  });
  it("counts the minimum of what is scaled, not what is desired", () => {
    breaks(survives, stack({ service: { desiredCount: 1 }, minCapacity: 20 }), /of its 20 tasks/, "web");
    holds(survives, stack({ service: { desiredCount: UNKNOWN }, minCapacity: 4 }));
  });
  it("can't tell where only the memory that an image leaves decides", () => {
    // 7,577 to 8,192 MiB a host, of which two are left: 3,900 fit twice on the larger.
    const tight = { container: { cpu: 1, memoryReservation: 3900 } };
    cannotTell(survives, stack(tight), /m7g.large .* leave 7.5 % free, or tell it by the option instanceTypes/, "web");
    const told = (memory: number) => find(survives, stack(tight), { instanceTypes: { "m7g.large": { cpu: 2048, memory } } }); // prettier-ignore
    assert.deepEqual(told(7800), []);
    assert.match(told(7700)[0]?.message ?? "", /2 of its 4 tasks find no room/);
  });
  it("leaves out what ECS's agent is told to keep", () => {
    const tight = { container: { cpu: 1, memoryReservation: 3700 } };
    const userData = Buffer.from("#!/bin/bash\necho ECS_RESERVED_MEMORY=1024 >> /etc/ecs/ecs.config").toString(
      "base64",
    );
    holds(survives, stack(tight));
    breaks(survives, stack({ ...tight, template: { userData } }), /find no room/, "web");
  });
  it("can't tell what isn't known, and says which", () => {
    cannotTell(survives, stack({ task: { containerDefinitions: UNKNOWN } }), /what a task of service web reserves/, "web"); // prettier-ignore
    cannotTell(survives, stack({ service: { desiredCount: UNKNOWN } }), /desiredCount of web isn't known/, "web");
    cannotTell(survives, stack({ minCapacity: UNKNOWN }), /minCapacity of web-scaling isn't known/, "web");
    cannotTell(survives, stack({ group: { minSize: UNKNOWN } }), /minSize of group hosts isn't known/, "hosts");
    cannotTell(survives, stack({ template: { instanceType: UNKNOWN } }), /instance type of group hosts/, "hosts");
    cannotTell(survives, stack({ template: { instanceType: "i4i.large" } }), /what i4i.large .* the option instanceTypes/, "hosts"); // prettier-ignore
    cannotTell(survives, stack({ group: { vpcZoneIdentifiers: UNKNOWN } }), /vpcZoneIdentifiers isn't known/, "web");
    const alone = resource(t.SERVICE, "web", { cluster: "arn:aws:ecs:us-east-1:1:cluster/theirs", desiredCount: 2 });
    cannotTell(survives, [alone], /the hosts of cluster theirs aren't this stack's/, "web");
    const theirs = resource(t.SERVICE, "web", { capacityProviderStrategies: [{ capacityProvider: "theirs" }] });
    cannotTell(survives, [theirs], /hosts of capacityProviderStrategies of web aren't this stack's/, "web");
  });
  it("goes by the group's tag while it isn't known what tasks reserve", () => {
    const tagged = (value: unknown, task: object = { containerDefinitions: UNKNOWN }) =>
      stack({ task, group: { tags: [{ key: "nplusone:required-instances", value }] } });
    holds(survives, tagged("2"));
    breaks(survives, tagged("3"), /hosts is left with 2 of 3 instances .* but 3 carry the load/, "hosts");
    cannotTell(survives, tagged(UNKNOWN), /what a task of service web reserves .* tag the hosts' group/, "web");
    // Once it is known, that counts.
    breaks(survives, tagged("1", { cpu: "4 vCPU" }), /find no room/, "web");
  });
  it("leaves hosts in one zone to the rule about zones", () =>
    holds(survives, stack({ group: { minSize: 1, vpcZoneIdentifiers: [], availabilityZones: ["us-east-1a"] } })));
  it("wants tasks spread over zones first", () => {
    const ordered = (...orderedPlacementStrategies: object[]) => stack({ service: { orderedPlacementStrategies } });
    holds(survives, ordered());
    holds(survives, ordered({ type: "spread", field: "attribute:ecs.availability-zone" }, { type: "binpack", field: "cpu" })); // prettier-ignore
    breaks(survives, ordered({ type: "spread", field: "instanceId" }), /begin orderedPlacementStrategies with/, "web");
    breaks(survives, ordered({ type: "random" }), /places its tasks by random first/, "web");
  });
  it("finds constraints to one zone, of the service and of its tasks, and lets those to several be", () => {
    const constraint = (expression: string) => ({ placementConstraints: [{ type: "memberOf", expression }] });
    const zone = "attribute:ecs.availability-zone";
    breaks(survives, stack({ service: constraint(`${zone} == us-east-1a`) }), /in one zone only/, "web");
    breaks(survives, stack({ task: constraint(`${zone} in [us-east-1a]`) }), /in one zone only/, "web");
    holds(survives, stack({ service: constraint(`${zone} in [us-east-1a, us-east-1b]`) }));
    holds(survives, stack({ service: constraint("attribute:ecs.instance-type =~ m7g.*") }));
  });
  it("takes one of a kind a host where their port, or distinctInstance, wants it", () => {
    const port = { portMappings: [{ containerPort: 80, hostPort: 80 }] };
    breaks(survives, stack({ container: port }), /2 of its 4 tasks find no room/, "web");
    holds(survives, stack({ container: port, task: { networkMode: "awsvpc" } }));
    breaks(survives, stack({ service: { placementConstraints: [{ type: "distinctInstance" }] } }), /2 of its 4/, "web");
    breaks(survives, stack({ container: { portMappings: [{ containerPort: 80 }] }, task: { networkMode: "host" } }), /2 of its 4/, "web"); // prettier-ignore
  });
});

describe("enough-instances, of services", () => {
  const rule: Rule = enoughInstances;
  const tags = { "nplusone:pilot-light": "true" };
  it("holds from two tasks, by the scalable target if there is one, and for daemons", () => {
    const own = (changes: Changes) => stack(changes);
    holds(rule, own({}));
    holds(rule, own({ service: { desiredCount: 0 }, minCapacity: 2 }));
    holds(rule, own({ service: { desiredCount: undefined, schedulingStrategy: "DAEMON" } }));
  });
  it("breaks below, and names what to set", () => {
    breaks(rule, stack({ service: { desiredCount: 1 } }), /service web has desiredCount 1: set it to 2 or more/, "web");
    breaks(rule, stack({ minCapacity: 1 }), /service web has minCapacity of web-scaling 1/, "web");
    breaks(rule, stack({ service: { desiredCount: undefined } }), /desiredCount 0/, "web");
  });
  it("lets a pilot light have none, and no one task either", () => {
    holds(rule, stack({ service: { desiredCount: 0, tags } }));
    breaks(rule, stack({ service: { desiredCount: 1, tags } }), /desiredCount 1/, "web");
    breaks(rule, stack({ service: { desiredCount: 0, tags: { "nplusone:pilot-light": "false" } } }), /desiredCount 0/, "web"); // prettier-ignore
    assert.deepEqual(find(rule, stack({ service: { desiredCount: 0, tags: { dark: "true" } } }), { pilotLightTag: "dark" }), []); // prettier-ignore
  });
  it("can't tell an unknown number", () => cannotTell(rule, stack({ minCapacity: UNKNOWN }), /isn't known/, "web"));
  it("knows a target by the name of its service", () => {
    const service = resource(t.SERVICE, "web", { name: "web", desiredCount: 1 });
    const target = resource(t.SCALABLE_TARGET, "s", { resourceId: "service/shop/web", minCapacity: 3 });
    holds(rule, [service, target]);
    breaks(rule, [service, resource(t.SCALABLE_TARGET, "s", { resourceId: "table/web", minCapacity: 3 })], /desiredCount 1/, "web"); // prettier-ignore
  });
});

describe("deployments-roll-back", () => {
  const rule: Rule = deploymentsRollBack;
  const breaker = { deploymentCircuitBreaker: { enable: true, rollback: true } };
  const service = (props: object) => [resource(t.SERVICE, "web", { desiredCount: 4, ...breaker, ...props })];

  it("holds by ECS's own percentages, and where others deploy", () => {
    holds(rule, service({}));
    holds(rule, service({ deploymentMinimumHealthyPercent: 50, deploymentMaximumPercent: 100 }));
    holds(rule, service({ deploymentCircuitBreaker: undefined, deploymentController: { type: "CODE_DEPLOY" } }));
    holds(rule, service({ deploymentConfiguration: { strategy: "BLUE_GREEN" }, deploymentMinimumHealthyPercent: 0 }));
    holds(rule, service({ schedulingStrategy: "DAEMON", desiredCount: undefined }));
  });
  it("breaks without a breaker, without its way back, without room, without grace", () => {
    breaks(rule, service({ deploymentCircuitBreaker: { enable: true } }), /for ever/, "web");
    breaks(rule, service({ deploymentMaximumPercent: 110 }), /can neither start .* 110.* 100\) of 4/, "web");
    breaks(rule, service({ deploymentMinimumHealthyPercent: 25 }), /down to 25 % .* to 50 or more/, "web");
    breaks(rule, service({ loadBalancers: [{}], healthCheckGracePeriodSeconds: 0 }), /set healthCheckGracePeriodSeconds/, "web"); // prettier-ignore
  });
  it("wants as many healthy as asked for", () => {
    const sixty = service({ deploymentMinimumHealthyPercent: 60 });
    assert.deepEqual(find(rule, sixty), []);
    assert.equal(find(rule, sixty, { minimumHealthyPercent: 75 }).length, 1);
  });
  it("can't tell what isn't known", () => {
    cannotTell(rule, service({ deploymentCircuitBreaker: { enable: true, rollback: UNKNOWN } }), /deploymentCircuitBreaker/, "web"); // prettier-ignore
    cannotTell(rule, service({ deploymentMaximumPercent: UNKNOWN }), /deploymentMaximumPercent/, "web");
    cannotTell(rule, service({ loadBalancers: [{}], healthCheckGracePeriodSeconds: UNKNOWN }), /GracePeriod/, "web");
  });
});

const OWN = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/web";
const running = (image: string) => resource(t.TASK_DEFINITION, "task", { containerDefinitions: JSON.stringify([{ image }]) }); // prettier-ignore
const unknownTask = (...parts: PolicyResource[]) =>
  resource(t.TASK_DEFINITION, "task", { containerDefinitions: UNKNOWN }, { containerDefinitions: parts });

describe("images-are-immutable", () => {
  const rule: Rule = imagesAreImmutable;
  it("holds by digest and by version, wherever the image is", () => {
    holds(rule, [running(`${OWN}:v1@sha256:${"a".repeat(64)}`)]);
    holds(rule, [running(`web@sha256:${"a".repeat(64)}`)]);
    holds(rule, [running("registry.example.com:5000/web:1.0")]);
  });
  it("breaks by latest, and without a tag", () => {
    breaks(rule, [running("web:latest")], /runs web:latest whatever that is/, "task");
    breaks(rule, [running("registry.example.com:5000/web")], /without a tag/, "task");
  });
  it("leaves what isn't known yet to the update, which asks before the definition is made", () =>
    holds(rule, [unknownTask()]));
});

describe("repositories-keep-tags", () => {
  const rule: Rule = repositoriesKeepTags;
  const repository = (imageTagMutability: unknown) =>
    resource(t.REPOSITORY, "images", { name: "shop/web", imageTagMutability, imageScanningConfiguration: { scanOnPush: true } }); // prettier-ignore

  it("holds by digest whatever its tags, by version in what keeps them, or in what isn't this stack's", () => {
    holds(rule, [repository("MUTABLE"), running(`${OWN}:v1@sha256:${"a".repeat(64)}`)]);
    holds(rule, [repository("IMMUTABLE"), running(`${OWN}:v1`)]);
    holds(rule, [repository("IMMUTABLE_WITH_EXCLUSION"), running(`${OWN}:v1`)]);
    holds(rule, [running("registry.example.com:5000/web:1.0"), repository("MUTABLE")]);
  });
  it("breaks by tags that move", () => {
    breaks(rule, [repository("MUTABLE"), running(`${OWN}:v1`)], /tags of repository images can be moved/, "images");
    breaks(rule, [repository(undefined), running(`${OWN}:v1`)], /tags of repository images can be moved/, "images");
  });
  it("wants repositories to scan, unless the registry does", () => {
    const silent = resource(t.REPOSITORY, "images", { name: "web" });
    breaks(rule, [silent], /doesn't scan/, "images");
    const scanning = (scanFrequency: string) =>
      resource("aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration", "all", { rules: [{ scanFrequency }] }); // prettier-ignore
    holds(rule, [silent, scanning("CONTINUOUS_SCAN")]);
    breaks(rule, [silent, scanning("MANUAL")], /doesn't scan/, "images");
  });
  it("can't tell by what name an image is known where tags move, but for what is built: that is its digest", () => {
    const images = repository("MUTABLE");
    cannotTell(rule, [images, unknownTask(images)], /names images of repository images by tag/, "images");
    holds(rule, [images, unknownTask(images, resource("awsx:ecr:Image", "built", {}))]);
    const kept = repository("IMMUTABLE");
    holds(rule, [kept, unknownTask(kept)]);
    cannotTell(rule, [resource(t.REPOSITORY, "images", { imageScanningConfiguration: { scanOnPush: UNKNOWN } })], /write it literally/, "images"); // prettier-ignore
  });
});

describe("container-hosts-drain-first", () => {
  const rule: Rule = hostsDrainFirst;
  it("holds by managed scaling, or without it", () => {
    holds(rule, stack());
    holds(rule, stack({ provider: { managedTerminationProtection: "DISABLED", managedScaling: { status: "DISABLED" } } })); // prettier-ignore
  });
  it("breaks where protection can't work, or draining is off", () => {
    breaks(rule, stack({ group: { protectFromScaleIn: false } }), /without which ECS refuses/, "hosts");
    breaks(rule, stack({ provider: { managedScaling: undefined } }), /without managed scaling/, "own");
    breaks(rule, stack({ provider: { managedDraining: "DISABLED" } }), /doesn't drain/, "own");
  });
  it("can't tell what isn't known", () => {
    cannotTell(rule, stack({ provider: { managedScaling: { status: UNKNOWN } } }), /managedScaling.status/, "own");
    cannotTell(rule, stack({ group: { protectFromScaleIn: UNKNOWN } }), /protectFromScaleIn/, "hosts");
  });
});

describe("tasks-reach-no-host-credentials", () => {
  const rule: Rule = tasksReachNoHostCredentials;
  const limit = (httpPutResponseHopLimit: unknown) => ({ template: { metadataOptions: { httpPutResponseHopLimit } } });
  const script = (text: string) => ({ userData: Buffer.from(`#!/bin/bash\n${text}\n`).toString("base64") });
  const awsvpc = { task: { networkMode: "awsvpc" } };

  it("holds one hop away, without metadata, and behind a filter", () => {
    holds(rule, stack());
    holds(rule, stack({ template: { metadataOptions: { httpEndpoint: "disabled" } } }));
    holds(rule, stack({ template: { metadataOptions: {}, ...script("iptables -I DOCKER-USER -d 169.254.169.254 -j DROP") } })); // prettier-ignore
    holds(rule, stack({ ...awsvpc, template: { ...limit(2).template, ...script("echo ECS_AWSVPC_BLOCK_IMDS=true") } }));
  });
  it("breaks two hops away, by the image's own, and in the network of the host", () => {
    breaks(rule, stack(limit(2)), /HopLimit of host is 2/, "host");
    breaks(rule, stack(limit(undefined)), /not set, and the image may say 2/, "host");
    breaks(rule, stack({ task: { networkMode: "host" } }), /in mode host/, "host");
    breaks(rule, stack({ ...awsvpc, template: script("echo") }), /ECS_AWSVPC_BLOCK_IMDS=true/, "host");
  });
  it("lets a host's own agents be", () =>
    holds(rule, stack({ task: { networkMode: "host" }, service: { schedulingStrategy: "DAEMON" } })));
  it("can't tell what isn't known", () => {
    cannotTell(rule, stack(limit(UNKNOWN)), /write 1 literally/, "host");
    cannotTell(rule, stack({ ...awsvpc, template: { userData: UNKNOWN } }), /user data of host/, "host");
  });
});
