import { Asked, anything, Operation, Question } from "./operation";

/** A cluster by its name or ARN, as an ARN. */
function cluster({ input, arn }: Asked): string {
  const named = String(input["cluster"] ?? "default");
  return named.startsWith("arn:") ? named : arn("ecs", `cluster/${named}`);
}

/** Something in a cluster by its id or ARN, as an ARN. */
function within(asked: Asked, kind: string, named: unknown): Question {
  const own = cluster(asked);
  const resource = String(named).startsWith("arn:")
    ? String(named)
    : asked.arn("ecs", `${kind}/${own.split("/").pop()}/${String(named)}`);
  return { resource, context: { "ecs:cluster": [own] } };
}

const inCluster =
  (kind: string, field: string): Operation =>
  (asked) =>
    [asked.input[field] ?? []].flat().map((named) => within(asked, kind, named));
const ofCluster: Operation = (asked) => [{ resource: cluster(asked) }];
const anyInCluster: Operation = (asked) => [{ resource: "*", context: { "ecs:cluster": [cluster(asked)] } }];

/** Actions of ECS: https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html */
export const ECS: Readonly<Record<string, Operation>> = {
  DescribeClusters: (asked) =>
    ((asked.input["clusters"] ?? []) as readonly string[]).map((one) => ({
      resource: cluster({ ...asked, input: { cluster: one } }),
    })),
  ListClusters: anything,
  ListContainerInstances: ofCluster,
  DeregisterContainerInstance: ofCluster,
  DescribeContainerInstances: inCluster("container-instance", "containerInstances"),
  UpdateContainerInstancesState: inCluster("container-instance", "containerInstances"),
  ListServices: anyInCluster,
  DescribeServices: inCluster("service", "services"),
  UpdateService: inCluster("service", "service"),
  // The one resource type of it is the container instance, where one is named.
  ListTasks: (asked) =>
    asked.input["containerInstance"] === undefined
      ? anyInCluster(asked)
      : [within(asked, "container-instance", asked.input["containerInstance"])],
  DescribeTasks: inCluster("task", "tasks"),
  StopTask: inCluster("task", "task"),
  DescribeTaskDefinition: anything,
};
