import { PolicyResource } from "@pulumi/policy";
import assert from "node:assert/strict";
import { EVENT_RULE, EVENT_TARGET, FUNCTION, IAM_ROLE, METRIC_ALARM, PERMISSION, QUEUE, SUBNET } from "../../policy/core/graph"; // prettier-ignore
import { outpostsCanRelaunch as rule } from "../../policy/outposts/outpostsCanRelaunch";
import { cannotTell, violations } from "./find";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

interface Server {
  readonly outpost: string;
  readonly capacity?: string;
  readonly runs?: string;
  readonly on?: string;
  readonly actions?: unknown[];
  readonly deaf?: "no rule" | "disabled" | "no dead letters" | "no way back" | "no schedule" | "rule on OK";
  /** The metric is another account's. */
  readonly shared?: boolean;
}

const A: Server = { outpost: "op-a", capacity: "c6id.large=4", runs: "c6id.large=2", on: "op-b" };
const B: Server = { outpost: "op-b", capacity: "c6id.large=4", runs: "c6id.large=1" };
const C: Server = { outpost: "op-c", capacity: "c6id.large=4", runs: "c6id.large=1", on: "op-b" };

const subnetArn = (outpost: string) => `arn:aws:ec2:us-east-1:123456789012:subnet/${outpost}`;
const runInstances = (...outposts: string[]) => [
  { Effect: "Allow", Action: "ec2:RunInstances", Resource: outposts.map(subnetArn) },
];

/** The resources that watch servers and relaunch what runs on them. */
function stack(servers: readonly Server[], statements: object[] = runInstances("op-b")): PolicyResource[] {
  const role = resource(IAM_ROLE, "relaunch", {});
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  const fn = resource(FUNCTION, "relaunch", { timeout: 900 }, { role });
  const queue = resource(QUEUE, "dead-letters", {});
  const subnets = servers.map(({ outpost }) =>
    resource(SUBNET, outpost, {
      arn: subnetArn(outpost),
      availabilityZone: "us-east-1a",
      outpostArn: `arn:aws:outposts:us-east-1:123456789012:outpost/${outpost}`,
    }),
  );
  const listening = (name: string, props: Record<string, unknown>, deadLetters: boolean, alarm?: PolicyResource) => {
    const made = resource(EVENT_RULE, name, { state: "ENABLED", ...props }, alarm ? { eventPattern: alarm } : {});
    const kept: Record<string, PolicyResource> = deadLetters ? { deadLetterConfig: queue } : {};
    const permission = { principal: "events.amazonaws.com", action: "lambda:InvokeFunction" };
    return [
      made,
      resource(EVENT_TARGET, name, { arn: UNKNOWN }, { rule: made, arn: fn, ...kept }),
      resource(PERMISSION, name, permission, { function: fn, sourceArn: made }),
    ];
  };
  return [
    role,
    resource("aws:iam/rolePolicy:RolePolicy", "relaunch", { policy }, { role }),
    fn,
    queue,
    ...subnets,
    ...servers.flatMap((server) => {
      const { outpost, deaf } = server;
      const tags = {
        ...(server.runs === undefined ? {} : { "nplusone:outpost-runs": server.runs }),
        ...(server.capacity === undefined ? {} : { "nplusone:outpost-capacity": server.capacity }),
        ...(server.on === undefined ? {} : { "nplusone:relaunched-on": server.on }),
      };
      const metric = { metricName: "ConnectedStatus", namespace: "AWS/Outposts", dimensions: { OutpostId: outpost } };
      const watched = server.shared === true ? { metricQueries: [{ id: "connected", metric }] } : metric;
      const alarm = resource(METRIC_ALARM, outpost, {
        name: outpost,
        tags,
        alarmActions: server.actions ?? ["arn:topic"],
        ...watched,
      });
      if (server.on === undefined || deaf === "no rule") {
        return [alarm];
      }
      const pattern = (value: string) =>
        JSON.stringify({ source: ["aws.cloudwatch"], detail: { alarmName: [outpost], state: { value: [value] } } });
      const state = deaf === "disabled" ? "DISABLED" : "ENABLED";
      const lost = { eventPattern: pattern(deaf === "rule on OK" ? "OK" : "ALARM"), state };
      return [
        alarm,
        ...listening(`${outpost}-lost`, lost, deaf !== "no dead letters", alarm),
        ...(deaf === "no way back" ? [] : listening(`${outpost}-back`, { eventPattern: pattern("OK") }, true, alarm)),
        ...(deaf === "no schedule"
          ? []
          : listening(`${outpost}-tick`, { scheduleExpression: "rate(5 minutes)" }, true)),
      ];
    }),
  ];
}

const text = (servers: readonly Server[], statements?: object[]) =>
  violations(rule, stack(servers, statements)).join("\n");

describe("outposts-can-relaunch", () => {
  it("holds for a pair with room, and for two sources that fit together", () => {
    assert.equal(text([A, B, C]), "");
    assert.equal(text([{ ...A, shared: true }, B]), "");
  });
  it("has nothing to say of other alarms", () =>
    assert.deepEqual(
      violations(rule, [resource(METRIC_ALARM, "cpu", { tags: UNKNOWN, metricName: "CPUUtilization" })]),
      [],
    ));
  it("judges servers that declare nothing by what AWS knows", () => {
    assert.equal(text([{ outpost: "op-a" }]), "");
    assert.match(text([{ outpost: "op-a", actions: [] }]), /alarm op-a on op-a tells nobody/);
  });
  it("breaks for the same server on both sides", () =>
    assert.match(text([{ ...A, on: "op-a" }, B]), /op-a is to be relaunched on itself/));
  it("breaks if nothing watches the destination", () => assert.match(text([A]), /nothing watches op-b/));
  it("breaks for an alarm without actions", () =>
    assert.match(text([A, { ...B, actions: [] }]), /alarm op-b on op-b tells nobody/));
  it("breaks if the sources of one destination don't fit together, though each would alone", () => {
    assert.equal(text([{ ...A, runs: "c6id.large=3" }, B]), "");
    assert.match(text([{ ...A, runs: "c6id.large=3" }, B, C]), /op-b holds 4 c6id.large, but would have to run 5/);
  });
  it("breaks for a type that the destination doesn't hold", () =>
    assert.match(text([{ ...A, runs: "c6id.metal=1" }, B]), /op-b holds 0 c6id.metal/));
  it("breaks without a rule, for a disabled one, for one on OK, and without a dead-letter queue", () => {
    assert.match(text([{ ...A, deaf: "no rule" }, B]), /op-a has no relaunch target: no EventBridge rule/);
    assert.match(text([{ ...A, deaf: "disabled" }, B]), /is disabled: enable it/);
    assert.match(text([{ ...A, deaf: "rule on OK" }, B]), /op-a has no relaunch target: no EventBridge rule/);
    assert.match(text([{ ...A, deaf: "no dead letters" }, B]), /set deadLetterConfig/);
  });
  it("breaks without a way back, and without a schedule", () => {
    assert.match(text([{ ...A, deaf: "no way back" }, B]), /nothing hears that op-a is connected again/);
    assert.match(text([{ ...A, deaf: "no schedule" }, B]), /runs by the alarm alone/);
  });
  it("breaks if the function may not launch, or only on the server that is lost", () => {
    assert.match(text([A, B], []), /role of relaunch doesn't allow ec2:RunInstances/);
    assert.match(text([A, B], runInstances("op-a")), /may relaunch what ran on op-a on op-a alone/);
  });
  it("holds if the function may launch in subnets that aren't this stack's", () =>
    assert.equal(text([A, B], runInstances("elsewhere")), ""));
  it("doesn't fail open for a type whose capacity can't be read", () =>
    assert.match(text([A, { ...B, capacity: UNKNOWN }]), /op-b holds 0 c6id.large/));
  it("can't tell what unknown tags declare, and says so", () => {
    const alarm = (tags: unknown) =>
      resource(METRIC_ALARM, "x", { name: "x", metricName: "ConnectedStatus", dimensions: { OutpostId: "op-a" }, tags, alarmActions: ["a"] }); // prettier-ignore
    cannotTell(rule, [alarm(UNKNOWN)], /what the tags of alarm x declare isn't known/);
    cannotTell(rule, [alarm({ "nplusone:outpost-runs": UNKNOWN })], /what the tags of alarm x declare isn't known/);
  });
  it("takes the names of its tags from options", () => {
    const options = { runsTag: "runs", capacityTag: "holds", relaunchedOnTag: "to" };
    const tags = { runs: "c6id.metal=1", to: "op-b" };
    const alarm = resource(METRIC_ALARM, "x", { name: "x", metricName: "ConnectedStatus", dimensions: { OutpostId: "op-a" }, tags, alarmActions: ["a"] }); // prettier-ignore
    assert.match(violations(rule, [alarm], options).join("\n"), /op-b holds 0 c6id.metal/);
    assert.deepEqual(violations(rule, [alarm]), []);
  });
});
