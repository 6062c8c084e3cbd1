import { PolicyResource } from "@pulumi/policy";
import { make, ref } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph, GROUP, SUBNET } from "../core/graph";
import { Rule } from "../core/rule";
import { read, UNKNOWN } from "../core/unknown";
import { groupsBehindBalancers } from "./behindBalancer";

const group = (healthCheckType: string) =>
  make(GROUP, "web", {
    minSize: 2,
    maxSize: 4,
    vpcZoneIdentifiers: [ref("private-a"), ref("private-b")],
    targetGroupArns: [ref("web-targets", "arn")],
    healthCheckType,
    tags: [{ key: "nplusone:required-instances", value: "1", propagateAtLaunch: false }],
  });
const AROUND = [
  ...["a", "b"].map((zone) =>
    make(SUBNET, `private-${zone}`, { vpcId: "vpc-1", availabilityZone: `us-east-1${zone}` }),
  ),
  make("aws:lb/targetGroup:TargetGroup", "web-targets", { port: 8080 }),
];

/** What a balancer takes out of service is replaced. */
export const balancerHealthHeals: Rule = {
  name: "unhealthy-targets-are-replaced",
  what: "A group behind a load balancer replaces the instances that the balancer finds unhealthy.",
  why: "By EC2's checks alone an instance whose program has died is healthy: it stays, gets no requests, and nobody replaces it.",
  mend: 'Set `healthCheckType` to `"ELB"`, and `healthCheckGracePeriod` to the time that the program takes to start.',
  pages: ["https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-health-checks.html"],
  onlyWith: GROUP,
  examples: { fails: [...AROUND, group("EC2")], passes: [...AROUND, group("ELB")] },
  find: (graph: Graph) => groupsBehindBalancers(graph).flatMap(judge),
};

function judge({ name, props, urn }: PolicyResource): Finding[] {
  // Several are told in one text: `EBS,ELB`.
  const types = read(() => props["healthCheckType"] as string | undefined) ?? "EC2";
  if (types === UNKNOWN) {
    return [undetermined(`healthCheckType of group ${name} isn't known before the update: write it literally`, urn)];
  }
  return types.split(",").some((type) => ["ELB", "VPC_LATTICE"].includes(type.trim()))
    ? []
    : [{ message: `group ${name} is behind a balancer but has healthCheckType ${types}: set it to "ELB"`, urn }];
}
