import { isDeepStrictEqual } from "node:util";
import { Props } from "./record";

/** A security group's rules, as Pulumi has them, as EC2 takes them. */
export function permissionsOf(rules: readonly Props[] | undefined, groupId: string) {
  return (rules ?? []).map((rule) => {
    const described = (field: string, values: string[] | undefined) =>
      values?.map((value) => ({ [field]: value, Description: rule["description"] }));
    return {
      IpProtocol: rule["protocol"],
      FromPort: rule["fromPort"],
      ToPort: rule["toPort"],
      IpRanges: described("CidrIp", rule["cidrBlocks"]),
      Ipv6Ranges: described("CidrIpv6", rule["ipv6CidrBlocks"]),
      PrefixListIds: described("PrefixListId", rule["prefixListIds"]),
      UserIdGroupPairs: described("GroupId", [...(rule["securityGroups"] ?? []), ...(rule["self"] ? [groupId] : [])]),
    };
  });
}

/** What EC2 says of a group's rules, as Pulumi has them: as they were, if they say the same. */
export function rulesOf(permissions: readonly Props[], were: readonly Props[] | undefined, groupId: string): Props[] {
  const found = permissions.flatMap((p) => single(p));
  const known = permissionsOf(were, groupId).flatMap((p) => single(p));
  const sorted = (rules: readonly Props[]) => rules.map((r) => JSON.stringify(r)).sort();
  return isDeepStrictEqual(sorted(found), sorted(known)) && were !== undefined ? [...were] : found;
}

/** One rule for each source of a permission. */
function single(permission: Props): Props[] {
  const { IpProtocol, FromPort = 0, ToPort = 0 } = permission;
  const ports = IpProtocol === "-1" ? { fromPort: 0, toPort: 0 } : { fromPort: FromPort, toPort: ToPort };
  const sources: readonly [list: string, field: string, property: string][] = [
    ["IpRanges", "CidrIp", "cidrBlocks"],
    ["Ipv6Ranges", "CidrIpv6", "ipv6CidrBlocks"],
    ["PrefixListIds", "PrefixListId", "prefixListIds"],
    ["UserIdGroupPairs", "GroupId", "securityGroups"],
  ];
  return sources.flatMap(([list, field, property]) =>
    (permission[list] ?? []).map((source: Props) => ({
      protocol: IpProtocol,
      ...ports,
      [property]: [source[field]],
      ...(source["Description"] ? { description: source["Description"] } : {}),
    })),
  );
}
