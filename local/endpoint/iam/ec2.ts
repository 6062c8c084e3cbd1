import { runInstances } from "./runInstances";
import { anything, Asked, listed, Operation, Question, tagContext } from "./operation";

/** Resource types by the beginning of their ids. */
const TYPES: Readonly<Record<string, string>> = {
  i: "instance",
  eni: "network-interface",
  rtb: "route-table",
  subnet: "subnet",
  vol: "volume",
  sg: "security-group",
  eipalloc: "elastic-ip",
};

/** An EC2 resource by its id, with its tags. */
async function resource({ facts, arn }: Asked, id: string): Promise<Question> {
  const type = TYPES[id.split("-")[0] ?? ""] ?? "*";
  const context = tagContext(await facts.tags(id), "aws:ResourceTag", "ec2:ResourceTag");
  return { resource: arn("ec2", `${type}/${id}`), context };
}

/** The resources that parameters name. */
const named =
  (...parameters: string[]): Operation =>
  (asked) => {
    const ids = parameters.flatMap((name) => asked.request.parameters.get(name) ?? []);
    return Promise.all(ids.map((id) => resource(asked, id)));
  };

/** The resources that a list names. */
const each =
  (list: string): Operation =>
  (asked) =>
    Promise.all(listed(asked.request.parameters, list).map((id) => resource(asked, id)));

const createTags: Operation = async (asked) => {
  const { parameters } = asked.request;
  const keys = [...parameters].filter(([name]) => /^Tag\.\d+\.Key$/.test(name));
  const tags = keys.map(([name, key]) => [key, parameters.get(name.replace("Key", "Value")) ?? ""] as const);
  const context = {
    ...tagContext(Object.fromEntries(tags), "aws:RequestTag"),
    "aws:TagKeys": tags.map(([key]) => key),
  };
  const questions = await each("ResourceId")(asked);
  return questions.map((q) => ({ ...q, context: { ...q.context, ...context } }));
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html */
export const EC2: Readonly<Record<string, Operation>> = {
  DescribeAddresses: anything,
  DescribeImages: anything,
  DescribeInstances: anything,
  DescribeInstanceStatus: anything,
  DescribeLaunchTemplates: anything,
  DescribeLaunchTemplateVersions: anything,
  DescribeNetworkInterfaces: anything,
  DescribeRouteTables: anything,
  DescribeSubnets: anything,
  AssociateAddress: named("AllocationId", "NetworkInterfaceId", "InstanceId"),
  AttachNetworkInterface: named("InstanceId", "NetworkInterfaceId"),
  CreateRoute: named("RouteTableId"),
  CreateTags: createTags,
  DeleteRoute: named("RouteTableId"),
  DetachNetworkInterface: async (asked) => {
    const { instanceId, networkInterfaceId } = await asked.facts.attachment(
      asked.request.parameters.get("AttachmentId") ?? "",
    );
    return Promise.all([instanceId, networkInterfaceId].map((id) => resource(asked, id)));
  },
  ModifyInstanceAttribute: named("InstanceId"),
  ModifyNetworkInterfaceAttribute: named("NetworkInterfaceId"),
  RebootInstances: each("InstanceId"),
  ReplaceRoute: named("RouteTableId"),
  RunInstances: runInstances,
  StartInstances: each("InstanceId"),
  StopInstances: each("InstanceId"),
  TerminateInstances: each("InstanceId"),
};
