import { PolicyResource } from "@pulumi/policy";
import { make, ref } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph, GROUP, INTERNET_GATEWAY, LAUNCH_TEMPLATE, ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET } from "../core/graph"; // prettier-ignore
import { Rule } from "../core/rule";
import { known, UNKNOWN } from "../core/unknown";
import { hasPublicAddress, publicTasks, SecurityGroups, securityGroupsOf, Workload, workloads } from "./addresses";
import { described, isInternet, openingsOf, SECURITY_GROUP } from "./openings";

const AROUND = [
  make("aws:ec2/vpc:Vpc", "main", { cidrBlock: "10.0.0.0/16" }),
  make(INTERNET_GATEWAY, "internet", { vpcId: ref("main") }),
  make(ROUTE_TABLE, "public", { vpcId: ref("main") }),
  make(ROUTE, "out", { routeTableId: ref("public"), destinationCidrBlock: "0.0.0.0/0", gatewayId: ref("internet") }),
  ...["a", "b"].flatMap((zone) => [
    make(SUBNET, `public-${zone}`, { vpcId: ref("main"), availabilityZone: `us-east-1${zone}` }),
    make(ROUTE_TABLE_ASSOCIATION, `association-${zone}`, {
      subnetId: ref(`public-${zone}`),
      routeTableId: ref("public"),
    }),
  ]),
];
const bastion = (range: string) => [
  ...AROUND,
  make(SECURITY_GROUP, "ssh", {
    vpcId: ref("main"),
    ingress: [{ protocol: "tcp", fromPort: 22, toPort: 22, cidrBlocks: [range] }],
  }),
  make(LAUNCH_TEMPLATE, "bastion", {
    metadataOptions: { httpTokens: "required" },
    networkInterfaces: [{ associatePublicIpAddress: "true", securityGroups: [ref("ssh")] }],
  }),
  make(GROUP, "bastion-group", {
    minSize: 1,
    maxSize: 1,
    vpcZoneIdentifiers: [ref("public-a"), ref("public-b")],
    launchTemplate: { id: ref("bastion") },
  }),
];

/** Only a load balancer, and for known ranges a bastion, can be reached from outside. */
export const internetReachesNoInstance: Rule = {
  name: "internet-reaches-no-instance",
  what: "No instance, task or database can be reached from the whole internet; a bastion admits the ranges that need it.",
  why: "What has a public address and lets everybody in is tried by everybody within minutes; a load balancer takes requests for it in every zone, and answers when an instance is gone.",
  mend: "Put it in private subnets behind a load balancer; of a bastion's security group, name the ranges that may log on, or use Session Manager, which needs none.",
  pages: [
    "https://docs.aws.amazon.com/wellarchitected/latest/security-pillar/sec_network_protection_create_layers.html",
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html",
  ],
  examples: { fails: bastion("0.0.0.0/0"), passes: bastion("198.51.100.0/24") },
  find: (graph: Graph) => [
    ...workloads(graph).flatMap((one) => reached(graph, one)),
    ...publicTasks(graph).flatMap(({ service, groups }) => admitted(graph, service, groups)),
    ...publicDatabases(graph),
  ],
};

function reached(graph: Graph, one: Workload): Finding[] {
  return hasPublicAddress(graph, one) ? admitted(graph, one.workload, securityGroupsOf(graph, one)) : [];
}

/** Whom something with a public address lets in. */
function admitted(graph: Graph, { name, urn }: PolicyResource, { own, foreign }: SecurityGroups): Finding[] {
  const judged = own.map((securityGroup) => [securityGroup, openingsOf(graph, securityGroup)] as const);
  const open = judged.flatMap(([securityGroup, openings]) =>
    (openings === UNKNOWN ? [] : openings)
      // Pings and the packets that tell of a path's size let nobody in.
      .filter((opening) => !/^(icmp|icmpv6|1|58)$/.test(opening.protocol) && opening.ranges.some(isInternet))
      .map((opening) => {
        const ranges = opening.ranges.filter(isInternet).join(" and ");
        return `security group ${securityGroup.name} lets ${ranges} in to ${described(opening)}`;
      }),
  );
  if (open.length > 0) {
    const message = `${name} has a public address and can be reached by everybody: ${open.join("; ")}: name the ranges that need it, or put a load balancer in front of private subnets`;
    return [{ message, urn }];
  }
  const unclear = [
    ...foreign.map((id) => `${id} isn't this stack's: read it by aws.ec2.SecurityGroup.get`),
    ...judged
      .filter(([, openings]) => openings === UNKNOWN)
      .map(([securityGroup]) => `ingress of ${securityGroup.name} isn't known before the update`),
  ];
  return unclear.length === 0
    ? []
    : [undetermined(`whom ${name} lets in at its public address can't be determined: ${unclear.join("; ")}`, urn)];
}

/** Databases have a switch of their own. */
const DATABASES: Readonly<Record<string, string>> = {
  "aws:rds/instance:Instance": "database",
  "aws:rds/clusterInstance:ClusterInstance": "database instance",
  "aws:redshift/cluster:Cluster": "Redshift cluster",
  "aws:dms/replicationInstance:ReplicationInstance": "replication instance",
};

function publicDatabases(graph: Graph): Finding[] {
  return Object.entries(DATABASES).flatMap(([type, what]) =>
    graph
      .ofType(type)
      .filter(({ props }) => known(() => props["publiclyAccessible"]) === true)
      .map(({ name, urn }) => ({
        message: `${what} ${name} has publiclyAccessible true: set it to false`,
        urn,
      })),
  );
}
