import { DynamoDBClient, ListTablesCommand, ScanCommand, UpdateItemCommand } from "@aws-sdk/client-dynamodb";
import { Drill, DrillContext } from "../drill";
import { NamedHost, ServiceCluster } from "./cluster";
import { Play } from "./play";
import { settleHosts } from "./settle";
import { serviceDrill } from "./watch";

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_container_instance_events.html */
const eventOf = ({ arn, ec2InstanceId }: NamedHost, clusterArn: string) => ({
  source: "aws.ecs",
  "detail-type": "ECS Container Instance State Change",
  resources: [arn],
  detail: { clusterArn, containerInstanceArn: arn, ec2InstanceId, agentConnected: false, status: "ACTIVE" },
});

/** Hours in which any grace is over. */
const HOURS = 3;

/** Lets time pass for a host: what the deployed function has noted of it is as old as that. */
async function letTimePass({ clients, region }: DrillContext, { ec2InstanceId }: NamedHost): Promise<boolean> {
  const dynamoDb = clients.make(DynamoDBClient, region);
  const { TableNames = [] } = await dynamoDb.send(new ListTablesCommand({}));
  for (const TableName of TableNames) {
    const { Items = [] } = await dynamoDb.send(new ScanCommand({ TableName }));
    const noted = Items.find((item) => item["subject"]?.S?.endsWith(`/${ec2InstanceId}`) && item["silentSince"]);
    if (noted !== undefined) {
      const before = new Date(Date.now() - HOURS * 3_600_000).toISOString();
      await dynamoDb.send(
        new UpdateItemCommand({
          TableName,
          Key: { system: noted["system"] ?? { S: "" }, subject: noted["subject"] ?? { S: "" } },
          UpdateExpression: "SET silentSince = :before",
          ExpressionAttributeValues: { ":before": { S: before } },
        }),
      );
      return true;
    }
  }
  return false;
}

const isInGroup = async (cluster: ServiceCluster, { ec2InstanceId }: NamedHost) =>
  (await cluster.running()).some((one) => one.id === ec2InstanceId);
const isInCluster = async (cluster: ServiceCluster, { arn }: NamedHost) =>
  (await cluster.hosts()).some((one) => one.arn === arn);

/** The drill of a host that ECS has no contact to. */
export const agentLost: Drill = serviceDrill(
  "service-agent-lost",
  "A host's agent loses its connection, and its event comes four times. The drill runs the deployed function, lets the grace pass by what that has noted, and plays ECS in virtual time.",
  async (context, cluster, watch) => {
    const [silent] = await cluster.hosts();
    const clusterArn = watch.services[0]?.clusterArn ?? "";
    if (silent === undefined) {
      context.expect("there is a host to lose", false);
      return;
    }
    const { ec2InstanceId: id } = silent;
    const onHost = (name: string) => watch.start.get(name)?.filter((task) => task.ec2InstanceId === id).length ?? 0;
    await context.inject(`ECS loses contact to the agent of ${id}`, { world: { agents: { [id]: "disconnected" } } });
    await context.publish(eventOf(silent, clusterArn));
    context.expect("the host is left alone at first", await isInGroup(cluster, silent));
    context.expect("the deployed function has noted it", await letTimePass(context, silent));
    context.note("the grace is over");
    await context.publish(eventOf(silent, clusterArn));
    context.expect("the host is taken from its group", !(await isInGroup(cluster, silent)));
    await context.publish(eventOf(silent, clusterArn));
    context.expect("ECS has forgotten the host", !(await isInCluster(cluster, silent)));
    await settleHosts(cluster);
    const play = await Play.of(cluster);
    await play.untilSettled(watch.scene);
    await context.publish(eventOf(silent, clusterArn));
    const calls = (await context.calls()).map((call) => call.action);
    for (const action of ["TerminateInstanceInAutoScalingGroup", "DeregisterContainerInstance"]) {
      const count = calls.filter((one) => one === action).length;
      context.expect(`${action} is called once, whatever events come`, count === 1, count);
    }
    watch.expectAtLeast((name) => (watch.start.get(name)?.length ?? 0) - onHost(name), "all that were on other hosts");
    await watch.expectRestored();
    const told = (await context.messages()).filter((m) => m.subject.includes(id)).map((m) => m.subject);
    context.expect("people are told of it once", told.length === 1, told.join(" | ") || "nothing");
  },
);
