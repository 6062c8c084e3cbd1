import { make, ref } from "../../policy/core/example";
import { ALL, change, changeNamed, dropLast, ForeignProgram, ONE, subnet, SUBNETS, ZONES } from "./foreignParts";
import { REGIONS } from "./foreignRegions";
import { SERVICES } from "./foreignServices";
import { TIERS } from "./foreignTiers";

const routed = (target: (zone: string) => Record<string, unknown>) =>
  ZONES.flatMap((zone) => [
    make("aws:ec2/routeTable:RouteTable", `table-${zone}`, { vpcId: ref("main") }),
    make("aws:ec2/routeTableAssociation:RouteTableAssociation", `association-${zone}`, {
      subnetId: ref(`app-${zone}`),
      routeTableId: ref(`table-${zone}`),
    }),
    make("aws:ec2/route:Route", `route-${zone}`, {
      routeTableId: ref(`table-${zone}`),
      destinationCidrBlock: "0.0.0.0/0",
      ...target(zone),
    }),
  ]);
const nat = (zone: string, props: Record<string, unknown> = {}) =>
  make("aws:ec2/natGateway:NatGateway", `nat-${zone}`, { subnetId: ref(`public-${zone}`), ...props });
const PUBLIC = ZONES.map((zone) => subnet("public", zone));

const BALANCER = "aws:lb/loadBalancer:LoadBalancer";
const DATABASE = "aws:rds/instance:Instance";
const CACHE = "aws:elasticache/replicationGroup:ReplicationGroup";
const FUNCTION = "aws:lambda/function:Function";
const BREAKER = { deploymentCircuitBreaker: { enable: true, rollback: true } };
const CACHED = {
  ...{ automaticFailoverEnabled: true, multiAzEnabled: true, atRestEncryptionEnabled: true },
  ...{ transitEncryptionEnabled: true, authToken: "0123456789abcdef" },
};

/** Shapes that are common elsewhere. */
export const FOREIGN: readonly ForeignProgram[] = [
  {
    what: "a NAT gateway in each zone",
    sound: [...SUBNETS, ...PUBLIC, ...ZONES.map((z) => nat(z)), ...routed((z) => ({ natGatewayId: ref(`nat-${z}`) }))],
    broken: [
      {
        what: "one NAT gateway for three zones",
        rule: "private-subnets-use-own-zone-gateway",
        change: () => [...SUBNETS, ...PUBLIC, nat("a"), ...routed(() => ({ natGatewayId: ref("nat-a") }))],
      },
    ],
  },
  {
    what: "a regional NAT gateway",
    sound: [...SUBNETS, make("aws:ec2/natGateway:NatGateway", "nat", { availabilityMode: "regional", vpcId: ref("main") }), ...routed(() => ({ natGatewayId: ref("nat") }))], // prettier-ignore
    broken: [],
  },
  {
    what: "a transit gateway as the only way out",
    sound: [
      ...SUBNETS,
      make("aws:ec2transitgateway/transitGateway:TransitGateway", "hub"),
      make("aws:ec2transitgateway/vpcAttachment:VpcAttachment", "spoke", { subnetIds: ALL, transitGatewayId: ref("hub"), vpcId: ref("main") }), // prettier-ignore
      ...routed(() => ({ transitGatewayId: ref("hub") })),
    ],
    broken: [
      { what: "attached in one zone", rule: "workloads-span-zones", change: change("aws:ec2transitgateway/vpcAttachment:VpcAttachment", { subnetIds: ONE }) }, // prettier-ignore
    ],
  },
  {
    what: "a VPN appliance with its check off",
    sound: [
      ...SUBNETS,
      make("aws:ec2/networkInterface:NetworkInterface", "vpn", { subnetId: ref("app-a"), sourceDestCheck: false }),
    ],
    broken: [],
  },
  ...TIERS,
  ...SERVICES,
  ...REGIONS,
  {
    what: "a Network Load Balancer with subnet mappings",
    sound: [
      ...SUBNETS,
      make(BALANCER, "net", {
        loadBalancerType: "network",
        enableCrossZoneLoadBalancing: true,
        enableDeletionProtection: true,
        subnetMappings: ALL.map((subnetId) => ({ subnetId })),
      }),
    ],
    broken: [
      {
        what: "zones by themselves",
        rule: "standby-is-ready",
        change: change(BALANCER, { enableCrossZoneLoadBalancing: false }),
      },
      {
        what: "one mapping",
        rule: "workloads-span-zones",
        change: change(BALANCER, { subnetMappings: ONE.map((subnetId) => ({ subnetId })) }),
      },
    ],
  },
  {
    what: "a Multi-AZ database and its replica",
    sound: [
      ...SUBNETS,
      make("aws:rds/subnetGroup:SubnetGroup", "orders-subnets", { subnetIds: ALL }),
      make(DATABASE, "orders", {
        ...{ multiAz: true, backupRetentionPeriod: 14, deletionProtection: true, storageEncrypted: true },
      }),
      make(DATABASE, "orders-replica", { replicateSourceDb: ref("orders"), deletionProtection: true }),
    ],
    broken: [
      { what: "no standby", rule: "standby-is-ready", change: changeNamed("orders", { multiAz: false }) },
      { what: "no backups", rule: "data-can-be-restored", change: changeNamed("orders", { backupRetentionPeriod: 0 }) },
      {
        what: "no protection",
        rule: "deletion-is-protected",
        change: changeNamed("orders", { deletionProtection: undefined }),
      },
      { what: "no encryption", rule: "data-is-encrypted", change: changeNamed("orders", { storageEncrypted: false }) },
      {
        what: "open to the internet",
        rule: "internet-reaches-no-instance",
        change: changeNamed("orders", { publiclyAccessible: true }),
      },
      {
        what: "subnets in one zone",
        rule: "workloads-span-zones",
        change: change("aws:rds/subnetGroup:SubnetGroup", { subnetIds: ONE }),
      },
    ],
  },
  {
    what: "an Aurora cluster with a reader",
    sound: [
      make("aws:rds/cluster:Cluster", "orders", {
        engine: "aurora-postgresql",
        backupRetentionPeriod: 7,
        deletionProtection: true,
        storageEncrypted: true,
      }),
      ...["writer", "reader"].map((name) =>
        make("aws:rds/clusterInstance:ClusterInstance", name, { clusterIdentifier: ref("orders") }),
      ),
    ],
    broken: [
      { what: "no reader", rule: "standby-is-ready", change: dropLast("aws:rds/clusterInstance:ClusterInstance") },
      {
        what: "no protection",
        rule: "deletion-is-protected",
        change: change("aws:rds/cluster:Cluster", { deletionProtection: false }),
      },
      {
        what: "no encryption",
        rule: "data-is-encrypted",
        change: change("aws:rds/cluster:Cluster", { storageEncrypted: undefined }),
      },
    ],
  },
  {
    what: "a cache with a replica, and one in shards",
    sound: [
      make(CACHE, "sessions", { ...CACHED, numCacheClusters: 2 }),
      make(CACHE, "carts", { ...CACHED, numNodeGroups: 3, replicasPerNodeGroup: 1 }),
    ],
    broken: [
      { what: "no failover", rule: "standby-is-ready", change: change(CACHE, { automaticFailoverEnabled: false }) },
      { what: "one zone", rule: "standby-is-ready", change: change(CACHE, { multiAzEnabled: false }) },
      {
        what: "no encryption",
        rule: "data-is-encrypted",
        change: change(CACHE, { atRestEncryptionEnabled: false }),
      },
      { what: "one node", rule: "enough-instances", change: change(CACHE, { numCacheClusters: 1 }) },
      { what: "shards without replicas", rule: "enough-instances", change: change(CACHE, { replicasPerNodeGroup: 0 }) },
    ],
  },
  {
    what: "services on ECS and Kubernetes",
    sound: [
      ...SUBNETS,
      make("aws:ecs/service:Service", "shop", { ...BREAKER, desiredCount: 4, launchType: "FARGATE", networkConfiguration: { subnets: ALL } }), // prettier-ignore
      make("aws:ecs/service:Service", "agent", { ...BREAKER, schedulingStrategy: "DAEMON" }),
      make("aws:eks/cluster:Cluster", "k8s", { vpcConfig: { subnetIds: ALL } }),
      make("aws:eks/nodeGroup:NodeGroup", "nodes", {
        subnetIds: ALL,
        scalingConfig: { minSize: 3, desiredSize: 3, maxSize: 9 },
      }),
    ],
    broken: [
      { what: "one task", rule: "enough-instances", change: changeNamed("shop", { desiredCount: 1 }) }, // prettier-ignore
      { what: "tasks in one zone", rule: "workloads-span-zones", change: changeNamed("shop", { networkConfiguration: { subnets: ONE } }) }, // prettier-ignore
      {
        what: "one node",
        rule: "enough-instances",
        change: change("aws:eks/nodeGroup:NodeGroup", { scalingConfig: { minSize: 1 } }),
      },
      { what: "a control plane in one zone", rule: "workloads-span-zones", change: change("aws:eks/cluster:Cluster", { vpcConfig: { subnetIds: ONE } }) }, // prettier-ignore
    ],
  },
  {
    what: "a function in a VPC, and its table",
    sound: [
      ...SUBNETS,
      make(FUNCTION, "orders", { vpcConfig: { subnetIds: ALL, securityGroupIds: ["sg-1"] } }),
      make(FUNCTION, "outside", {}),
      make("aws:dynamodb/table:Table", "orders-table", {
        pointInTimeRecovery: { enabled: true },
        deletionProtectionEnabled: true,
      }),
    ],
    broken: [
      { what: "a function in one zone", rule: "workloads-span-zones", change: changeNamed("orders", { vpcConfig: { subnetIds: ONE } }) }, // prettier-ignore
      { what: "no point-in-time recovery", rule: "data-can-be-restored", change: change("aws:dynamodb/table:Table", { pointInTimeRecovery: undefined }) }, // prettier-ignore
      { what: "no protection", rule: "deletion-is-protected", change: change("aws:dynamodb/table:Table", { deletionProtectionEnabled: undefined }) }, // prettier-ignore
    ],
  },
  {
    what: "endpoints, a resolver and a firewall",
    sound: [
      ...SUBNETS,
      make("aws:ec2/vpcEndpoint:VpcEndpoint", "ssm", { vpcEndpointType: "Interface", subnetIds: ALL }),
      make("aws:ec2/vpcEndpoint:VpcEndpoint", "s3", { vpcEndpointType: "Gateway" }),
      make("aws:route53/resolverEndpoint:ResolverEndpoint", "dns", {
        ipAddresses: ALL.map((subnetId) => ({ subnetId })),
      }),
      make("aws:networkfirewall/firewall:Firewall", "edge", { subnetMappings: ALL.map((subnetId) => ({ subnetId })), deleteProtection: true }), // prettier-ignore
    ],
    broken: [
      { what: "an endpoint in one zone", rule: "workloads-span-zones", change: changeNamed("ssm", { subnetIds: ONE }) }, // prettier-ignore
      { what: "a resolver in one zone", rule: "workloads-span-zones", change: change("aws:route53/resolverEndpoint:ResolverEndpoint", { ipAddresses: ONE.map((subnetId) => ({ subnetId })) }) }, // prettier-ignore
      { what: "a firewall in one zone", rule: "workloads-span-zones", change: change("aws:networkfirewall/firewall:Firewall", { subnetMappings: ONE.map((subnetId) => ({ subnetId })) }) }, // prettier-ignore
    ],
  },
  {
    what: "default subnets",
    sound: [
      ...ZONES.map((z) =>
        make("aws:ec2/defaultSubnet:DefaultSubnet", `app-${z}`, { availabilityZone: `us-east-1${z}` }),
      ),
      make(BALANCER, "web", { subnets: ALL, enableDeletionProtection: true }),
    ],
    broken: [{ what: "one of them", rule: "workloads-span-zones", change: change(BALANCER, { subnets: ONE }) }],
  },
  {
    what: "brokers, search and files",
    sound: [
      ...SUBNETS,
      make("aws:mq/broker:Broker", "jobs", { deploymentMode: "ACTIVE_STANDBY_MULTI_AZ" }),
      make("aws:msk/cluster:Cluster", "events", {
        numberOfBrokerNodes: 3,
        brokerNodeGroupInfo: { clientSubnets: ALL },
      }),
      make("aws:opensearch/domain:Domain", "search", {
        clusterConfig: { instanceCount: 3, zoneAwarenessEnabled: true },
        encryptAtRest: { enabled: true },
      }),
      make("aws:efs/fileSystem:FileSystem", "files", { encrypted: true }),
      ...ZONES.map((z) =>
        make("aws:efs/mountTarget:MountTarget", `mount-${z}`, {
          fileSystemId: ref("files"),
          subnetId: ref(`app-${z}`),
        }),
      ),
    ],
    broken: [
      {
        what: "one broker",
        rule: "standby-is-ready",
        change: change("aws:mq/broker:Broker", { deploymentMode: "SINGLE_INSTANCE" }),
      },
      { what: "brokers in one zone", rule: "workloads-span-zones", change: change("aws:msk/cluster:Cluster", { brokerNodeGroupInfo: { clientSubnets: ONE } }) }, // prettier-ignore
      { what: "search in one zone", rule: "standby-is-ready", change: change("aws:opensearch/domain:Domain", { clusterConfig: { instanceCount: 3 } }) }, // prettier-ignore
      { what: "one node of search", rule: "enough-instances", change: change("aws:opensearch/domain:Domain", { clusterConfig: { zoneAwarenessEnabled: true } }) }, // prettier-ignore
      { what: "files in one zone", rule: "standby-is-ready", change: change("aws:efs/fileSystem:FileSystem", { availabilityZoneName: "us-east-1a" }) }, // prettier-ignore
      {
        what: "one mount target",
        rule: "standby-is-ready",
        change: (s) => s.filter((r) => !["mount-b", "mount-c"].includes(r.name)),
      },
    ],
  },
];
