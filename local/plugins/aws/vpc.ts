import { describe, ec2, ec2Type } from "./ec2Type";
import { Props, ServiceRecords } from "./record";
import { permissionsOf, rulesOf } from "./securityGroupRules";

const ANYWHERE = [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"] }];

/** The calls that make a group's rules of one direction what they shall be. */
const rules = (direction: "Ingress" | "Egress") => {
  const property = direction.toLowerCase();
  const IpPermissions = (p: Props) => ({ IpPermissions: permissionsOf(p[property], p["id"]) });
  return {
    revoke: ec2(`RevokeSecurityGroup${direction}`, { of: [property], with: IpPermissions, takesBack: true }),
    authorize: ec2(`AuthorizeSecurityGroup${direction}`, { of: [property], with: IpPermissions }),
  };
};

const vpcAttribute = (name: string) => ec2("ModifyVpcAttribute", { of: [name] });
const subnetAttribute = (name: string) => ec2("ModifySubnetAttribute", { of: [name] });

/** The changes of a list that EC2 wants to be told one by one. */
const listChanges = (olds: Props, news: Props, property: string, field: string) => {
  const [was, is]: string[][] = [olds[property] ?? [], news[property] ?? []];
  const added = is?.filter((id) => !was?.includes(id)) ?? [];
  const removed = was?.filter((id) => !is?.includes(id)) ?? [];
  return {
    ...(added.length > 0 ? { [`Add${field}`]: added } : {}),
    ...(removed.length > 0 ? { [`Remove${field}`]: removed } : {}),
  };
};

/** No rules are what there is where none were given: only others are drift. */
const unlessNone = (rules: Props[], given: unknown) => (rules.length > 0 || given !== undefined ? rules : undefined);

/** EC2's network. */
export const records: ServiceRecords = {
  resources: {
    "aws:ec2/vpc:Vpc": ec2Type("vpc", {
      key: { id: "VpcId" },
      defaults: { enableDnsSupport: true, instanceTenancy: "default" },
      unset: { enableDnsHostnames: false },
      create: [ec2("CreateVpc", { outputs: { id: "Vpc.VpcId" } })],
      settings: [vpcAttribute("enableDnsHostnames"), vpcAttribute("enableDnsSupport")],
      delete: [ec2("DeleteVpc")],
      read: [
        describe("DescribeVpcs", "Vpcs.0"),
        describe("DescribeVpcAttribute", "", {
          with: () => ({ Attribute: "enableDnsHostnames" }),
          of: ["enableDnsHostnames"],
        }),
        describe("DescribeVpcAttribute", "", {
          with: () => ({ Attribute: "enableDnsSupport" }),
          of: ["enableDnsSupport"],
        }),
      ],
      // awsx derives its subnets' ranges from this one, and compares it.
      outputs: { ipv6CidrBlock: () => "" },
      replaceOn: ["cidrBlock", "instanceTenancy"],
    }),
    "aws:ec2/subnet:Subnet": ec2Type("subnet", {
      key: { id: "SubnetId" },
      defaults: { mapPublicIpOnLaunch: false, assignIpv6AddressOnCreation: false },
      create: [ec2("CreateSubnet", { outputs: { id: "Subnet.SubnetId" } })],
      settings: [
        ...["mapPublicIpOnLaunch", "assignIpv6AddressOnCreation", "enableLniAtDeviceIndex"].map(subnetAttribute),
      ],
      delete: [ec2("DeleteSubnet")],
      read: [describe("DescribeSubnets", "Subnets.0")],
      replaceOn: ["vpcId", "cidrBlock", "availabilityZone", "outpostArn"],
      notRead: { outpostArn: "moto doesn't keep it", enableLniAtDeviceIndex: "moto doesn't keep it" },
    }),
    "aws:ec2/internetGateway:InternetGateway": ec2Type("internet-gateway", {
      key: { id: "InternetGatewayId" },
      create: [ec2("CreateInternetGateway", { outputs: { id: "InternetGateway.InternetGatewayId" } })],
      update: [ec2("DetachInternetGateway", { of: ["vpcId"], takesBack: true })],
      settings: [ec2("AttachInternetGateway", { of: ["vpcId"] })],
      delete: [ec2("DetachInternetGateway", { of: ["vpcId"] }), ec2("DeleteInternetGateway")],
      read: [describe("DescribeInternetGateways", "InternetGateways.0", { names: { vpcId: "Attachments.0.VpcId" } })],
    }),
    "aws:ec2/routeTable:RouteTable": ec2Type("route-table", {
      key: { id: "RouteTableId" },
      create: [ec2("CreateRouteTable", { outputs: { id: "RouteTable.RouteTableId" } })],
      delete: [ec2("DeleteRouteTable")],
      read: [describe("DescribeRouteTables", "RouteTables.0")],
      replaceOn: ["vpcId"],
    }),
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {
      // Another table gives the association another id; what the resource is called stays.
      key: { associationId: "AssociationId" },
      create: [ec2("AssociateRouteTable", { outputs: { id: "AssociationId", associationId: "AssociationId" } })],
      update: [ec2("ReplaceRouteTableAssociation", { outputs: { associationId: "NewAssociationId" } })],
      delete: [ec2("DisassociateRouteTable")],
      read: [
        describe("DescribeRouteTables", "RouteTables.0.Associations.0", {
          with: (p) => ({
            Filters: [{ Name: "association.route-table-association-id", Values: [p["associationId"]] }],
          }),
          as: (a, p) =>
            a.RouteTables[0]?.Associations.find((one: Props) => one["RouteTableAssociationId"] === p["associationId"]),
        }),
      ],
      replaceOn: ["subnetId"],
    },
    "aws:ec2/route:Route": {
      key: { routeTableId: "RouteTableId", destinationCidrBlock: "DestinationCidrBlock" },
      create: [ec2("CreateRoute")],
      update: [ec2("ReplaceRoute")],
      delete: [ec2("DeleteRoute")],
      // Somebody else may have moved it: what a refresh finds is what counts.
      read: [
        describe("DescribeRouteTables", "RouteTables.0.Routes.0", {
          as: (a, p) =>
            a.RouteTables[0]?.Routes.find((r: Props) => r["DestinationCidrBlock"] === p["destinationCidrBlock"]),
        }),
      ],
      outputs: {
        id: (p) => `r-${p["routeTableId"]}-${p["destinationCidrBlock"]}`,
        state: () => "active",
        origin: () => "CreateRoute",
      },
      replaceOn: ["routeTableId", "destinationCidrBlock"],
    },
    // There with its VPC: it is taken over, which removes its rules, and let go.
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": ec2Type("security-group", {
      key: { id: "GroupId" },
      create: [
        ec2("DescribeSecurityGroups", {
          of: ["vpcId"],
          takes: ["vpcId"],
          with: ({ vpcId }) => ({
            Filters: [
              { Name: "vpc-id", Values: [vpcId] },
              { Name: "group-name", Values: ["default"] },
            ],
          }),
          outputs: { id: "SecurityGroups.0.GroupId" },
        }),
        // moto's admits nothing to begin with.
        ec2("RevokeSecurityGroupEgress", {
          of: ["vpcId"],
          takes: ["vpcId"],
          with: (p) => ({ IpPermissions: permissionsOf(ANYWHERE, p["id"]) }),
        }),
      ],
      settings: [rules("Ingress").authorize, rules("Egress").authorize],
      delete: [],
      read: [
        describe("DescribeSecurityGroups", "SecurityGroups.0", {
          of: ["vpcId", "tags"],
          also: (group, p) => ({
            ingress: unlessNone(rulesOf(group.IpPermissions, p["ingress"] ?? [], p["id"]), p["ingress"]),
            egress: unlessNone(rulesOf(group.IpPermissionsEgress, p["egress"] ?? [], p["id"]), p["egress"]),
          }),
        }),
      ],
      replaceOn: ["vpcId"],
    }),
    "aws:ec2/securityGroup:SecurityGroup": ec2Type("security-group", {
      autoName: "name",
      key: { id: "GroupId" },
      names: { name: "GroupName" },
      defaults: { description: "Managed by Pulumi" },
      create: [
        ec2("CreateSecurityGroup", { outputs: { id: "GroupId" } }),
        // EC2 lets a new group out anywhere; the provider takes that back, whatever is asked for.
        ec2("RevokeSecurityGroupEgress", {
          names: { name: "" },
          with: (p) => ({ IpPermissions: permissionsOf(ANYWHERE, p["id"]) }),
        }),
      ],
      update: [rules("Ingress").revoke, rules("Egress").revoke],
      settings: [rules("Ingress").authorize, rules("Egress").authorize],
      delete: [ec2("DeleteSecurityGroup")],
      read: [
        describe("DescribeSecurityGroups", "SecurityGroups.0", {
          also: (group, p) => ({
            ingress: p["ingress"] && rulesOf(group.IpPermissions, p["ingress"], p["id"]),
            egress: p["egress"] && rulesOf(group.IpPermissionsEgress, p["egress"], p["id"]),
          }),
        }),
      ],
      replaceOn: ["name", "description", "vpcId"],
    }),
    "aws:ec2/flowLog:FlowLog": ec2Type("vpc-flow-log", {
      key: { id: "FlowLogIds" },
      names: { vpcId: "ResourceIds", iamRoleArn: "DeliverLogsPermissionArn" },
      create: [ec2("CreateFlowLogs", { with: () => ({ ResourceType: "VPC" }), outputs: { id: "FlowLogIds.0" } })],
      delete: [ec2("DeleteFlowLogs")],
      read: [describe("DescribeFlowLogs", "FlowLogs.0", { names: { vpcId: "ResourceId" } })],
      replaceOn: [
        "vpcId",
        "trafficType",
        "logDestination",
        "logDestinationType",
        "logFormat",
        "iamRoleArn",
        "maxAggregationInterval",
      ],
    }),
    "aws:ec2/vpcEndpoint:VpcEndpoint": ec2Type("vpc-endpoint", {
      key: { id: "VpcEndpointId" },
      names: { policy: "PolicyDocument" },
      defaults: { vpcEndpointType: "Gateway" },
      unset: { privateDnsEnabled: false },
      create: [ec2("CreateVpcEndpoint", { outputs: { id: "VpcEndpoint.VpcEndpointId" } })],
      update: [
        ec2("ModifyVpcEndpoint", {
          takes: ["routeTableIds", "subnetIds", "securityGroupIds"],
          with: (p, _, olds) => ({
            ...listChanges(olds, p, "routeTableIds", "RouteTableIds"),
            ...listChanges(olds, p, "subnetIds", "SubnetIds"),
            ...listChanges(olds, p, "securityGroupIds", "SecurityGroupIds"),
          }),
        }),
      ],
      delete: [ec2("DeleteVpcEndpoints")],
      read: [
        describe("DescribeVpcEndpoints", "VpcEndpoints.0", {
          names: { securityGroupIds: "Groups" },
          as: ({ VpcEndpoints: [one] }) => one && { ...one, Groups: one.Groups?.map((g: Props) => g["GroupId"]) },
        }),
      ],
      replaceOn: ["vpcId", "serviceName", "vpcEndpointType"],
    }),
  },
};
