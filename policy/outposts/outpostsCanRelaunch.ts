import { PolicyResource } from "@pulumi/policy";
import { problemOfActions } from "../alarms/alarmsAreHeard";
import { make, ref } from "../core/example";
import { Finding, undetermined } from "../core/finding";
import { FUNCTION, Graph, IAM_ROLE, METRIC_ALARM, SUBNET } from "../core/graph";
import { Rule } from "../core/rule";
import { at, known, read, UNKNOWN } from "../core/unknown";
import { deliver, scheduled } from "../events/deliver";
import { alarmState } from "../events/event";
import { arnOf, mayDo, namedResources } from "../events/iam";
import { declarations, impossible, TagNames } from "./declared";

const TAGS: TagNames = {
  capacityTag: "nplusone:outpost-capacity",
  runsTag: "nplusone:outpost-runs",
  relaunchedOnTag: "nplusone:relaunched-on",
};
const tagOption = (what: string, name: string) => ({
  type: "string" as const,
  default: name,
  description: `Tag of the alarm on a server's ConnectedStatus that says ${what}.`,
});

const watching = (outpost: string, props: object) =>
  make(METRIC_ALARM, outpost, {
    namespace: "AWS/Outposts",
    metricName: "ConnectedStatus",
    dimensions: { OutpostId: outpost },
    comparisonOperator: "LessThanThreshold",
    threshold: 1,
    ...props,
  });
const TOPIC = [
  make("aws:sns/topic:Topic", "oncall"),
  make("aws:sns/topicSubscription:TopicSubscription", "oncall-mail", {
    topic: ref("oncall", "arn"),
    protocol: "email",
    endpoint: "oncall@example.com",
  }),
];

/** What runs on an Outposts server can be relaunched on another. */
export const outpostsCanRelaunch: Rule<Partial<TagNames>> = {
  name: "outposts-can-relaunch",
  what: "Each Outposts server that is watched tells people when it is disconnected; a function that relaunches its instances may do so on another server, gives back, and is run from time to time.",
  why: "An Outposts server is one machine in one room. Nothing of AWS moves its instances to another.",
  mend: "See each finding. What AWS doesn't know, capacity and pairs, is judged if tags of the alarms declare it.",
  pages: ["https://docs.aws.amazon.com/outposts/latest/server-userguide/disaster-recovery.html"],
  options: {
    capacityTag: tagOption("what the server holds, as `c6id.large=4 c6id.xlarge=2`", TAGS.capacityTag),
    runsTag: tagOption("what it normally runs, in the same form", TAGS.runsTag),
    relaunchedOnTag: tagOption("which Outpost (id) takes over from it", TAGS.relaunchedOnTag),
  },
  examples: {
    fails: [watching("op-0a1b2c3d4e5f60718", {})],
    passes: [...TOPIC, watching("op-0a1b2c3d4e5f60718", { alarmActions: [ref("oncall", "arn")] })],
  },
  find: (graph, options) => {
    const alarms = watchingAlarms(graph);
    const declared = declarations(alarms, { ...TAGS, ...options });
    return [
      ...alarms.flatMap(({ alarm, outpost }) => [...untold(graph, alarm, outpost), ...helpless(graph, alarm, outpost)]),
      ...alarms.flatMap(({ alarm }) => unreadable(alarm)),
      ...declared.flatMap((d) => (d.relaunchedOn === undefined ? [] : notRelaunched(graph, d.alarm, d.outpost))),
      ...impossible(
        declared,
        alarms.map((a) => a.outpost),
      ),
    ];
  },
};

interface Watching {
  readonly alarm: PolicyResource;
  readonly outpost: string;
}

/** The alarms on a server's service link, and which server it is: by the metric, of this account or another. */
function watchingAlarms(graph: Graph): Watching[] {
  return graph.ofType(METRIC_ALARM).flatMap((alarm) => {
    const direct = known(() => alarm.props["metricName"]) === "ConnectedStatus" ? alarm.props["dimensions"] : undefined;
    const query = known(() => at(alarm.props, "metricQueries.metric") as Record<string, unknown> | undefined);
    const queried = query && known(() => query["metricName"]) === "ConnectedStatus" ? query["dimensions"] : undefined;
    const outpost = known(() => ((direct ?? queried) as Record<string, string> | undefined)?.["OutpostId"]);
    return outpost === undefined ? [] : [{ alarm, outpost }];
  });
}

function untold(graph: Graph, alarm: PolicyResource, outpost: string): Finding[] {
  const problem = problemOfActions(graph, alarm);
  return typeof problem === "string"
    ? [{ message: `alarm ${alarm.name} on ${outpost} tells nobody: ${problem}`, urn: alarm.urn }]
    : [];
}

/** Tags that can't be read may declare a pair. */
function unreadable(alarm: PolicyResource): Finding[] {
  const tags = read(() => alarm.props["tags"] as Record<string, string> | undefined);
  const values = tags === UNKNOWN ? [UNKNOWN] : Object.keys(tags ?? {}).map((key) => read(() => tags?.[key]));
  return values.includes(UNKNOWN)
    ? [undetermined(`what the tags of alarm ${alarm.name} declare isn't known before the update`, alarm.urn)]
    : [];
}

/** The functions that an alarm's change runs and that may launch instances. */
function relaunching(graph: Graph, alarm: PolicyResource) {
  const name = known(() => alarm.props["name"] as string | undefined) ?? "";
  const { reached, problems } = deliver(graph, alarmState(name, "ALARM"), alarm);
  const functions = reached.filter((fn) => fn.type === FUNCTION);
  return { functions, problems, launching: functions.filter((fn) => may(graph, fn, "ec2:RunInstances") !== false) };
}

/** An alarm that declares a destination, and nothing that would relaunch there. */
function notRelaunched(graph: Graph, alarm: PolicyResource, outpost: string): Finding[] {
  const { functions, problems, launching } = relaunching(graph, alarm);
  if (launching.length > 0) {
    return [];
  }
  const reason =
    functions.length > 0
      ? `the role of ${functions.map((f) => f.name).join(", ")} doesn't allow ec2:RunInstances`
      : (problems[0] ?? "no EventBridge rule gets its alarm");
  return [{ message: `${outpost} has no relaunch target: ${reason}`, urn: alarm.urn }];
}

/** What a relaunching function lacks, by what AWS knows: subnets of other Outposts, a way back, a second look. */
function helpless(graph: Graph, alarm: PolicyResource, outpost: string): Finding[] {
  const { launching } = relaunching(graph, alarm);
  const name = known(() => alarm.props["name"] as string | undefined) ?? "";
  return launching.flatMap((fn) => {
    const places = graph.ofType(SUBNET).filter((s) => arnOf(s) !== undefined && may(graph, fn, "ec2:RunInstances", arnOf(s)) === true); // prettier-ignore
    const outposts = places.map((s) =>
      known(() => s.props["outpostArn"] as string | undefined)
        ?.split("/")
        .pop(),
    );
    const onItself = outposts.length > 0 && outposts.every((id) => id === outpost);
    const back = deliver(graph, alarmState(name, "OK"), alarm).reached.length > 0;
    const ticks = scheduled(graph).some(({ outcome }) => outcome.reached.includes(fn));
    return [
      ...(onItself
        ? [
            `${fn.name} may relaunch what ran on ${outpost} on ${outpost} alone: allow ec2:RunInstances on a subnet of another Outpost`,
          ]
        : []),
      ...(back
        ? []
        : [`nothing hears that ${outpost} is connected again: add a rule on state OK of alarm ${alarm.name}`]),
      ...(ticks ? [] : [`${fn.name} runs by the alarm alone: run it by a schedule too, since a run may die`]),
    ].map((message) => ({ message, urn: alarm.urn }));
  });
}

function may(graph: Graph, fn: PolicyResource, action: string, arn?: string): boolean | undefined {
  const [role] = graph.referred(fn, "role", IAM_ROLE);
  if (role === undefined) {
    return undefined;
  }
  if (arn !== undefined) {
    return mayDo(graph, role, action, arn);
  }
  // On anything at all: subnets stand for what an instance is made of, be they this stack's or not.
  const own = graph.ofType(SUBNET).flatMap((s) => arnOf(s) ?? []);
  const others = namedResources(graph, role).filter((resource) => resource.includes(":subnet/"));
  const answers = [...own, ...others, "*"].map((resource) => mayDo(graph, role, action, resource));
  return answers.includes(true) ? true : answers.includes(undefined) ? undefined : false;
}
