import { client, Props, reader, REGION, ServiceRecords } from "./record";

const route53 = client("route-53");
const read = reader("route-53");

/** The first VPC makes a zone private; the others join it. */
const vpc = (one: Props | undefined, region: string) =>
  one && { VPCId: one["vpcId"], VPCRegion: one["vpcRegion"] ?? region };

const tagged = (p: Props, olds: Props) => ({
  ResourceType: "hostedzone",
  AddTags: Object.entries(p["tags"] ?? {}).map(([Key, Value]) => ({ Key, Value })),
  RemoveTagKeys: Object.keys(olds["tags"] ?? {}).filter((name) => !(name in (p["tags"] ?? {}))),
});

export const records: ServiceRecords = {
  resources: {
    "aws:route53/zone:Zone": {
      key: { zoneId: "Id" },
      defaults: { comment: "Managed by Pulumi", forceDestroy: false },
      create: [
        route53("CreateHostedZone", {
          takes: ["comment", "vpcs", "tags"],
          with: (p) => ({
            CallerReference: `${p["__name"]}-${Date.now()}`,
            HostedZoneConfig: { Comment: p["comment"], PrivateZone: p["vpcs"] !== undefined },
            VPC: vpc(p["vpcs"]?.[0], p["region"] ?? REGION),
          }),
          outputs: {
            zoneId: ({ HostedZone: { Id } }) => Id.split("/").pop(),
            nameServers: "DelegationSet.NameServers",
          },
        }),
      ],
      update: [route53("UpdateHostedZoneComment", { of: ["comment"] })],
      settings: [
        route53("ChangeTagsForResource", {
          of: ["tags"],
          takes: ["tags"],
          names: { zoneId: "ResourceId" },
          with: (p, _, olds) => tagged(p, olds),
        }),
      ],
      delete: [route53("DeleteHostedZone")],
      read: [
        read("GetHostedZone", "HostedZone", {
          names: { comment: "Config.Comment" },
          also: ({ Name }, p) => ({ name: Name === `${p["name"]}.` ? p["name"] : Name }),
        }),
        read("ListTagsForResource", "ResourceTagSet", {
          of: ["tags"],
          names: { zoneId: "ResourceId" },
          with: () => ({ ResourceType: "hostedzone" }),
        }),
      ],
      outputs: { id: (p) => p["zoneId"], arn: (p) => `arn:aws:route53:::hostedzone/${p["zoneId"]}` },
      replaceOn: ["name"],
      notApplied: { forceDestroy: "the provider's own: whether it deletes the zone's records first" },
      notRead: { vpcs: "moto doesn't say" },
    },
  },
};
