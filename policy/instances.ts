import { ResourceValidationPolicy } from "@pulumi/policy";
import { Finding, Graph, GROUP, INSTANCE, known, knownItems, LAUNCH_TEMPLATE, read, SUBNET, UNKNOWN } from "./graph";

/** Instances answer metadata requests only with a session token (IMDSv2). */
export const imdsv2: ResourceValidationPolicy = {
  name: "instances-require-imdsv2",
  description: "Instances answer metadata requests only with a session token (IMDSv2).",
  validateResource: ({ type, props }, report) => {
    if (type !== LAUNCH_TEMPLATE && type !== INSTANCE) {
      return;
    }
    const tokens = read(() => (props["metadataOptions"] as { httpTokens?: string } | undefined)?.httpTokens);
    if (tokens === UNKNOWN) {
      report('metadataOptions.httpTokens can\'t be known in a preview: set it to "required" literally');
    } else if (tokens !== "required") {
      report(`metadataOptions.httpTokens is ${tokens ?? "not set"}: set it to "required"`);
    }
  },
};

/** Public addresses outside public subnets: on instances, on groups by their launch template, or given by the subnet. */
export function publicAddresses(graph: Graph): Finding[] {
  const subnets = graph
    .ofType(SUBNET)
    .filter((s) => !graph.isPublic(s) && isTrue(() => s.props["mapPublicIpOnLaunch"]));
  const bySubnet = subnets.map((s) => ({
    message: `subnet ${s.name} has no route to an internet gateway but gives instances public addresses: set mapPublicIpOnLaunch to false`,
    urn: s.urn,
  }));
  const workloads = [
    ...graph.ofType(INSTANCE).map((instance) => ({ workload: instance, template: instance, property: "subnetId" })),
    ...graph
      .ofType(GROUP)
      .flatMap((group) =>
        graph
          .referred(group, "launchTemplate", LAUNCH_TEMPLATE)
          .map((template) => ({ workload: group, template, property: "vpcZoneIdentifiers" })),
      ),
  ];
  const byWorkload = workloads.flatMap(({ workload, template, property }) => {
    const places = graph.referred(workload, property, SUBNET);
    const privatePlaces = places.filter((s) => !graph.isPublic(s));
    if (!asksForPublicAddress(template.props) || (places.length > 0 && privatePlaces.length === 0)) {
      return [];
    }
    const where = privatePlaces.map((s) => s.name).join(", ") || "subnets that can't be determined";
    return [
      {
        message: `${workload.name} runs in ${where} but asks for a public address: set associatePublicIpAddress to false`,
        urn: workload.urn,
      },
    ];
  });
  return [...bySubnet, ...byWorkload];
}

/** Of a launch template or an instance. */
function asksForPublicAddress(props: Record<string, unknown>): boolean {
  const interfaces = knownItems(() => props["networkInterfaces"] as Record<string, unknown>[] | undefined);
  return (
    isTrue(() => props["associatePublicIpAddress"]) ||
    interfaces.some((n) => isTrue(() => n["associatePublicIpAddress"]))
  );
}

/** Launch templates say "true" as a text. */
function isTrue(get: () => unknown): boolean {
  return String(known(get)) === "true";
}
