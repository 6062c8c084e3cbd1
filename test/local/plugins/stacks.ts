const network = {
  cidrBlock: "10.20.0.0/16",
  availabilityZones: ["us-east-1a", "us-east-1b", "us-east-1c"],
  gatewayEndpoints: ["s3", "dynamodb"],
  interfaceEndpoints: ["ssm"],
  networkAcls: { publicPorts: [80, 443, 22] },
  flowLogRetentionDays: 90,
};
const notifications = { emails: ["sre@example.com"] };
const secretArn = "arn:aws:secretsmanager:us-east-1:123456789012:secret:nplusone/secret-AbCdEf";

const servers = {
  a: {
    outpost: "arn:aws:outposts:us-east-1:111122223333:outpost/op-0a1b2c3d4e5f60718",
    subnet: { cidrBlock: "10.20.192.0/20", availabilityZone: "us-east-1a" },
    capacity: { "c6id.large": 6 },
  },
  b: {
    outpost: "arn:aws:outposts:us-east-1:111122223333:outpost/op-0b2c3d4e5f6071829",
    subnetIds: ["subnet-0123456789abcdef0"],
    capacity: { "c6id.large": 6 },
  },
};
const applications = [
  {
    name: "tills",
    launchTemplate: { name: "tills", version: "1" },
    instanceType: "c6id.large",
    count: 2,
    priority: 1,
    destinationSubnetId: "subnet-0123456789abcdef0",
    targetGroupArns: ["arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/x/0123456789abcdef"],
  },
  {
    name: "signs",
    launchTemplate: { id: "lt-0123456789abcdef0", version: "1" },
    instanceType: "c6id.large",
    count: 1,
    home: "destination",
  },
];
const instances = [
  {
    name: "reports",
    tags: { Name: "reports" },
    url: "https://reports.example.com/health",
    urlTimeoutSeconds: 3,
    healthCheckId: "5f1c2a64-7d0e-4b7e-9a55-1f0c3e8d2a71",
    group: "all",
  },
  {
    name: "web",
    instanceId: "i-0123456789abcdef0",
    url: "https://web.example.com/health",
    healthCheckId: "8b0d9c1e-2f43-4e0a-8a1b-6c7d5e4f3a20",
    ssh: { host: "10.20.64.10", port: 22 },
    group: "all",
  },
];

const database = {
  engine: "postgres",
  engineVersion: "17",
  instanceClass: "db.m7g.large",
  storage: { allocatedGiB: 100 },
};

const application = {
  ...{ command: "/opt/shop/start", setUp: "dnf install -y nodejs22", port: 8080, healthCheckPath: "/healthz" },
  ...{ startSeconds: 120, environment: { LOG_LEVEL: "info" } },
};
const shop = {
  ...{ name: "shop", requiredInstances: 2, minInstances: 3, maxInstances: 9, instanceType: "t4g.small", volumeGiB: 8 },
  ...{ imageId: "ami-0123456789abcdef0", maxInstanceLifetimeDays: 30, application },
  ...{ certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9" },
  ...{ domainName: "shop.example.com", zoneId: "Z0123456789ABCDEFGHIJ", allowedCidrBlocks: ["0.0.0.0/0"] },
  ...{ drainSeconds: 60, accessLogRetentionDays: 90, deletionProtection: true },
  scaling: {
    ...{ type: "steps", metric: "cpu", outAbovePercent: 75, inBelowPercent: 10 },
    ...{ periodSeconds: 60, outPeriods: 3, inPeriods: 15, notify: true },
  },
  alarms: { serverErrorsPerMinute: 10, memoryPercent: 90, diskPercent: 85 },
  ...{ bastion: { allowedCidrBlocks: ["203.0.113.0/24"], instanceType: "t4g.nano" }, database: "orders" },
};

const service = {
  ...{
    name: "cart",
    build: { context: "examples/service", dockerfile: "examples/service/Dockerfile", arguments: { A: "1" } },
  },
  ...{ cpu: 256, memoryMiB: 768, port: 8080, healthCheckPath: "/healthz", startSeconds: 60, drainSeconds: 30 },
  ...{ public: true, rule: { paths: ["/cart/*"], hosts: ["shop.example.com"] }, minimum: 4, maximum: 20 },
  ...{ database: "orders", sessionStore: "sessions", userFiles: "uploads", mail: "orders" },
  ...{ environment: { LOG_LEVEL: "info" }, secrets: { API_KEY: secretArn }, serverErrorsPerMinute: 10 },
  scaling: {
    ...{ type: "steps", metric: "cpu", outAbovePercent: 70, outMinutes: 5, inBelowPercent: 30, inMinutes: 30 },
  },
};
const market = {
  name: "market",
  hosts: {
    ...{ instanceType: "m7g.large", imageId: "ami-0123456789abcdef0", volumeGiB: 30, minHosts: 6, maxHosts: 30 },
    ...{ maxInstanceLifetimeDays: 30, capacity: { cpu: 2048, memoryMiB: 7200 }, agentGraceMinutes: 10 },
    scaling: { type: "steps", outAbovePercent: 70, outMinutes: 5, inBelowPercent: 25, inMinutes: 30 },
  },
  entrance: { certificateArn: shop.certificateArn, allowedCidrBlocks: ["0.0.0.0/0"] },
  services: [
    service,
    { name: "prices", image: ":2.0.1", scaling: { type: "target-tracking", metric: "memory", targetPercent: 70 } },
  ],
  ...{ accessLogRetentionDays: 90, logRetentionDays: 30, deletionProtection: true },
};
const managed = {
  name: "tools",
  hosts: { scaling: { type: "managed", targetCapacityPercent: 90 } },
  services: [{ name: "wiki", image: ":1.0.0" }],
};

/** Configurations that together set every option: what the program registers for them is all that it can. */
export const STACKS: Readonly<Record<string, Record<string, unknown>>> = {
  "all systems": {
    network,
    notifications,
    partner: { role: "primary", stack: "other", region: "eu-west-1", mode: "warm" },
    dnsFailover: [
      {
        ...{ name: "shop", domainName: "www.example.com", zoneId: "Z0123456789ABCDEFGHIJ", target: "shop" },
        healthCheck: { path: "/healthz", intervalSeconds: 30, failureThreshold: 5 },
      },
    ],
    mail: [
      {
        ...{ name: "orders", domainName: "example.com", zoneId: "Z0123456789ABCDEFGHIJ", from: "orders@example.com" },
        alarms: { bouncePercent: 3, complaintPercent: 0.08 },
      },
    ],
    tags: { team: "sre" },
    gateway: {
      flavour: "nat",
      instanceType: "t4g.small",
      imageId: "ami-0123456789abcdef0",
      imageIsBaked: true,
      longFailoverMinutes: 30,
      cloudTrail: "create",
      proofTargets: ["checkip.amazonaws.com", "192.0.2.1"],
    },
    outposts: {
      servers,
      pairs: [
        {
          name: "store",
          source: "a",
          destination: "b",
          mode: "active-active",
          applications,
          emails: ["store@example.com"],
          alarm: { periodSeconds: 60, evaluationPeriods: 3 },
          failback: "terminate-relaunched",
          ownerAccountId: "111122223333",
        },
      ],
    },
    web: [
      shop,
      {
        ...{ name: "api", requiredInstances: 2, application: { command: "/opt/api/start" } },
        scaling: { type: "target-tracking", metric: "memory", targetPercent: 50 },
      },
    ],
    recovery: {
      instances,
      groups: { all: { minHealthyPercentage: 50 } },
      alarm: { thresholdPercent: 95, periodSeconds: 60, evaluationPeriods: 3, datapointsToAlarm: 3 },
      restart: { deadlineSeconds: 600, warmUpSeconds: 60, cooldownMinutes: 60 },
      chat: { type: "slack", channel: "C0123456789", secretArn },
      pager: { type: "opsgenie", region: "us", teamId: "4513b7ea-3b91-438f-b7e4-e3e54af9147c", secretArn },
    },
    services: [market, managed],
    userFiles: [
      {
        ...{ name: "uploads", noncurrentDays: 30, protected: true, alarms: { latencyMinutes: 15 } },
        tiering: { afterDays: 30, storageClass: "INTELLIGENT_TIERING" },
      },
    ],
    sessionStore: [
      {
        ...{
          name: "sessions",
          engineVersion: "8.0",
          nodeType: "cache.t4g.small",
          members: 3,
          tiers: ["shop", "market"],
        },
        ...{ maintenanceWindow: "sun:05:00-sun:06:00", snapshotWindow: "03:00-04:00", snapshotRetentionDays: 1 },
        alarms: { memoryPercent: 80, cpuPercent: 80, replicationLagSeconds: 5 },
      },
    ],
    database: [
      {
        ...{
          ...database,
          name: "orders",
          databaseName: "orders",
          masterUsername: "dbadmin",
          tiers: ["shop", "market"],
        },
        ...{ masterPassword: "own", rotationDays: 30, partnerRegion: "eu-west-1", hasReplica: true },
        ...{ backupRetentionDays: 14, protected: true, storage: { allocatedGiB: 100, maximumGiB: 500 } },
        alarms: { cpuPercent: 80, freeStoragePercent: 10, replicaLagSeconds: 60, connections: 400 },
      },
      {
        ...{ ...database, name: "stock", engine: "mysql", engineVersion: "8.4", topology: "cluster" },
        ...{ instanceClass: "db.m6gd.large", storage: { allocatedGiB: 100, iops: 3000 } },
      },
    ],
  },
  "the other choices": {
    network: {
      ...network,
      availabilityZones: ["us-east-1a", "us-east-1b"],
      subnetCidrBlocks: {
        public: ["10.20.0.0/24", "10.20.1.0/24"],
        private: ["10.20.2.0/24", "10.20.3.0/24"],
        isolated: ["10.20.4.0/24", "10.20.5.0/24"],
      },
    },
    notifications,
    partner: { role: "standby", stack: "other", region: "us-east-1", mode: "active-active" },
    web: [{ name: "api", requiredInstances: 2, application: { command: "/opt/api/start" } }],
    dnsFailover: [{ name: "api", domainName: "api.example.com", zoneId: "Z0123456789ABCDEFGHIJ", target: "api" }],
    gateway: { flavour: "squid", allowedDomains: [".example.com"], cloudTrail: "existing" },
    recovery: {
      instances: [{ ...instances[0], group: undefined }],
      subnetIds: ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"],
      chat: { type: "webhook", secretArn },
      pager: { type: "pagerduty", secretArn },
    },
    database: [
      { ...database, name: "orders", partnerRegion: "eu-west-1" },
      {
        ...{ ...database, name: "copy", databaseName: "orders" },
        replicaOf: { sourceArn: "arn:aws:rds:eu-west-1:123456789012:db:prod-orders", secretArn },
      },
    ],
  },
};
