import { PolicyResource } from "@pulumi/policy";
import { make, ref } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph, GROUP } from "../core/graph";
import { Rule } from "../core/rule";
import { at, read, UNKNOWN } from "../core/unknown";
import { groupsOf } from "./hosts";
import { CAPACITY_PROVIDER } from "./types";

const SCALING_POLICY = "aws:autoscaling/policy:Policy";

const example = (protectFromScaleIn: boolean) => [
  make(GROUP, "hosts", { minSize: 4, maxSize: 12, vpcZoneIdentifiers: ["subnet-1", "subnet-2"], protectFromScaleIn }),
  make(CAPACITY_PROVIDER, "shop-hosts", {
    autoScalingGroupProvider: {
      autoScalingGroupArn: ref("hosts", "arn"),
      managedTerminationProtection: "ENABLED",
      managedScaling: { status: "ENABLED", targetCapacity: 100 },
    },
  }),
];

/** One takes hosts away: whoever knows which have tasks. */
export const hostsDrainFirst: Rule = {
  name: "container-hosts-drain-first",
  what: "Hosts of ECS tasks are taken away by one only: by managed scaling, which chooses those without tasks, or by scaling policies of the group's own.",
  why: "Managed scaling and a scaling policy on the same group undo each other's steps, and the policy takes hosts with tasks on them. Termination protection works only with managed scaling and instances that are protected from scale-in: without either, ECS refuses it, or nothing is protected.",
  mend: "With `managedScaling`, set `protectFromScaleIn` of the group to true and `managedTerminationProtection` to `ENABLED`, and leave scaling policies out; or scale by policies, with both off.",
  pages: [
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-termination-protection.html",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html",
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-instance-draining.html",
  ],
  onlyWith: CAPACITY_PROVIDER,
  examples: { fails: example(false), passes: example(true) },
  find: (graph: Graph) => graph.ofType(CAPACITY_PROVIDER).flatMap((provider) => judge(graph, provider)),
};

function judge(graph: Graph, provider: PolicyResource): Finding[] {
  const { name, urn } = provider;
  const said = (key: string) =>
    read(() => at(provider.props, `autoScalingGroupProvider.${key}`) as string | undefined) ?? "DISABLED";
  const scaling = said("managedScaling.status");
  const protection = said("managedTerminationProtection");
  const unknown = [
    ...(scaling === UNKNOWN ? ["managedScaling.status"] : []),
    ...(protection === UNKNOWN ? ["managedTerminationProtection"] : []),
  ];
  if (unknown.length > 0) {
    const what = unknown.join(" and ");
    return [
      undetermined(`${what} of capacity provider ${name} isn't known before the update: write it literally`, urn),
    ];
  }
  const groups = groupsOf(graph, provider);
  return [
    ...(protection === "ENABLED" && scaling !== "ENABLED"
      ? [{ message: `capacity provider ${name} has managedTerminationProtection without managed scaling, which alone lifts it: set managedScaling.status to "ENABLED"`, urn }] // prettier-ignore
      : []),
    ...(said("managedDraining") === "DISABLED" && read(() => at(provider.props, "autoScalingGroupProvider.managedDraining")) !== undefined // prettier-ignore
      ? [{ message: `capacity provider ${name} doesn't drain hosts before they go: set managedDraining to "ENABLED"`, urn }] // prettier-ignore
      : []),
    ...groups.flatMap((group) => [
      ...(protection === "ENABLED" ? unprotected(group, name) : []),
      ...(scaling === "ENABLED" ? scaledTwice(graph, group, name) : []),
      ...shared(graph, group, provider),
    ]),
  ];
}

function unprotected(group: PolicyResource, provider: string): Finding[] {
  const value = read(() => group.props["protectFromScaleIn"] as boolean | undefined) ?? false;
  if (value === true) {
    return [];
  }
  return value === UNKNOWN
    ? [undetermined(`protectFromScaleIn of group ${group.name} isn't known before the update: write it literally`, group.urn)] // prettier-ignore
    : [{ message: `group ${group.name} has protectFromScaleIn false, without which ECS refuses managedTerminationProtection of capacity provider ${provider}: set it to true`, urn: group.urn }]; // prettier-ignore
}

function scaledTwice(graph: Graph, group: PolicyResource, provider: string): Finding[] {
  return graph.referrers(group, SCALING_POLICY, "autoscalingGroupName").map((policy) => ({
    message: `scaling policy ${policy.name} scales group ${group.name}, which managed scaling of capacity provider ${provider} scales too: leave one out`,
    urn: policy.urn,
  }));
}

/** A group can be one provider's only: the second is refused. */
function shared(graph: Graph, group: PolicyResource, provider: PolicyResource): Finding[] {
  const [first, ...others] = graph.referrers(group, CAPACITY_PROVIDER, "autoScalingGroupProvider");
  return others.length === 0 || first === provider
    ? []
    : [
        {
          message: `capacity provider ${provider.name} has the group of ${first?.name ?? ""}, ${group.name}: give it one of its own`,
          urn: provider.urn,
        },
      ];
}
