import { describe, ec2, ec2Type } from "./ec2Type";
import { Props, ServiceRecords } from "./record";

/** EC2 wants protocols by their numbers, of which these have names. */
const PROTOCOLS: Readonly<Record<string, string>> = { tcp: "6", udp: "17", icmp: "1", all: "-1" };

const entry = (Egress: boolean, rule: Props) => ({
  Egress,
  RuleNumber: rule["ruleNo"] ?? rule["ruleNumber"],
  RuleAction: rule["action"] ?? rule["ruleAction"],
  Protocol: PROTOCOLS[rule["protocol"]] ?? rule["protocol"],
  CidrBlock: rule["cidrBlock"],
  Ipv6CidrBlock: rule["ipv6CidrBlock"],
  PortRange: { From: rule["fromPort"], To: rule["toPort"] },
  IcmpTypeCode: rule["icmpType"] === undefined ? undefined : { Type: rule["icmpType"], Code: rule["icmpCode"] },
});

/** The calls that make a list's rules of one direction what they shall be. */
const rules = (property: "ingress" | "egress") => {
  const entries = (p: Props) => (p[property] ?? []).map((rule: Props) => entry(property === "egress", rule));
  const numbers = (p: Props) => entries(p).map(({ Egress, RuleNumber }: Props) => ({ Egress, RuleNumber }));
  const of = { of: [property], takes: [property] };
  return {
    remove: ec2("DeleteNetworkAclEntry", { ...of, each: numbers, takesBack: true }),
    add: ec2("CreateNetworkAclEntry", { ...of, each: entries }),
  };
};

const RULES = [rules("ingress"), rules("egress")];

/** The rule that every list ends with, and that nobody makes. */
const LAST = 32767;

const sorted = (list: readonly Props[]) =>
  list
    .map((one) => JSON.stringify(Object.entries(one).sort()))
    .sort()
    .join();

/** The rules that a list has, as Pulumi has them: as they were, if they say the same. */
function rulesFound(found: Props, property: "ingress" | "egress", { [property]: were = [] }: Props): Props[] {
  const isEgress = property === "egress";
  const own = found["Entries"].filter((one: Props) => one["Egress"] === isEgress && one["RuleNumber"] !== LAST);
  const now: Props[] = own.map((one: Props) => ({
    ruleNo: one["RuleNumber"],
    action: one["RuleAction"],
    protocol: one["Protocol"],
    fromPort: one["PortRange"]?.From ?? 0,
    toPort: one["PortRange"]?.To ?? 0,
    ...(one["CidrBlock"] === undefined ? {} : { cidrBlock: one["CidrBlock"] }),
    ...(one["Ipv6CidrBlock"] === undefined ? {} : { ipv6CidrBlock: one["Ipv6CidrBlock"] }),
  }));
  const known = were.map(({ icmpType: _t, icmpCode: _c, ...one }: Props) => ({
    ...one,
    protocol: PROTOCOLS[one["protocol"]] ?? one["protocol"],
  }));
  return sorted(now) === sorted(known) ? were : now;
}

/** Every subnet is always with some list, of those of its VPC: which, and which of these is the default. */
const look = ec2("DescribeNetworkAcls", {
  of: ["subnetIds"],
  takes: ["subnetIds"],
  with: ({ vpcId }) => ({ NetworkAclIds: undefined, Filters: [{ Name: "vpc-id", Values: [vpcId] }] }),
  outputs: {
    __default: (a) => a.NetworkAcls.find((one: Props) => one["IsDefault"])?.NetworkAclId,
    __associations: (a) => a.NetworkAcls.flatMap((one: Props) => one["Associations"] ?? []),
  },
});

/** Takes the given subnets over, and gives those that aren't given any more back to the default list. */
const associate = (subnetIds: (p: Props) => readonly string[]) =>
  ec2("ReplaceNetworkAclAssociation", {
    of: ["subnetIds"],
    takes: ["subnetIds"],
    each: (p) =>
      p["__associations"].flatMap(({ SubnetId, NetworkAclId: list, NetworkAclAssociationId: AssociationId }: Props) => {
        const isWanted = subnetIds(p).includes(SubnetId);
        const NetworkAclId = isWanted ? p["id"] : p["__default"];
        return isWanted === (list === p["id"]) ? [] : [{ AssociationId, NetworkAclId }];
      }),
  });
const TAKE = [look, associate((p) => p["subnetIds"] ?? [])];
const GIVE_BACK = [look, associate(() => [])];

/** EC2's network ACLs. */
export const records: ServiceRecords = {
  resources: {
    "aws:ec2/networkAcl:NetworkAcl": ec2Type("network-acl", {
      key: { id: "NetworkAclId" },
      create: [ec2("CreateNetworkAcl", { outputs: { id: "NetworkAcl.NetworkAclId" } }), ...TAKE],
      update: [...TAKE, ...RULES.map(({ remove }) => remove)],
      settings: RULES.map(({ add }) => add),
      delete: [...GIVE_BACK, ec2("DeleteNetworkAcl")],
      read: [
        describe("DescribeNetworkAcls", "NetworkAcls.0", {
          names: { id: "NetworkAclIds" },
          of: ["vpcId", "tags"],
          also: (found, p) => ({
            ...(p["ingress"] ? { ingress: rulesFound(found, "ingress", p) } : {}),
            ...(p["egress"] ? { egress: rulesFound(found, "egress", p) } : {}),
            ...(p["subnetIds"] ? { subnetIds: inOrderOf(p["subnetIds"], subnetsOf(found)) } : {}),
          }),
        }),
      ],
      replaceOn: ["vpcId"],
    }),
  },
};

const subnetsOf = (found: Props): string[] => found["Associations"].map((one: Props) => one["SubnetId"]);

const inOrderOf = (were: readonly string[], are: readonly string[]) => [
  ...were.filter((id) => are.includes(id)),
  ...are.filter((id) => !were.includes(id)),
];
