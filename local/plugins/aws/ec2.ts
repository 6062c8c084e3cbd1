import { arn, client, Props, REGION, ServiceRecords, tagList } from "./record";

const ec2 = client("ec2");

const tagged = (ResourceType: string, props: Props) =>
  props["tags"] ? { TagSpecifications: [{ ResourceType, Tags: tagList(props["tags"]) }] } : {};

const permissions = (rules: Props[] | undefined) =>
  (rules ?? []).map((rule) => ({
    IpProtocol: rule["protocol"],
    FromPort: rule["fromPort"],
    ToPort: rule["toPort"],
    IpRanges: (rule["cidrBlocks"] ?? []).map((CidrIp: string) => ({ CidrIp, Description: rule["description"] })),
    UserIdGroupPairs: (rule["securityGroups"] ?? []).map((GroupId: string) => ({ GroupId })),
  }));

const routeTarget = (p: Props) => ({
  RouteTableId: p["routeTableId"],
  DestinationCidrBlock: p["destinationCidrBlock"],
  GatewayId: p["gatewayId"],
  NetworkInterfaceId: p["networkInterfaceId"],
  NatGatewayId: p["natGatewayId"],
});

const launchTemplateData = (p: Props) => ({
  ImageId: p["imageId"],
  InstanceType: p["instanceType"],
  UserData: p["userData"],
  IamInstanceProfile: p["iamInstanceProfile"] && { Arn: p["iamInstanceProfile"].arn },
  SecurityGroupIds: p["vpcSecurityGroupIds"],
  MetadataOptions: p["metadataOptions"] && {
    HttpTokens: p["metadataOptions"].httpTokens,
    HttpEndpoint: p["metadataOptions"].httpEndpoint,
    HttpPutResponseHopLimit: p["metadataOptions"].httpPutResponseHopLimit,
  },
});

const instanceFilters = (p: Props) => [
  ...(p["filters"] ?? []).map((f: Props) => ({ Name: f["name"], Values: f["values"] })),
  ...Object.entries<string>(p["instanceTags"] ?? {}).map(([tag, value]) => ({ Name: `tag:${tag}`, Values: [value] })),
  { Name: "instance-state-name", Values: p["instanceStateNames"] ?? ["running"] },
];

export const records: ServiceRecords = {
  resources: {
    "aws:ec2/vpc:Vpc": {
      create: [
        ec2(
          "CreateVpc",
          (p) => ({ CidrBlock: p["cidrBlock"], ...tagged("vpc", p) }),
          (a) => ({
            id: a.Vpc.VpcId,
            arn: arn("ec2", `vpc/${a.Vpc.VpcId}`),
          }),
        ),
      ],
      delete: [ec2("DeleteVpc", (p) => ({ VpcId: p["id"] }))],
      replaceOn: ["cidrBlock"],
    },
    "aws:ec2/subnet:Subnet": {
      create: [
        ec2(
          "CreateSubnet",
          (p) => ({
            VpcId: p["vpcId"],
            CidrBlock: p["cidrBlock"],
            AvailabilityZone: p["availabilityZone"],
            ...tagged("subnet", p),
          }),
          (a) => ({ id: a.Subnet.SubnetId, arn: arn("ec2", `subnet/${a.Subnet.SubnetId}`) }),
        ),
        ec2("ModifySubnetAttribute", (p) =>
          p["mapPublicIpOnLaunch"] ? { SubnetId: p["id"], MapPublicIpOnLaunch: { Value: true } } : undefined,
        ),
      ],
      delete: [ec2("DeleteSubnet", (p) => ({ SubnetId: p["id"] }))],
      replaceOn: ["vpcId", "cidrBlock", "availabilityZone"],
    },
    "aws:ec2/internetGateway:InternetGateway": {
      create: [
        ec2(
          "CreateInternetGateway",
          (p) => tagged("internet-gateway", p),
          (a) => ({
            id: a.InternetGateway.InternetGatewayId,
            arn: arn("ec2", `internet-gateway/${a.InternetGateway.InternetGatewayId}`),
          }),
        ),
        ec2("AttachInternetGateway", (p) => ({ InternetGatewayId: p["id"], VpcId: p["vpcId"] })),
      ],
      delete: [
        ec2("DetachInternetGateway", (p) => ({ InternetGatewayId: p["id"], VpcId: p["vpcId"] })),
        ec2("DeleteInternetGateway", (p) => ({ InternetGatewayId: p["id"] })),
      ],
      replaceOn: ["vpcId"],
    },
    "aws:ec2/routeTable:RouteTable": {
      create: [
        ec2(
          "CreateRouteTable",
          (p) => ({ VpcId: p["vpcId"], ...tagged("route-table", p) }),
          (a) => ({
            id: a.RouteTable.RouteTableId,
            arn: arn("ec2", `route-table/${a.RouteTable.RouteTableId}`),
          }),
        ),
      ],
      delete: [ec2("DeleteRouteTable", (p) => ({ RouteTableId: p["id"] }))],
      replaceOn: ["vpcId"],
    },
    "aws:ec2/routeTableAssociation:RouteTableAssociation": {
      create: [
        ec2(
          "AssociateRouteTable",
          (p) => ({ RouteTableId: p["routeTableId"], SubnetId: p["subnetId"] }),
          (a) => ({ id: a.AssociationId }),
        ),
      ],
      delete: [ec2("DisassociateRouteTable", (p) => ({ AssociationId: p["id"] }))],
      replaceOn: ["routeTableId", "subnetId"],
    },
    "aws:ec2/route:Route": {
      create: [ec2("CreateRoute", routeTarget)],
      outputs: (p) => ({
        id: `r-${p["routeTableId"]}-${p["destinationCidrBlock"]}`,
        state: "active",
        origin: "CreateRoute",
      }),
      update: [ec2("ReplaceRoute", routeTarget)],
      // Somebody else may have moved it: what a refresh finds is what counts.
      read: {
        inputs: ["routeTableId", "destinationCidrBlock", "gatewayId", "networkInterfaceId"],
        steps: [
          ec2(
            "DescribeRouteTables",
            (p) => ({ RouteTableIds: [p["routeTableId"]] }),
            (a, p) => {
              const route = a.RouteTables[0].Routes.find(
                (r: Props) => r["DestinationCidrBlock"] === p["destinationCidrBlock"],
              );
              return p["networkInterfaceId"] ? { networkInterfaceId: route.NetworkInterfaceId } : {};
            },
          ),
        ],
      },
      delete: [
        ec2("DeleteRoute", (p) => ({
          RouteTableId: p["routeTableId"],
          DestinationCidrBlock: p["destinationCidrBlock"],
        })),
      ],
      replaceOn: ["routeTableId", "destinationCidrBlock"],
    },
    "aws:ec2/securityGroup:SecurityGroup": {
      autoName: "name",
      create: [
        ec2(
          "CreateSecurityGroup",
          (p) => ({
            GroupName: p["name"],
            Description: p["description"],
            VpcId: p["vpcId"],
            ...tagged("security-group", p),
          }),
          (a) => ({ id: a.GroupId, arn: arn("ec2", `security-group/${a.GroupId}`) }),
        ),
        ec2("AuthorizeSecurityGroupIngress", (p) =>
          p["ingress"]?.length ? { GroupId: p["id"], IpPermissions: permissions(p["ingress"]) } : undefined,
        ),
      ],
      delete: [ec2("DeleteSecurityGroup", (p) => ({ GroupId: p["id"] }))],
      replaceOn: ["name", "description", "vpcId", "ingress"],
    },
    "aws:ec2/networkInterface:NetworkInterface": {
      create: [
        ec2(
          "CreateNetworkInterface",
          (p) => ({
            SubnetId: p["subnetId"],
            Description: p["description"],
            Groups: p["securityGroups"],
            ...tagged("network-interface", p),
          }),
          (a) => ({
            id: a.NetworkInterface.NetworkInterfaceId,
            arn: arn("ec2", `network-interface/${a.NetworkInterface.NetworkInterfaceId}`),
            privateIp: a.NetworkInterface.PrivateIpAddress,
          }),
        ),
        ec2("ModifyNetworkInterfaceAttribute", (p) =>
          p["sourceDestCheck"] === false
            ? { NetworkInterfaceId: p["id"], SourceDestCheck: { Value: false } }
            : undefined,
        ),
      ],
      delete: [ec2("DeleteNetworkInterface", (p) => ({ NetworkInterfaceId: p["id"] }))],
      replaceOn: ["subnetId"],
    },
    "aws:ec2/eip:Eip": {
      create: [
        ec2(
          "AllocateAddress",
          (p) => ({ Domain: p["domain"], ...tagged("elastic-ip", p) }),
          (a) => ({
            id: a.AllocationId,
            allocationId: a.AllocationId,
            publicIp: a.PublicIp,
          }),
        ),
        ec2(
          "AssociateAddress",
          (p) =>
            p["networkInterface"] ? { AllocationId: p["id"], NetworkInterfaceId: p["networkInterface"] } : undefined,
          (a) => ({ associationId: a.AssociationId }),
        ),
      ],
      delete: [
        ec2("DisassociateAddress", (p) => (p["associationId"] ? { AssociationId: p["associationId"] } : undefined)),
        ec2("ReleaseAddress", (p) => ({ AllocationId: p["id"] })),
      ],
      replaceOn: ["networkInterface"],
    },
    "aws:ec2/launchTemplate:LaunchTemplate": {
      autoName: "name",
      create: [
        ec2(
          "CreateLaunchTemplate",
          (p) => ({ LaunchTemplateName: p["name"], LaunchTemplateData: launchTemplateData(p) }),
          (a) => ({
            id: a.LaunchTemplate.LaunchTemplateId,
            arn: arn("ec2", `launch-template/${a.LaunchTemplate.LaunchTemplateId}`),
            latestVersion: 1,
            defaultVersion: 1,
          }),
        ),
      ],
      update: [
        ec2(
          "CreateLaunchTemplateVersion",
          (p) => ({ LaunchTemplateId: p["id"], LaunchTemplateData: launchTemplateData(p) }),
          (a) => ({ latestVersion: Number(a.LaunchTemplateVersion.VersionNumber) }),
        ),
      ],
      delete: [ec2("DeleteLaunchTemplate", (p) => ({ LaunchTemplateId: p["id"] }))],
      replaceOn: ["name"],
    },
    "aws:ec2/flowLog:FlowLog": {
      create: [
        ec2(
          "CreateFlowLogs",
          (p) => ({
            ResourceIds: [p["vpcId"]],
            ResourceType: "VPC",
            TrafficType: p["trafficType"],
            LogDestinationType: p["logDestinationType"],
            LogDestination: p["logDestination"],
            DeliverLogsPermissionArn: p["iamRoleArn"],
          }),
          (a) => ({ id: a.FlowLogIds[0], arn: arn("ec2", `vpc-flow-log/${a.FlowLogIds[0]}`) }),
        ),
      ],
      delete: [ec2("DeleteFlowLogs", (p) => ({ FlowLogIds: [p["id"]] }))],
      replaceOn: ["vpcId", "logDestination"],
    },
    "aws:ec2/vpcEndpoint:VpcEndpoint": {
      create: [
        ec2(
          "CreateVpcEndpoint",
          (p) => ({
            VpcId: p["vpcId"],
            ServiceName: p["serviceName"],
            VpcEndpointType: p["vpcEndpointType"],
            RouteTableIds: p["routeTableIds"],
            SubnetIds: p["subnetIds"],
            SecurityGroupIds: p["securityGroupIds"],
            PrivateDnsEnabled: p["privateDnsEnabled"],
          }),
          (a) => ({ id: a.VpcEndpoint.VpcEndpointId, arn: arn("ec2", `vpc-endpoint/${a.VpcEndpoint.VpcEndpointId}`) }),
        ),
      ],
      delete: [ec2("DeleteVpcEndpoints", (p) => ({ VpcEndpointIds: [p["id"]] }))],
      replaceOn: ["vpcId", "serviceName"],
    },
  },
  functions: {
    "aws:ec2/getInstances:getInstances": [
      ec2(
        "DescribeInstances",
        (p) => ({ Filters: instanceFilters(p) }),
        (a) => {
          const instances = a.Reservations.flatMap((r: Props) => r["Instances"]);
          return { id: REGION, ids: instances.map((i: Props) => i["InstanceId"]) };
        },
      ),
    ],
    "aws:ec2/getInstance:getInstance": [
      ec2(
        "DescribeInstances",
        (p) => ({ InstanceIds: [p["instanceId"]] }),
        ({ Reservations: [{ Instances: [instance] = [] }] }) => ({
          id: instance.InstanceId,
          arn: arn("ec2", `instance/${instance.InstanceId}`),
          privateIp: instance.PrivateIpAddress,
          monitoring: instance.Monitoring?.State !== "disabled",
          instanceState: instance.State.Name,
        }),
      ),
    ],
    "aws:ec2/getSubnet:getSubnet": [
      ec2(
        "DescribeSubnets",
        (p) => ({ SubnetIds: [p["id"]] }),
        ({ Subnets: [subnet] }) => ({ id: subnet.SubnetId, vpcId: subnet.VpcId }),
      ),
    ],
    "aws:ec2/getLaunchTemplate:getLaunchTemplate": [
      ec2(
        "DescribeLaunchTemplateVersions",
        (p) => ({ LaunchTemplateId: p["id"], LaunchTemplateName: p["name"], Versions: ["$Default"] }),
        ({ LaunchTemplateVersions: [version] }) => ({
          id: version.LaunchTemplateId,
          arn: arn("ec2", `launch-template/${version.LaunchTemplateId}`),
          name: version.LaunchTemplateName,
          imageId: version.LaunchTemplateData.ImageId,
          instanceType: version.LaunchTemplateData.InstanceType,
          iamInstanceProfiles: [],
        }),
      ),
    ],
  },
};
