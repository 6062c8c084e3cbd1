import { EC2Client, StartInstancesCommand, StopInstancesCommand } from "@aws-sdk/client-ec2";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import {
  DescribeStateMachineCommand,
  ListStateMachinesCommand,
  SFNClient,
  TestStateCommand,
} from "@aws-sdk/client-sfn";
import assert from "node:assert/strict";
import { repositoryUrl } from "../../../components/common/repository";
import { readFileSync } from "node:fs";
import { Bus } from "../../../local/bus/bus";
import { Clients } from "../../../local/endpoint/clients";
import { alarmState } from "../../../local/bus/events";
import { chatTexts, pages, RecoveryInstance, RecoveryWorld } from "../../../local/drills/recovery/world";
import { drawing } from "../../../local/report/drawing";
import { Settings } from "../../../local/endpoint/scope";
import { Inbox } from "../../../local/bus/inbox";
import { Execution, StateMachines } from "../../../local/bus/stateMachines";
import { declaredTags } from "../../components/common/declaredTags";
import { bringUp, local } from "../up";

const REGION = "us-east-1";
const STACK = "prod-us-east-1";

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly Default?: string;
  readonly Choices?: readonly { readonly Next: string }[];
  readonly Parameters?: Record<string, unknown>;
}

describe("the deployed recovery workflow", () => {
  let clients: Clients;
  let world: RecoveryWorld;
  let instance: RecoveryInstance;
  let bus: Bus;
  let inbox: Inbox;
  let stateMachineArn: string;
  let roleArn: string;
  let states: Record<string, State>;
  /** Every step from a state to the next that an execution has taken. */
  const walked = new Set<string>();

  before(async () => {
    clients = bringUp();
    world = await RecoveryWorld.find(STACK, clients);
    instance = world.instances[0] as RecoveryInstance;
    bus = new Bus(REGION, clients);
    await bus.pauseSchedules();
    inbox = await Inbox.open(REGION, clients);
    const sfn = clients.make(SFNClient, REGION);
    const { stateMachines = [] } = await sfn.send(new ListStateMachinesCommand({}));
    stateMachineArn = stateMachines.find((m) => m.name === `${STACK}-recovery`)?.stateMachineArn ?? "";
    const machine = await sfn.send(new DescribeStateMachineCommand({ stateMachineArn }));
    roleArn = machine.roleArn ?? "";
    states = (JSON.parse(machine.definition ?? "{}") as { States: Record<string, State> }).States;
  });
  after(async () => {
    await clients.endpoint.set({});
    await world.forget();
    await bus.resumeSchedules();
    await inbox.close();
  });

  /** A fresh world in which all that was is forgotten. */
  async function setWorld(settings: Settings): Promise<void> {
    await world.forget();
    await inbox.read();
    await clients.endpoint.set(settings, REGION);
  }

  const remember = (execution: Execution): Execution => {
    execution.states.forEach((state, i) => i > 0 && walked.add(`${execution.states[i - 1]} → ${state}`));
    return execution;
  };

  /** The alarm of an instance goes off. */
  async function alarm(of = instance, at = new Date().toISOString()): Promise<Execution> {
    const [{ execution } = { execution: undefined }] = await bus.publish(alarmState(of.alarm, "ALARM", at));
    assert.ok(execution, "the deployed rule leads to the state machine");
    return remember(execution);
  }

  /** The alarm of an instance that somebody has stopped goes off. */
  async function alarmWhileStopped(): Promise<Execution> {
    const ec2 = clients.make(EC2Client, REGION);
    const InstanceIds = [instance.instanceId];
    await ec2.send(new StopInstancesCommand({ InstanceIds }));
    try {
      return await alarm();
    } finally {
      await ec2.send(new StartInstancesCommand({ InstanceIds }));
    }
  }

  /** An execution with something else in its input than the rule puts there. */
  async function startWith(settings: Settings, over: object): Promise<Execution> {
    await setWorld({ world: world.world() });
    const { input } = await alarm();
    await setWorld(settings);
    const run = new StateMachines(REGION, clients).run(
      stateMachineArn,
      JSON.stringify({ ...JSON.parse(input), ...over }),
    );
    return remember(await run);
  }

  /** A client for TestState, which AWS has under a host name of its own. */
  const testStates = () =>
    new SFNClient({
      region: REGION,
      endpoint: clients.endpoint.url,
      credentials: { accessKeyId: "TEST", secretAccessKey: "local" },
      disableHostPrefix: true,
    });

  const received = async () => (await clients.endpoint.received()).filter((r) => r.region === REGION);
  const chat = async () => chatTexts(await received(), world);
  const paged = async () => (await pages(await received(), world)).map((p) => `${p.title}\n${p.text}`);
  const reboots = async () =>
    (await clients.endpoint.calls()).filter((c) => c.region === REGION && c.action === "RebootInstances");
  const restarts = async () => (await reboots()).length;

  it("ends silently if all is well", async () => {
    await setWorld({ world: world.world() });
    assert.equal((await alarm()).states.at(-1), "FalseAlarm");
    assert.deepEqual([await chat(), await paged(), await inbox.read()], [[], [], []]);
  });

  it("reports to Slack, with the token, what a restart has healed", async () => {
    await setWorld({ world: world.failing(instance), reboot: { polls: 1, then: world.healed(instance) } });
    assert.equal((await alarm()).states.at(-1), "Recovered");
    const [message] = (await received()).filter((r) => r.host === "slack.com");
    assert.equal(message?.url, "https://slack.com/api/chat.postMessage");
    assert.equal(message?.headers["authorization"], "Bearer https://hooks.example.com/rehearsal");
    assert.equal((JSON.parse(message?.body ?? "{}") as { channel?: string }).channel, "C0123456789");
  });

  it("pages by OpsGenie, with key, team and alias, what a restart has not healed", async () => {
    await setWorld({ world: world.failing(instance), reboot: { polls: 0, then: {} } });
    const at = new Date().toISOString();
    assert.equal((await alarm(instance, at)).states.at(-1), "Paged");
    const [request] = (await received()).filter((r) => r.host === "api.opsgenie.com");
    assert.equal(request?.url, "https://api.opsgenie.com/v2/alerts");
    assert.match(request?.headers["authorization"] ?? "", /^GenieKey /);
    const alert = JSON.parse(request?.body ?? "{}") as { alias?: string; responders?: { id?: string }[] };
    assert.equal(alert.alias, `${instance.instanceId}/${at}`);
    assert.equal(alert.responders?.[0]?.id, "4513b7ea-3b91-438f-b7e4-e3e54af9147c");
  });

  it("finds each kind of failure in the first run", async () => {
    const { healthCheckId, instanceId, urlHost, sshHost } = instance;
    const failures = [
      ["URL", { internet: { [urlHost]: { status: 500 } } }],
      ["URL", { internet: { [urlHost]: "closes" as const } }],
      ["Route 53", { healthChecks: { [healthCheckId]: { healthy: 2, of: 16, region: REGION } } }],
      ["SSH", { internet: { [sshHost]: "closes" as const } }],
      ["SSH", { internet: { [sshHost]: { sends: "220 not ssh\r\n".repeat(400) } } }],
      ["CPU", { cpu: { [instanceId]: 95 } }],
    ] as const;
    const well = {
      healthChecks: { [healthCheckId]: { healthy: 3, of: 16, region: REGION } },
      internet: { [urlHost]: { status: 200 }, [sshHost]: { sends: "SSH-2.0-x\r\n" } },
      cpu: { [instanceId]: 94 },
    };
    for (const [check, over] of failures) {
      await setWorld({ world: world.world(over), reboot: { polls: 0, then: well } });
      assert.equal((await alarm()).states.at(-1), "Recovered", check);
      const failed = /First run, ([\w ]+): FAILED/g;
      assert.deepEqual(
        [...((await chat())[0] ?? "").matchAll(failed)].map(([, name]) => name),
        [check],
      );
    }
  });

  it("leaves an impaired system and an instance that doesn't run alone, and says so", async () => {
    await setWorld({ world: world.failing(instance, { systemChecks: { [instance.instanceId]: "impaired" } }) });
    assert.equal((await alarm()).states.at(-1), "LeftAlone");
    assert.equal(await restarts(), 0);
    assert.match((await chat()).join(), /left to EC2's own recovery/);
    await setWorld({ world: world.failing(instance) });
    assert.equal((await alarmWhileStopped()).states.at(-1), "LeftAlone");
    assert.match((await chat()).join(), /not running, left alone[^]*instance stopped/);
  });

  it("leaves an instance alone that somebody has stopped by the time it is to be restarted", async () => {
    // EC2's status, which lags behind, still says that it runs.
    await setWorld({ world: world.failing(instance, { statusChecks: { [instance.instanceId]: "impaired" } }) });
    const end = ["Restart", "RestartVerdict", "ReportLeftAlone", "LeftAlone"];
    assert.deepEqual((await alarmWhileStopped()).states.slice(-4), end);
    assert.deepEqual([await restarts(), await paged()], [0, []]);
    assert.match((await chat()).join(), /not running, left alone[^]*not restarted, because it is stopped/);
  });

  it("leaves an instance alone that somebody stops after the restart", async () => {
    const sfn = testStates();
    for (const name of ["PollVerdict", "LookAgainVerdict"]) {
      const input = JSON.stringify({ status: { verdict: "not-running" }, polled: { seconds: 15 } });
      const definition = JSON.stringify(states[name]);
      const { nextState } = await sfn.send(new TestStateCommand({ definition, roleArn, input }));
      assert.equal(nextState, "ReportLeftAlone", name);
      walked.add(`${name} → ${nextState}`);
    }
  });

  it("says so if EC2's instance status check fails, though all four checks pass", async () => {
    await setWorld({ world: world.world({ statusChecks: { [instance.instanceId]: "impaired" } }) });
    assert.equal((await alarm()).states.at(-1), "LeftAlone");
    assert.equal(await restarts(), 0);
    assert.match((await chat()).join(), /serves, but fails its instance status check[^]*check impaired/);
  });

  it("asks again for a restart that EC2 was too busy for", async () => {
    await setWorld({
      world: world.failing(instance),
      reboot: { polls: 0, then: world.healed(instance) },
      fault: { kind: "throttle", caller: "", action: "RebootInstances", from: 0, count: 2 },
    });
    assert.equal((await alarm()).states.at(-1), "Recovered");
    const asked = await reboots();
    const statuses = asked.map((c) => (c.executed ? `${c.status} and done` : c.status));
    assert.deepEqual(statuses, [503, 503, "200 and done"]);
  });

  it("doesn't take a restart for done that EC2 hasn't answered, and doesn't ask for it again", async () => {
    await setWorld({
      world: world.failing(instance),
      fault: { kind: "error", caller: "", action: "RebootInstances", from: 0, count: 1 },
    });
    assert.equal((await alarm()).states.at(-1), "Paged");
    const asked = await reboots();
    assert.equal(asked.length, 1);
    assert.match(
      (await paged()).join(),
      /still fails after a restart that EC2 didn't confirm[^]*may not have been restarted/,
    );
  });

  it("pages if the status checks don't pass by the deadline", async () => {
    await setWorld({ world: world.failing(instance), reboot: { polls: 1000, then: world.healed(instance) } });
    const { states: taken } = await alarm();
    assert.equal(taken.filter((s) => s === "PollStatus").length, 600 / 15);
    assert.match((await paged()).join(), /doesn't pass its status checks after a restart/);
  });

  it("pages if CloudWatch has no datum of after the restart", async () => {
    const then = { ...world.healed(instance), cpu: { [instance.instanceId]: null } };
    await setWorld({ world: world.failing(instance), reboot: { polls: 0, then } });
    await alarm();
    assert.match((await paged()).join(), /recovery workflow failed \(NoDatum\)[^]*CloudWatch has no CPUUtilization/);
  });

  it("ends silently for a duplicate and for a late event", async () => {
    const at = new Date();
    await setWorld({ world: world.failing(instance), reboot: { polls: 0, then: {} } });
    await alarm(instance, at.toISOString());
    assert.equal((await alarm(instance, at.toISOString())).states.at(-1), "Duplicate");
    assert.equal((await alarm(instance, new Date(at.getTime() - 5000).toISOString())).states.at(-1), "Duplicate");
    assert.deepEqual([await restarts(), (await paged()).length], [1, 1]);
  });

  it("doesn't restart again for a new alarm within the cooldown, but pages", async () => {
    await setWorld({ world: world.failing(instance), reboot: { polls: 0, then: {} } });
    await alarm();
    await alarm();
    assert.equal(await restarts(), 1);
    assert.match((await paged())[1] ?? "", /was not restarted[^]*less than 60 minutes ago/);
  });

  describe("in a group of two, of which one must stay in service", () => {
    const [a, b] = [() => world.instances[1] as RecoveryInstance, () => world.instances[2] as RecoveryInstance];

    it("restarts one after the other if both are pegged at once", async () => {
      for (const one of [a(), b()]) {
        // Neither is late because its functions are started for the first time.
        await setWorld({ world: world.failing(one), reboot: { polls: 0, then: {} } });
        await alarm(one);
      }
      const both = { ...world.failing(a()), ...{ cpu: { [a().instanceId]: 99, [b().instanceId]: 99 } } };
      // A restart takes nearly all the time that it has, so the other finds it under way.
      await setWorld({ world: world.world(both), reboot: { polls: 600 / 15 - 2, then: {} } });
      const executions = await Promise.all([alarm(a()), alarm(b())]);
      assert.equal(await restarts(), 2);
      const waited = executions.filter((e) => e.states.includes("WaitForTurn"));
      assert.equal(waited.length, 1, "one waits for its turn");
      assert.deepEqual(
        executions.map((e) => e.states.at(-1)),
        ["Paged", "Paged"],
      );
    });

    it("doesn't restart one while the other is out of service, and pages when it has waited long enough", async () => {
      const settings = { world: world.failing(a(), { statusChecks: { [b().instanceId]: "impaired" } }) } as const;
      const functions = {
        healthCheck: `${STACK}-recovery-search-a-health-check`,
        restart: `${STACK}-recovery-search-a-restart`,
      };
      const execution = await startWith(settings, { target: "search-a", functions, waited: { seconds: 2000 } });
      assert.equal(execution.states.at(-1), "Paged");
      assert.equal(await restarts(), 0);
      assert.match((await paged()).join(), /50 % of its group must stay in service, and search-b is out of service/);
    });
  });

  it("pages if the chat fails, and says that the instance is well", async () => {
    const internet = { "slack.com": { status: 200, body: '{"ok":false,"error":"invalid_auth"}' } };
    await setWorld({
      world: world.failing(instance, { internet }),
      reboot: { polls: 0, then: world.healed(instance) },
    });
    assert.equal((await alarm()).states.at(-1), "Paged");
    assert.match(
      (await paged()).join(),
      /workflow failed \(Refused\)[^]*Second run, URL: good[^]*Slack says invalid_auth/,
    );
  });

  it("retries a pager that is busy, and then tells by SNS", async () => {
    await setWorld({
      world: world.failing(instance, { internet: { "api.opsgenie.com": { status: 429 } } }),
      reboot: { polls: 0, then: {} },
    });
    assert.ok((await alarm()).states.includes("PageBySns"));
    assert.equal((await paged()).length, 5, "one attempt and four retries");
    assert.deepEqual(
      (await inbox.read()).map((m) => m.subject),
      [`PAGER FAILED: recovery of ${instance.name}`],
    );
  });

  it("fails, which an alarm tells, if not even SNS can be reached", async () => {
    const settings: Settings = {
      world: world.failing(instance, { internet: { "api.opsgenie.com": "closes" } }),
      reboot: { polls: 0, then: {} },
    };
    const topicArn = `arn:aws:sns:${REGION}:123456789012:gone`;
    const { status, states: taken } = await startWith(settings, { topicArn });
    assert.deepEqual([status, taken.at(-1)], ["FAILED", "NobodyTold"]);
  });

  describe("as a whole", () => {
    it("has been walked on every branch by the tests above", () => {
      const branches = Object.entries(states).flatMap(([name, state]) =>
        [state.Next ?? [], state.Default ?? [], (state.Choices ?? []).map((c) => c.Next)]
          .flat()
          .map((next) => `${name} → ${next}`),
      );
      assert.ok(branches.length > 30);
      assert.deepEqual(
        [...new Set(branches)].filter((branch) => !walked.has(branch)),
        [],
      );
    });

    it("leads the failure of each task to the page, and the pager's to SNS", async () => {
      const sfn = testStates();
      // Every function refuses an instance that it is not there for; SNS refuses a topic that is not there.
      const input = JSON.stringify({
        target: "nobody",
        outage: new Date().toISOString(),
        topicArn: `arn:aws:sns:${REGION}:123456789012:gone`,
        functions: {
          healthCheck: `${STACK}-recovery-reports-health-check`,
          restart: `${STACK}-recovery-reports-restart`,
        },
        waited: { seconds: 0 },
        restart: { at: new Date().toISOString() },
        pagerError: { Error: "X", Cause: "x" },
      });
      const context = JSON.stringify({ Execution: { Id: "arn:aws:states:::execution:test" } });
      const tasks = Object.entries(states).filter(([, s]) => s.Type === "Task");
      assert.ok(tasks.length > 10);
      for (const [name, state] of tasks) {
        const definition = JSON.stringify(state);
        const { status, nextState } = await sfn.send(new TestStateCommand({ definition, roleArn, input, context }));
        const expected = { Page: "PageBySns", PageBySns: "NobodyTold" }[name] ?? "Page";
        assert.deepEqual([name, status, nextState], [name, "CAUGHT_ERROR", expected]);
      }
    });

    it("has functions that refuse what is none of theirs, by name and without a word of a secret", async () => {
      await setWorld({});
      const lambda = clients.make(LambdaClient, REGION);
      const names = ["status", "url", "ssh", "cpu", "report", "page", "reports-restart", "reports-health-check"];
      const events = [
        "null",
        "{}",
        '"x"',
        '{"target":{"name":"reports"}}',
        '{"target":"__proto__","state":{"target":1}}',
      ];
      for (const name of names) {
        for (const event of events) {
          const answer = await lambda.send(
            new InvokeCommand({ FunctionName: `${STACK}-recovery-${name}`, Payload: Buffer.from(event) }),
          );
          const text = Buffer.from(answer.Payload ?? []).toString();
          assert.ok(answer.FunctionError, `${name} ${event}`);
          assert.match(text, /UnknownTarget|expected target to be one of/, `${name} ${event}`);
        }
      }
      const Payload = Buffer.from('{"target":"reports","outage":"yesterday"}');
      const answer = await lambda.send(
        new InvokeCommand({ FunctionName: `${STACK}-recovery-reports-restart`, Payload }),
      );
      assert.match(Buffer.from(answer.Payload ?? []).toString(), /expected outage \(a time\), execution \(an ARN\)/);
      assert.equal(await restarts(), 0);
    });

    it("is drawn in docs/recovery.svg as it is deployed", async () => {
      assert.equal(
        readFileSync("docs/recovery.svg", "utf8"),
        await drawing(STACK, clients),
        "run `npm run local -- draw`",
      );
    });
  });
});

describe("every resource that takes tags", () => {
  for (const stack of [STACK, "prod-eu-west-1"]) {
    it(`has those of the version and the repository in ${stack}`, () => {
      bringUp();
      const { version } = JSON.parse(readFileSync("package.json", "utf8")) as { version: string };
      // A clone of a folder, or one without git, has no repository to name.
      const expected = Object.entries({ version, ...repositoryUrl(process.cwd()) });
      const { deployment } = JSON.parse(local(["export", "--stack", stack]).stdout) as {
        deployment: { resources: { type: string; urn: string; inputs?: Record<string, unknown> }[] };
      };
      const taggable = deployment.resources.filter(
        ({ type }) => /^aws:\w+\/\w+:/.test(type) && declaredTags(type) !== undefined,
      );
      assert.ok(taggable.length > 80);
      const untagged = taggable.filter(({ inputs }) => {
        const tags = JSON.stringify(inputs?.["tags"] ?? {});
        return expected.some(([name, value]) => !tags.includes(name) || !tags.includes(value));
      });
      assert.deepEqual(
        untagged.map((r) => r.urn),
        [],
      );
    });
  }
});
