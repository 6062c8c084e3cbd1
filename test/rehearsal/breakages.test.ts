import assert from "node:assert/strict";
import { change, copyOfProgram, local } from "./up";

describe("a program broken on purpose", () => {
  const BREAKAGES = [
    {
      what: "a gateway only in one zone",
      edits: [
        {
          file: "components/gateway/deploy.ts",
          from: "network.zones.map((zone) => ({",
          to: "network.zones.slice(0, 1).map((zone) => ({",
        },
      ],
      rules: [/private-subnets-use-own-zone-gateway[^]*has no default route: point one at the gateway in/],
    },
    {
      what: "a route at another zone's gateway",
      edits: [
        {
          file: "components/gateway/deploy.ts",
          from: "routeTableIds: [zone.privateRouteTableId]",
          to: "routeTableIds: [(network.zones[(network.zones.indexOf(zone) + 1) % 3] ?? zone).privateRouteTableId]",
        },
      ],
      rules: [/private-subnets-use-own-zone-gateway[^]*leads to [\w-]+, the gateway in/],
    },
    {
      what: "a queue that nothing reads, and a state machine that can fail or hang in silence",
      edits: [
        { file: "components/common/queueCallback.ts", from: "    this.connect(queue, callback);\n", to: "" },
        { file: "components/recovery/definition.ts", from: "Catch: [PAGE],", to: "Catch: []," },
        { file: "components/recovery/recoveryMachine.ts", from: 'level: "ERROR"', to: 'level: "OFF"' },
        { file: "components/recovery/recoveryMachine.ts", from: "alarmActions: [this.args.topicArn],", to: "" },
        {
          file: "components/recovery/recoveryTrigger.ts",
          from: "deadLetterConfig: { arn: args.machine.deadLetterQueueArn },",
          to: "",
        },
      ],
      rules: [
        /gateways-fail-over-and-back[^]*nothing works off queue gateway-reconcile-queue/,
        /state-machines-end-or-tell[^]*task FirstUrl has no Catch/,
        /state-machines-end-or-tell[^]*recovery-machine has no logs/,
        /state-machines-end-or-tell[^]*target recovery-reports-target has no dead-letter queue/,
        /alarms-are-heard[^]*alarm recovery-failed tells nobody/,
      ],
    },
  ];

  for (const { what, edits, rules } of BREAKAGES) {
    it(`${what} fails the preview with the rule's name`, () => {
      const clone = copyOfProgram();
      edits.forEach((edit) => change(clone, edit.file, edit.from, edit.to));
      const { status, stderr } = local(["preview", "--stack", "prod-us-east-1"], clone);
      local(["down"], clone);
      rules.forEach((rule) => assert.match(stderr, rule));
      assert.equal(status, 1);
    });
  }

  it("a configuration with several problems fails before anything is registered, and lists them all", () => {
    const clone = copyOfProgram();
    const file = "test/stacks/Pulumi.prod-us-east-1.yaml";
    change(clone, file, "[us-east-1a, us-east-1b, us-east-1c]", "[us-east-1a]");
    change(clone, file, "flavour: nat", "flavour: router");
    change(clone, file, "      teamId: 4513b7ea-3b91-438f-b7e4-e3e54af9147c\n", "");
    change(clone, file, "type: slack", "type: carrier-pigeon");
    const { status, stderr } = local(["preview", "--stack", "prod-us-east-1"], clone);
    local(["down"], clone);
    assert.match(stderr, /nplusone:network.availabilityZones: expected at least 2/);
    assert.match(stderr, /nplusone:gateway.flavour: expected nat or squid/);
    assert.match(stderr, /nplusone:recovery.pager.teamId: expected the id of the OpsGenie team/);
    assert.match(stderr, /nplusone:recovery.chat.type: expected type to be slack, webhook or sns/);
    assert.doesNotMatch(stderr, /^\s+at /m);
    assert.notEqual(status, 0);
  });

  it("an unknown pager and a Region without instances are told from each other, and from the rest", () => {
    const clone = copyOfProgram();
    const file = "test/stacks/Pulumi.prod-eu-west-1.yaml";
    change(clone, file, / {4}instances:[^]*? {4}chat:/, "    instances: []\n    chat:");
    change(clone, file, "type: pagerduty", "type: pigeon");
    const { status, stderr } = local(["preview", "--stack", "prod-eu-west-1"], clone);
    local(["down"], clone);
    assert.match(stderr, /Pulumi.prod-eu-west-1.yaml has 2 problem\(s\)/);
    assert.match(stderr, /recovery.instances: expected at least one instance: in a Region without any/);
    assert.match(stderr, /recovery.pager.type: expected type to be opsgenie, pagerduty or sns, not "pigeon"/);
    assert.notEqual(status, 0);
  });

  it("a configuration that names what AWS doesn't have fails as early, and as clearly", () => {
    const clone = copyOfProgram();
    const file = "test/stacks/Pulumi.prod-eu-west-1.yaml";
    const unknown = "ffffffff-6c21-4f97-8d3e-52a9b7c61f08";
    const landscape = "local/drills/recovery/landscape.ts";
    // The rehearsal makes what the files name: here it is kept from that.
    change(clone, landscape, "[i.healthCheckId, well]", '["", well]');
    change(clone, landscape, "await runInstance(ec2, own)", 'own[0]?.Key ?? ""');
    change(clone, file, "0e4b8d5a-6c21-4f97-8d3e-52a9b7c61f08", unknown);
    const { status, stderr } = local(["preview", "--stack", "prod-eu-west-1"], clone);
    local(["down"], clone);
    assert.match(stderr, /Pulumi.prod-eu-west-1.yaml has 2 problem\(s\)/);
    assert.match(
      stderr,
      /recovery.instances.0.healthCheckId: expected a Route 53 health check that exists: .*NoSuchHealthCheck/,
    );
    assert.match(stderr, /recovery.instances.0.tags: expected exactly one instance in this Region, but 0 have/);
    assert.doesNotMatch(stderr, /^\s+at /m);
    assert.notEqual(status, 0);
  });

  it("a function that can't be serialized fails at once, and says which", () => {
    const clone = copyOfProgram();
    const file = "lambdas/recovery/checkSsh.ts";
    change(clone, file, "setTimeout(() => settle", "const timer = setTimeout(() => settle");
    change(clone, file, "socket.destroy();", "clearTimeout(timer); socket.destroy();");
    const { status, stderr } = local(["preview", "--stack", "prod-eu-west-1"], clone);
    local(["down"], clone);
    assert.match(stderr, /Error serializing[^]*checkSsh[^]*timer/);
    assert.equal(status, 1);
  });
});
