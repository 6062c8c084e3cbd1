import { RedundancyRecord } from "./record";

/** Networks, brokers and directories. */
export const integration: Readonly<Record<string, RedundancyRecord>> = {
  "aws:ec2/vpcEndpoint:VpcEndpoint": {
    what: "endpoint",
    spans: {
      subnets: ["subnetIds", "subnetConfigurations.subnetId"],
      when: [{ property: "vpcEndpointType", is: "Interface", otherwise: "Gateway" }],
    },
    page: "https://docs.aws.amazon.com/vpc/latest/privatelink/create-interface-endpoint.html",
  },
  "aws:route53/resolverEndpoint:ResolverEndpoint": {
    what: "Resolver endpoint",
    spans: { subnets: ["ipAddresses.subnetId"] },
    page: "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/best-practices-resolver-endpoint-high-availability.html",
  },
  "aws:ec2transitgateway/vpcAttachment:VpcAttachment": {
    what: "transit gateway attachment",
    spans: { subnets: ["subnetIds"] },
    page: "https://docs.aws.amazon.com/vpc/latest/tgw/tgw-vpc-attachments.html",
  },
  "aws:networkfirewall/firewall:Firewall": {
    what: "firewall",
    spans: {
      subnets: ["subnetMappings.subnetId"],
      // Attached to a transit gateway, it lists zones by id instead.
      when: [{ property: "transitGatewayId", given: false }],
    },
    demands: [
      {
        rule: "deletion-is-protected",
        property: "deleteProtection",
        is: true,
        otherwise: false,
        mend: "set deleteProtection to true",
      },
    ],
    page: "https://docs.aws.amazon.com/network-firewall/latest/developerguide/arch-two-zone-igw.html",
  },
  "aws:msk/cluster:Cluster": {
    what: "Kafka cluster",
    spans: { subnets: ["brokerNodeGroupInfo.clientSubnets"] },
    demands: [
      {
        rule: "enough-instances",
        property: "numberOfBrokerNodes",
        atLeast: 2,
        mend: "set numberOfBrokerNodes to a multiple of the number of zones, 2 or more",
      },
    ],
    page: "https://docs.aws.amazon.com/msk/latest/developerguide/bestpractices.html",
  },
  "aws:mq/broker:Broker": {
    what: "broker",
    demands: [
      {
        rule: "standby-is-ready",
        property: "deploymentMode",
        oneOf: ["ACTIVE_STANDBY_MULTI_AZ", "CLUSTER_MULTI_AZ"],
        otherwise: "SINGLE_INSTANCE",
        mend: "set deploymentMode to ACTIVE_STANDBY_MULTI_AZ (ActiveMQ) or CLUSTER_MULTI_AZ (RabbitMQ)",
      },
    ],
    page: "https://docs.aws.amazon.com/amazon-mq/latest/developer-guide/amazon-mq-broker-architecture.html",
  },
  "aws:directoryservice/directory:Directory": {
    what: "directory",
    spans: { subnets: ["vpcSettings.subnetIds"], when: [{ property: "vpcSettings", given: true }] },
    page: "https://docs.aws.amazon.com/directoryservice/latest/admin-guide/ms_ad_getting_started.html",
  },
  "aws:transfer/server:Server": {
    what: "transfer server",
    spans: {
      subnets: ["endpointDetails.subnetIds"],
      when: [{ property: "endpointType", is: "VPC", otherwise: "PUBLIC" }],
    },
    page: "https://docs.aws.amazon.com/transfer/latest/userguide/create-server-in-vpc.html",
  },
  "aws:ec2/vpnConnection:VpnConnection": {
    what: "VPN connection",
    peers: {
      differBy: "customerGatewayId",
      minimum: 2,
      mend: "add a connection to a second customer gateway: both tunnels of one end at the same device",
    },
    page: "https://docs.aws.amazon.com/vpn/latest/s2svpn/vpn-redundant-connection.html",
  },
  "aws:directconnect/connection:Connection": {
    what: "Direct Connect connection",
    peers: { differBy: "location", minimum: 2, mend: "add a connection at a second location" },
    page: "https://docs.aws.amazon.com/directconnect/latest/UserGuide/high_resiliency.html",
  },
};
