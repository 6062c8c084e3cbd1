import { PolicyResource } from "@pulumi/policy";
import { Finding, undetermined } from "../core/finding";
import { Graph } from "../core/graph";
import { Rule } from "../core/rule";
import { at, known, read, UNKNOWN } from "../core/unknown";
import { servicesExample } from "./example";
import { Hosts, templatesOf, userDataOf } from "./hosts";
import { isDaemon } from "./tasks";
import { SERVICE, TASK_DEFINITION } from "./types";

/** What a task may do is what its own role may. */
export const tasksReachNoHostCredentials: Rule = {
  name: "tasks-reach-no-host-credentials",
  what: "Tasks can't get the credentials of their host: its metadata answers one hop away only, and tasks with interfaces of their own are kept from it.",
  why: "Who gets into one container has the role of its host otherwise, which may take hosts out of the cluster and read what all its tasks read. Images of Amazon Linux 2023 have a hop limit of 2 by themselves, which reaches into containers.",
  mend: 'Set `metadataOptions` of the launch template to `{ httpTokens: "required", httpPutResponseHopLimit: 1 }`; for tasks in mode `awsvpc`, write `ECS_AWSVPC_BLOCK_IMDS=true` to /etc/ecs/ecs.config by user data; don\'t run tasks in mode `host`.',
  pages: [
    "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ec2-security-considerations.html",
    "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-IMDS-new-instances.html",
  ],
  onlyWith: SERVICE,
  examples: {
    fails: servicesExample(6, { metadataOptions: { httpTokens: "required", httpPutResponseHopLimit: 2 } }),
    passes: servicesExample(6),
  },
  find: (graph: Graph) => {
    const hosts = new Hosts(graph);
    const modes = modesByGroup(graph, hosts);
    const templates = new Map(
      hosts.all().flatMap((group) => templatesOf(graph, group).map((t) => [t, group] as const)),
    );
    return [...templates].flatMap(([template, group]) => judge(template, modes.get(group) ?? new Set(["bridge"])));
  },
};

/** The network modes of the tasks that come to each group. */
function modesByGroup(graph: Graph, hosts: Hosts): Map<PolicyResource, Set<string>> {
  const modes = new Map<PolicyResource, Set<string>>();
  // A daemon is the host's own agent.
  for (const service of graph.ofType(SERVICE).filter((one) => !isDaemon(one))) {
    const runs = hosts.runsOn(service);
    const [definition] = graph.referred(service, "taskDefinition", TASK_DEFINITION);
    const mode = (definition && known(() => definition.props["networkMode"] as string | undefined)) ?? "bridge";
    for (const group of runs.hosts === "groups" ? runs.shares.flatMap(({ groups }) => groups) : []) {
      modes.set(group, (modes.get(group) ?? new Set()).add(mode));
    }
  }
  return modes;
}

/** How hosts keep tasks with interfaces of their own from metadata: ECS's agent's setting, and Bottlerocket's. */
const BLOCKED = /\bECS_AWSVPC_BLOCK_IMDS=["']?true|awsvpc-block-imds\s*=\s*true/;

function judge(template: PolicyResource, modes: ReadonlySet<string>): Finding[] {
  const { name, props, urn } = template;
  const option = (key: string) => read(() => at(props, `metadataOptions.${key}`));
  const script = userDataOf(template);
  if (option("httpEndpoint") === "disabled" || /169\.254\.169\.254.*DROP|DROP.*169\.254\.169\.254/.test(script ?? "")) {
    return [];
  }
  const limit = option("httpPutResponseHopLimit");
  const bridged = modes.has("bridge") || modes.has("default");
  const findings: Finding[] = [];
  if (bridged && limit === UNKNOWN) {
    findings.push(undetermined(`metadataOptions.httpPutResponseHopLimit of ${name} isn't known before the update: write 1 literally`, urn)); // prettier-ignore
  } else if (bridged && limit !== 1) {
    const stated = limit === undefined ? "not set, and the image may say 2" : String(limit);
    findings.push({ message: `metadataOptions.httpPutResponseHopLimit of ${name} is ${stated}, which reaches into tasks: set it to 1`, urn }); // prettier-ignore
  }
  if (modes.has("awsvpc") && script === undefined) {
    findings.push(undetermined(`whether the user data of ${name} keeps tasks in mode awsvpc from the host's metadata isn't known: write ECS_AWSVPC_BLOCK_IMDS=true there`, urn)); // prettier-ignore
  } else if (modes.has("awsvpc") && !BLOCKED.test(script ?? "")) {
    findings.push({ message: `tasks in mode awsvpc reach the metadata of hosts made from ${name}: write ECS_AWSVPC_BLOCK_IMDS=true to /etc/ecs/ecs.config`, urn }); // prettier-ignore
  }
  if (modes.has("host")) {
    findings.push({ message: `tasks in mode host have the network of hosts made from ${name}, and so its credentials: run them in mode bridge or awsvpc`, urn }); // prettier-ignore
  }
  return findings;
}
