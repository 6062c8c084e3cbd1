import { describe, ec2, ec2Type } from "./ec2Type";
import { arn, Props, REGION, ServiceRecords } from "./record";

const interfaceAttribute = (name: string) => ec2("ModifyNetworkInterfaceAttribute", { of: [name] });

const instanceFilters = (p: Props) => [
  ...(p["filters"] ?? []).map((f: Props) => ({ Name: f["name"], Values: f["values"] })),
  ...Object.entries<string>(p["instanceTags"] ?? {}).map(([tag, value]) => ({ Name: `tag:${tag}`, Values: [value] })),
  { Name: "instance-state-name", Values: p["instanceStateNames"] ?? ["running"] },
];

function withoutOwnTags(version: Props | undefined): Props | undefined {
  const data = version?.["LaunchTemplateData"];
  const TagSpecifications = data?.TagSpecifications?.filter((t: Props) => t["ResourceType"] !== "launch-template");
  return version && { ...version, LaunchTemplateData: { ...data, TagSpecifications } };
}

/** EC2's machines: interfaces, addresses, launch templates. Its network is in `vpc.ts`. */
export const records: ServiceRecords = {
  resources: {
    "aws:ec2/networkInterface:NetworkInterface": ec2Type("network-interface", {
      key: { id: "NetworkInterfaceId" },
      names: { securityGroups: "Groups" },
      defaults: { sourceDestCheck: true },
      create: [
        ec2("CreateNetworkInterface", {
          outputs: { id: "NetworkInterface.NetworkInterfaceId", privateIp: "NetworkInterface.PrivateIpAddress" },
        }),
      ],
      update: [interfaceAttribute("description"), interfaceAttribute("securityGroups")],
      settings: [interfaceAttribute("sourceDestCheck")],
      delete: [ec2("DeleteNetworkInterface")],
      read: [
        describe("DescribeNetworkInterfaces", "NetworkInterfaces.0", {
          as: ({ NetworkInterfaces: [one] }) => one && { ...one, Groups: one.Groups?.map((g: Props) => g["GroupId"]) },
        }),
      ],
      replaceOn: ["subnetId"],
    }),
    "aws:ec2/eip:Eip": ec2Type("elastic-ip", {
      key: { id: "AllocationId" },
      create: [
        ec2("AllocateAddress", { outputs: { id: "AllocationId", allocationId: "AllocationId", publicIp: "PublicIp" } }),
      ],
      settings: [
        ec2("AssociateAddress", {
          of: ["networkInterface"],
          names: { networkInterface: "NetworkInterfaceId", associationId: "AssociationId" },
          with: () => ({ AllowReassociation: true }),
          outputs: { associationId: "AssociationId" },
          undo: "DisassociateAddress",
        }),
      ],
      delete: [ec2("DisassociateAddress", { of: ["associationId"] }), ec2("ReleaseAddress")],
      read: [
        describe("DescribeAddresses", "Addresses.0", {
          names: { networkInterface: "NetworkInterfaceId" },
          outputs: { associationId: "AssociationId" },
        }),
      ],
      replaceOn: ["domain"],
    }),
    "aws:ec2/launchTemplate:LaunchTemplate": ec2Type("launch-template", {
      autoName: "name",
      key: { id: "LaunchTemplateId" },
      within: "LaunchTemplateData",
      names: {
        name: "LaunchTemplateName",
        description: "VersionDescription",
        vpcSecurityGroupIds: "LaunchTemplateData.SecurityGroupIds",
        tagSpecifications: "LaunchTemplateData.TagSpecifications",
        "networkInterfaces.securityGroups": "Groups",
      },
      create: [
        ec2("CreateLaunchTemplate", {
          outputs: { id: "LaunchTemplate.LaunchTemplateId", latestVersion: () => 1, defaultVersion: () => 1 },
        }),
      ],
      update: [
        ec2("CreateLaunchTemplateVersion", {
          // The id says which template; the name beside it would be refused.
          names: { name: "" },
          outputs: { latestVersion: (a) => Number(a.LaunchTemplateVersion.VersionNumber) },
        }),
        ec2("ModifyLaunchTemplate", {
          of: ["updateDefaultVersion"],
          if: (p) => p["updateDefaultVersion"] === true,
          with: (p) => ({ DefaultVersion: String(p["latestVersion"]) }),
          outputs: { defaultVersion: (a) => Number(a.LaunchTemplate.DefaultVersionNumber) },
        }),
      ],
      delete: [ec2("DeleteLaunchTemplate")],
      read: [
        describe("DescribeLaunchTemplateVersions", "LaunchTemplateVersions.0", {
          with: () => ({ Versions: ["$Latest"] }),
          // moto mixes up the tags of the template with those of what is launched from it.
          as: ({ LaunchTemplateVersions: [version] }) => withoutOwnTags(version),
          outputs: { latestVersion: (v) => Number(v.VersionNumber) },
        }),
        describe("DescribeLaunchTemplates", "LaunchTemplates.0", {
          of: ["tags"],
          outputs: { defaultVersion: (t) => Number(t.DefaultVersionNumber) },
        }),
      ],
      replaceOn: ["name"],
    }),
  },
  functions: {
    "aws:ec2/getInstances:getInstances": {
      call: ec2("DescribeInstances", {
        of: [],
        with: (p) => ({ Filters: instanceFilters(p) }),
      }),
      answer: (a) => {
        const instances = a.Reservations.flatMap((r: Props) => r["Instances"]);
        return { id: REGION, ids: instances.map((i: Props) => i["InstanceId"]) };
      },
    },
    "aws:ec2/getInstance:getInstance": {
      call: ec2("DescribeInstances"),
      answer: ({ Reservations: [{ Instances: [instance] = [] }] }) => ({
        id: instance.InstanceId,
        arn: arn("ec2", `instance/${instance.InstanceId}`),
        privateIp: instance.PrivateIpAddress,
        monitoring: instance.Monitoring?.State !== "disabled",
        instanceState: instance.State.Name,
      }),
    },
    "aws:ec2/getSubnet:getSubnet": {
      call: ec2("DescribeSubnets", { names: { id: "SubnetIds" } }),
      answer: ({ Subnets: [subnet] }) => ({ id: subnet.SubnetId, vpcId: subnet.VpcId }),
    },
  },
};
