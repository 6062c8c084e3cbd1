import { PolicyResource } from "@pulumi/policy";
import { Graph } from "../core/graph";
import { items, known, knownItems, UNKNOWN } from "../core/unknown";

export const SECURITY_GROUP = "aws:ec2/securityGroup:SecurityGroup";
const RULE = "aws:ec2/securityGroupRule:SecurityGroupRule";
const INGRESS_RULE = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule";

/** What a security group lets in from addresses, other groups left aside. */
export interface Opening {
  /** As AWS has it: `tcp`, `udp`, `-1` for all. */
  readonly protocol: string;
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
  /** One that isn't known yet is some resource's own, so it isn't the whole internet. */
  readonly ranges: readonly string[];
}

/** The openings of a security group, in itself and as resources of their own; `UNKNOWN` if its list of them is. */
export function openingsOf(graph: Graph, group: PolicyResource): readonly Opening[] | typeof UNKNOWN {
  const inline = items(() => group.props["ingress"] as Props[] | undefined);
  // The provider fills an empty list in: unknown in a preview, it is the program's only if it makes it from something.
  if (inline === UNKNOWN && (group.propertyDependencies["ingress"] ?? []).length > 0) {
    return UNKNOWN;
  }
  const blocks = inline === UNKNOWN ? [] : inline.filter((block): block is Props => block !== UNKNOWN);
  const rules = graph
    .referrers(group, RULE, "securityGroupId")
    .filter((rule) => known(() => rule.props["type"]) === "ingress");
  return [
    ...[...blocks, ...rules.map((rule) => rule.props as Props)].map((props) =>
      opening(props, "protocol", ["cidrBlocks", "ipv6CidrBlocks"]),
    ),
    ...graph
      .referrers(group, INGRESS_RULE, "securityGroupId")
      .map(({ props }) => opening(props as Props, "ipProtocol", ["cidrIpv4", "cidrIpv6"])),
  ].filter(({ ranges }) => ranges.length > 0);
}

type Props = Readonly<Record<string, unknown>>;

function opening(props: Props, protocol: string, ranges: readonly string[]): Opening {
  const port = (key: string) => known(() => props[key] as number | undefined);
  return {
    protocol: String(known(() => props[protocol]) ?? "-1").toLowerCase(),
    fromPort: port("fromPort"),
    toPort: port("toPort"),
    ranges: ranges.flatMap((key) => knownItems(() => props[key] as string | string[] | undefined)),
  };
}

/** Shorter prefixes than these take in networks of everybody: no one holds so many addresses. */
const WIDEST = { ipv4: 8, ipv6: 16 };

/** Whether a range is as good as the whole internet. */
export function isInternet(range: string): boolean {
  const [address = "", prefix = ""] = range.split("/");
  return Number(prefix) < (address.includes(":") ? WIDEST.ipv6 : WIDEST.ipv4);
}

/** `tcp 22`, `tcp 8000-8080`, `all traffic`. */
export function described({ protocol, fromPort, toPort }: Opening): string {
  if (["-1", "all"].includes(protocol)) {
    return "all traffic";
  }
  return fromPort === toPort ? `${protocol} ${fromPort ?? ""}`.trim() : `${protocol} ${fromPort}-${toPort}`;
}
