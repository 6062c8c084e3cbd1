import { RedundancyRecord } from "./record";

const AUTO_SCALING = "https://docs.aws.amazon.com/autoscaling/ec2/userguide/auto-scaling-benefits.html";
const LOAD_BALANCING =
  "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html";
const CLASSIC = "https://docs.aws.amazon.com/elasticloadbalancing/latest/classic/enable-disable-crosszone-lb.html";

const loadBalancer: RedundancyRecord = {
  what: "load balancer",
  spans: { subnets: ["subnets", "subnetMappings.subnetId"] },
  demands: [
    {
      rule: "standby-is-ready",
      property: "enableCrossZoneLoadBalancing",
      is: true,
      // Application Load Balancers have it on, and off only by target group.
      otherwise: false,
      mend: "set enableCrossZoneLoadBalancing to true, or a zone without healthy targets drops its share of the traffic",
      when: [{ property: "loadBalancerType", is: "network", otherwise: "application" }],
    },
    {
      rule: "deletion-is-protected",
      property: "enableDeletionProtection",
      is: true,
      otherwise: false,
      mend: "set enableDeletionProtection to true",
    },
  ],
  page: LOAD_BALANCING,
};

const classicLoadBalancer: RedundancyRecord = {
  what: "Classic Load Balancer",
  spans: { subnets: ["subnets"], zones: ["availabilityZones"] },
  demands: [
    {
      rule: "standby-is-ready",
      property: "crossZoneLoadBalancing",
      is: true,
      otherwise: true,
      mend: "set crossZoneLoadBalancing to true",
    },
  ],
  page: CLASSIC,
};

/** What runs programs, and what leads traffic to them. */
export const compute: Readonly<Record<string, RedundancyRecord>> = {
  "aws:autoscaling/group:Group": {
    what: "Auto Scaling group",
    spans: { subnets: ["vpcZoneIdentifiers"], zones: ["availabilityZones"] },
    demands: [
      {
        rule: "enough-instances",
        property: "minSize",
        atLeast: 2,
        mend: "set minSize to 2 or more, so that one is left while another is replaced",
      },
    ],
    page: AUTO_SCALING,
  },
  "aws:ec2/instance:Instance": {
    what: "instance",
    alone: "run it in an Auto Scaling group, which replaces it elsewhere when its zone is lost",
    page: AUTO_SCALING,
  },
  "aws:lb/loadBalancer:LoadBalancer": loadBalancer,
  "aws:alb/loadBalancer:LoadBalancer": loadBalancer,
  "aws:elb/loadBalancer:LoadBalancer": classicLoadBalancer,
  "aws:ecs/service:Service": {
    what: "service",
    spans: { subnets: ["networkConfiguration.subnets"], when: [{ property: "networkConfiguration", given: true }] },
    page: "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html",
  },
  "aws:eks/cluster:Cluster": {
    what: "Kubernetes cluster",
    spans: { subnets: ["vpcConfig.subnetIds"] },
    page: "https://docs.aws.amazon.com/eks/latest/userguide/network-reqs.html",
  },
  "aws:eks/nodeGroup:NodeGroup": {
    what: "node group",
    spans: { subnets: ["subnetIds"] },
    demands: [
      {
        rule: "enough-instances",
        property: "scalingConfig.minSize",
        atLeast: 2,
        mend: "set scalingConfig.minSize to 2 or more",
      },
    ],
    page: "https://docs.aws.amazon.com/eks/latest/userguide/managed-node-groups.html",
  },
  "aws:lambda/function:Function": {
    what: "function",
    spans: { subnets: ["vpcConfig.subnetIds"], when: [{ property: "vpcConfig.subnetIds", given: true }] },
    page: "https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html",
  },
  "aws:apprunner/vpcConnector:VpcConnector": {
    what: "VPC connector",
    spans: { subnets: ["subnets"] },
    page: "https://docs.aws.amazon.com/apprunner/latest/dg/network-vpc.html",
  },
};
