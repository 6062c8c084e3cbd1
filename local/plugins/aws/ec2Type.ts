import { arn, client, reader, ResourceRecord } from "./record";

export const ec2 = client("ec2");
export const describe = reader("ec2");

/** A type that EC2 knows by id, ARN and tags. */
export function ec2Type(tagAs: string, record: ResourceRecord): ResourceRecord {
  return {
    tagAs,
    tagging: { service: "ec2", set: "CreateTags", unset: "DeleteTags", key: { id: "Resources" } },
    ...record,
    outputs: { arn: (p) => arn("ec2", `${tagAs}/${p["id"]}`, p["region"]), ...record.outputs },
  };
}
