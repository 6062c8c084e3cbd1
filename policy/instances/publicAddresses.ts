import { make, ref } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { Graph, INSTANCE, INTERNET_GATEWAY, ROUTE, ROUTE_TABLE, ROUTE_TABLE_ASSOCIATION, SUBNET } from "../core/graph";
import { Rule } from "../core/rule";
import { known } from "../core/unknown";
import { asksForPublicAddress, Workload, workloads } from "./addresses";

const VPC = make("aws:ec2/vpc:Vpc", "main", { cidrBlock: "10.0.0.0/16" });
const PRIVATE = make(SUBNET, "private-a", { vpcId: ref("main"), availabilityZone: "us-east-1a" });
const PUBLIC = [
  make(SUBNET, "public-a", { vpcId: ref("main"), availabilityZone: "us-east-1a", mapPublicIpOnLaunch: true }),
  make(INTERNET_GATEWAY, "internet", { vpcId: ref("main") }),
  make(ROUTE_TABLE, "public", { vpcId: ref("main") }),
  make(ROUTE, "out", { routeTableId: ref("public"), destinationCidrBlock: "0.0.0.0/0", gatewayId: ref("internet") }),
  make(ROUTE_TABLE_ASSOCIATION, "public-a", { subnetId: ref("public-a"), routeTableId: ref("public") }),
];
const instance = (subnet: string) =>
  make(INSTANCE, "app", { subnetId: ref(subnet), associatePublicIpAddress: true, imageId: "ami-12c6146b" });

/** What runs outside public subnets has no public address. */
export const publicAddresses: Rule = {
  name: "private-workloads-have-no-public-ip",
  what: "What runs outside public subnets has no public IP address.",
  why: "Where no route leads to an internet gateway, a public address serves nothing and costs money; one changed route later, it is open to the internet.",
  mend: "Set `associatePublicIpAddress` and the subnet's `mapPublicIpOnLaunch` to `false`.",
  pages: ["https://docs.aws.amazon.com/vpc/latest/userguide/configure-subnets.html"],
  examples: {
    fails: [VPC, PRIVATE, instance("private-a")],
    passes: [VPC, ...PUBLIC, instance("public-a")],
  },
  find: (graph: Graph) => [...givingSubnets(graph), ...askingWorkloads(graph)],
};

function givingSubnets(graph: Graph): Finding[] {
  return graph
    .ofType(SUBNET)
    .filter((s) => !graph.isPublic(s) && isTrue(() => s.props["mapPublicIpOnLaunch"]))
    .map((s) => ({
      message: `subnet ${s.name} has no route to an internet gateway but gives instances public addresses: set mapPublicIpOnLaunch to false`,
      urn: s.urn,
    }));
}

function askingWorkloads(graph: Graph): Finding[] {
  return workloads(graph)
    .filter(({ template }) => asksForPublicAddress(template) === true)
    .flatMap((one) => exposed(graph, one));
}

function exposed(graph: Graph, { workload, subnets }: Workload): Finding[] {
  const privatePlaces = subnets.filter((s) => !graph.isPublic(s));
  if (subnets.length === 0) {
    const message = `${workload.name} asks for a public address, but whether its subnets are public can't be determined: read them by aws.ec2.Subnet.get, or set associatePublicIpAddress to false`;
    return [undetermined(message, workload.urn)];
  }
  const where = privatePlaces.map((s) => s.name).join(", ");
  const message = `${workload.name} runs in ${where} but asks for a public address: set associatePublicIpAddress to false`;
  return privatePlaces.length === 0 ? [] : [{ message, urn: workload.urn }];
}

const isTrue = (get: () => unknown) => String(known(get)) === "true";
