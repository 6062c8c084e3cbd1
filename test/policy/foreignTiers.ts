import { ExampleResource, make, ref } from "../../policy/core/example";
import { ALL, change, changeNamed, ForeignProgram, ONE, subnet, SUBNETS, VPC } from "./foreignParts";

const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const TARGETS = "aws:lb/targetGroup:TargetGroup";
const TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate";
const GROUP = "aws:autoscaling/group:Group";
const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";
const NEED = "nplusone:required-instances";

const needs = (value: string) => [{ key: NEED, value, propagateAtLaunch: false }];
const without = (type: string) => (sound: readonly ExampleResource[]) => sound.filter((r) => r.type !== type);

const PUBLIC = [
  VPC,
  ...["a", "b"].map((zone) => subnet("public", zone)),
  make("aws:ec2/internetGateway:InternetGateway", "internet", { vpcId: ref("main") }),
  make("aws:ec2/routeTable:RouteTable", "public", { vpcId: ref("main") }),
  make("aws:ec2/route:Route", "out", {
    routeTableId: ref("public"),
    destinationCidrBlock: "0.0.0.0/0",
    gatewayId: ref("internet"),
  }),
  ...["a", "b"].map((zone) =>
    make("aws:ec2/routeTableAssociation:RouteTableAssociation", `public-${zone}-table`, {
      subnetId: ref(`public-${zone}`),
      routeTableId: ref("public"),
    }),
  ),
];
const HARDENED = { metadataOptions: { httpTokens: "required" } };

/** Tiers behind load balancers, and what leads into them. */
export const TIERS: readonly ForeignProgram[] = [
  {
    what: "a load balancer and a group behind it",
    sound: [
      ...SUBNETS,
      make(BALANCER, "web", { subnets: ALL, enableDeletionProtection: true }),
      make(TARGETS, "web-targets", { port: 8080, protocol: "HTTP", vpcId: ref("main") }),
      make(TEMPLATE, "web-template", HARDENED),
      make(GROUP, "web-group", {
        minSize: 6,
        maxSize: 12,
        desiredCapacity: 9,
        vpcZoneIdentifiers: ALL,
        launchTemplate: { id: ref("web-template") },
        targetGroupArns: [ref("web-targets", "arn")],
        healthCheckType: "ELB",
        tags: needs("4"),
      }),
      make("aws:autoscaling/policy:Policy", "web-scaling", { autoscalingGroupName: ref("web-group") }),
    ],
    broken: [
      { what: "a balancer in one zone", rule: "workloads-span-zones", change: change(BALANCER, { subnets: ONE }) },
      { what: "a group in one zone", rule: "workloads-span-zones", change: change(GROUP, { vpcZoneIdentifiers: ONE }) },
      {
        what: "a balancer that can be deleted",
        rule: "deletion-is-protected",
        change: change(BALANCER, { enableDeletionProtection: false }),
      },
      {
        what: "metadata without a token",
        rule: "instances-require-imdsv2",
        change: change(TEMPLATE, { metadataOptions: { httpTokens: "optional" } }),
      },
      {
        what: "a minimum that the loss of a zone takes too much of",
        rule: "groups-survive-the-loss-of-a-zone",
        change: change(GROUP, { minSize: 5 }),
      },
      {
        what: "two zones for a minimum that takes three",
        rule: "groups-survive-the-loss-of-a-zone",
        change: change(GROUP, { vpcZoneIdentifiers: ALL.slice(0, 2) }),
      },
      {
        what: "more load than there is room for",
        rule: "groups-survive-the-loss-of-a-zone",
        change: change(GROUP, { tags: needs("8") }),
      },
      {
        what: "a need that is no number",
        rule: "groups-survive-the-loss-of-a-zone",
        change: change(GROUP, { tags: needs("four") }),
      },
      { what: "no need", rule: "groups-survive-the-loss-of-a-zone", change: change(GROUP, { tags: [] }) },
      {
        what: "checks by EC2 alone",
        rule: "unhealthy-targets-are-replaced",
        change: change(GROUP, { healthCheckType: "EC2" }),
      },
      {
        what: "no checks named",
        rule: "unhealthy-targets-are-replaced",
        change: change(GROUP, { healthCheckType: undefined }),
      },
    ],
  },
  {
    what: "a group that nothing scales, attached to a balancer by resources of their own",
    sound: [
      ...SUBNETS,
      make(TARGETS, "api-targets", { port: 8080, protocol: "HTTP", vpcId: ref("main") }),
      make(GROUP, "api-group", { minSize: 2, maxSize: 8, desiredCapacity: 3, vpcZoneIdentifiers: ALL, healthCheckType: "ELB" }), // prettier-ignore
      make("aws:autoscaling/attachment:Attachment", "api-attachment", {
        autoscalingGroupName: ref("api-group"),
        lbTargetGroupArn: ref("api-targets", "arn"),
      }),
      make("aws:autoscaling/tag:Tag", "api-need", {
        autoscalingGroupName: ref("api-group"),
        tag: { key: NEED, value: "2", propagateAtLaunch: false },
      }),
    ],
    broken: [
      {
        what: "no need",
        rule: "groups-survive-the-loss-of-a-zone",
        change: without("aws:autoscaling/tag:Tag"),
      },
      {
        what: "a schedule that takes instances away",
        rule: "groups-survive-the-loss-of-a-zone",
        change: (sound) => [
          ...sound,
          make("aws:autoscaling/schedule:Schedule", "nights", { autoscalingGroupName: ref("api-group") }),
        ],
      },
      {
        what: "checks by EC2 alone",
        rule: "unhealthy-targets-are-replaced",
        change: change(GROUP, { healthCheckType: "EC2" }),
      },
    ],
  },
  {
    what: "workers that no balancer leads to",
    sound: [...SUBNETS, make(GROUP, "workers", { minSize: 2, maxSize: 6, vpcZoneIdentifiers: ALL })],
    broken: [
      { what: "a group of one", rule: "enough-instances", change: change(GROUP, { minSize: 1 }) },
      { what: "a group that may be empty", rule: "enough-instances", change: change(GROUP, { minSize: 0 }) },
      { what: "a group in one zone", rule: "workloads-span-zones", change: change(GROUP, { vpcZoneIdentifiers: ONE }) },
    ],
  },
  {
    what: "a bastion that lets known ranges in",
    sound: [
      ...PUBLIC,
      make(SECURITY_GROUP, "ssh", {
        vpcId: ref("main"),
        ingress: [{ protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["198.51.100.0/24", "203.0.113.7/32"] }],
      }),
      make(TEMPLATE, "bastion-template", {
        ...HARDENED,
        networkInterfaces: [{ associatePublicIpAddress: "true", securityGroups: [ref("ssh")] }],
      }),
      make(GROUP, "bastion", {
        minSize: 1,
        maxSize: 1,
        vpcZoneIdentifiers: ["a", "b"].map((zone) => ref(`public-${zone}`)),
        launchTemplate: { id: ref("bastion-template") },
      }),
    ],
    broken: [
      {
        what: "everybody let in",
        rule: "internet-reaches-no-instance",
        change: change(SECURITY_GROUP, {
          ingress: [{ protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: ["0.0.0.0/0"] }],
        }),
      },
      {
        what: "a web server by its ports",
        rule: "enough-instances",
        change: change(SECURITY_GROUP, {
          ingress: [{ protocol: "tcp", fromPort: 443, toPort: 443, cidrBlocks: ["198.51.100.0/24"] }],
        }),
      },
      {
        what: "in one zone",
        rule: "workloads-span-zones",
        change: changeNamed("bastion", { vpcZoneIdentifiers: [ref("public-a")] }),
      },
    ],
  },
  {
    what: "servers with public addresses for a partner's ranges, by rules of their own",
    sound: [
      ...PUBLIC,
      make(SECURITY_GROUP, "partner", { vpcId: ref("main") }),
      make("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "partner-in", {
        ...{ securityGroupId: ref("partner"), ipProtocol: "tcp", fromPort: 443, toPort: 443, cidrIpv4: "198.51.100.0/24" },
      }),
      make("aws:ec2/securityGroupRule:SecurityGroupRule", "pings", {
        ...{ securityGroupId: ref("partner"), type: "ingress", protocol: "icmp", fromPort: 8, toPort: 0 },
        cidrBlocks: ["0.0.0.0/0"],
      }),
      make(TEMPLATE, "partner-template", { ...HARDENED, vpcSecurityGroupIds: [ref("partner")] }),
      make(GROUP, "partner-group", {
        minSize: 2,
        maxSize: 4,
        vpcZoneIdentifiers: ["a", "b"].map((zone) => ref(`public-${zone}`)),
        launchTemplate: { id: ref("partner-template") },
      }),
    ].map((r) => (r.name.startsWith("public-") && r.type.endsWith(":Subnet") ? { ...r, props: { ...r.props, mapPublicIpOnLaunch: true } } : r)), // prettier-ignore
    broken: [
      {
        what: "everybody let in",
        rule: "internet-reaches-no-instance",
        change: changeNamed("partner-in", { cidrIpv4: "0.0.0.0/0" }),
      },
      {
        what: "everybody let in by IPv6",
        rule: "internet-reaches-no-instance",
        change: changeNamed("partner-in", { cidrIpv4: undefined, cidrIpv6: "::/0" }),
      },
      {
        what: "half of the internet let in",
        rule: "internet-reaches-no-instance",
        change: changeNamed("pings", { protocol: "udp", fromPort: 53, toPort: 53, cidrBlocks: ["128.0.0.0/1"] }),
      },
    ],
  },
];
