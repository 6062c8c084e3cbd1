import * as pulumi from "@pulumi/pulumi";

/**
 * The types of this program's resources that take tags. Types that are not listed have none; a test compares the list
 * with the types that the provider declares.
 */
export const TAGGABLE: readonly string[] = [
  "aws:appautoscaling/target:Target",
  "aws:cloudtrail/trail:Trail",
  "aws:cloudwatch/eventRule:EventRule",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:dynamodb/table:Table",
  "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup",
  "aws:ec2/eip:Eip",
  "aws:ec2/flowLog:FlowLog",
  "aws:ec2/internetGateway:InternetGateway",
  "aws:ec2/launchTemplate:LaunchTemplate",
  "aws:ec2/networkAcl:NetworkAcl",
  "aws:ec2/networkInterface:NetworkInterface",
  "aws:ec2/routeTable:RouteTable",
  "aws:ec2/securityGroup:SecurityGroup",
  "aws:ec2/subnet:Subnet",
  "aws:ec2/vpc:Vpc",
  "aws:ec2/vpcEndpoint:VpcEndpoint",
  "aws:elasticache/parameterGroup:ParameterGroup",
  "aws:elasticache/replicationGroup:ReplicationGroup",
  "aws:elasticache/subnetGroup:SubnetGroup",
  "aws:elasticache/user:User",
  "aws:elasticache/userGroup:UserGroup",
  "aws:ecr/repository:Repository",
  "aws:ecs/capacityProvider:CapacityProvider",
  "aws:ecs/cluster:Cluster",
  "aws:ecs/service:Service",
  "aws:ecs/taskDefinition:TaskDefinition",
  "aws:iam/instanceProfile:InstanceProfile",
  "aws:iam/role:Role",
  "aws:kms/key:Key",
  "aws:lambda/eventSourceMapping:EventSourceMapping",
  "aws:lambda/function:Function",
  "aws:lb/listener:Listener",
  "aws:lb/listenerRule:ListenerRule",
  "aws:lb/loadBalancer:LoadBalancer",
  "aws:lb/targetGroup:TargetGroup",
  "aws:oam/sink:Sink",
  "aws:rds/cluster:Cluster",
  "aws:rds/clusterParameterGroup:ClusterParameterGroup",
  "aws:rds/eventSubscription:EventSubscription",
  "aws:rds/instance:Instance",
  "aws:rds/parameterGroup:ParameterGroup",
  "aws:rds/subnetGroup:SubnetGroup",
  "aws:route53/healthCheck:HealthCheck",
  "aws:route53/zone:Zone",
  "aws:s3/bucket:Bucket",
  "aws:secretsmanager/secret:Secret",
  "aws:sesv2/configurationSet:ConfigurationSet",
  "aws:sesv2/emailIdentity:EmailIdentity",
  "aws:sfn/stateMachine:StateMachine",
  "aws:sns/topic:Topic",
  "aws:sqs/queue:Queue",
];

type Tags = Readonly<Record<string, string>>;

/** A group's tags are a list, and say whether its instances get them too. */
const GROUP = "aws:autoscaling/group:Group";

/** Properties with the tags added. Those that a resource has of its own come first. */
export function withTags(type: string, props: Record<string, unknown>, tags: Tags): Record<string, unknown> {
  if (TAGGABLE.includes(type)) {
    const own = props["tags"] as Tags | pulumi.Output<Tags> | undefined;
    // As an output if a tag is not known yet.
    return {
      ...props,
      tags: pulumi.Output.isInstance(own) ? own.apply((known) => ({ ...tags, ...known })) : { ...tags, ...own },
    };
  }
  if (type === GROUP) {
    const own = (props["tags"] ?? []) as { key: string }[];
    const added = Object.entries(tags).filter(([key]) => !own.some((tag) => tag.key === key));
    return { ...props, tags: [...own, ...added.map(([key, value]) => ({ key, value, propagateAtLaunch: true }))] };
  }
  return props;
}

/** Tags every resource that is registered from here on, those that components of other packages make included. */
export function tagEverything(tags: Tags): void {
  pulumi.runtime.registerResourceTransform(({ type, props, opts }) => {
    const tagged = withTags(type, props as Record<string, unknown>, tags);
    // Whatever else a transform returns goes through its serialization, by which a component's list of which one element
    // is unknown in a preview becomes unknown as a whole: no policy could count it any more.
    return tagged === props ? undefined : { props: tagged, opts };
  });
}
