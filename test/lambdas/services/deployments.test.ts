import assert from "node:assert/strict";
import { careForDeployments } from "../../../lambdas/services/deployments";
import { DeploymentsSettings } from "../../../lambdas/services/settings";
import { FakeAws } from "./fakeAws";

const SETTINGS: DeploymentsSettings = {
  ...{ cluster: "shop", clusterArn: "arn:aws:ecs:us-east-1:123456789012:cluster/shop" },
  ...{ stateTable: "state", system: "services/shop/deployments", topicArn: "arn:topic" },
};
const CART = "arn:aws:ecs:us-east-1:123456789012:service/shop/cart";
const failed = (over: object = {}) => ({
  "detail-type": "ECS Deployment State Change",
  resources: [CART],
  detail: {
    eventName: "SERVICE_DEPLOYMENT_FAILED",
    deploymentId: "ecs-svc/2",
    reason: "tasks failed to start",
    ...over,
  },
});
const trouble = {
  "detail-type": "ECS Service Action",
  resources: [CART],
  detail: { eventName: "SERVICE_TASK_PLACEMENT_FAILURE", reason: "RESOURCE:MEMORY" },
};

describe("what people are told of deployments", () => {
  let aws: FakeAws;
  beforeEach(() => {
    aws = new FakeAws();
    aws.services = [
      { serviceArn: CART, serviceName: "cart", desiredCount: 4, runningCount: 4, deployments: [] },
      { serviceArn: `${CART}2`, serviceName: "prices", desiredCount: 4, runningCount: 2, deployments: [] },
    ];
  });
  const run = (event?: unknown) => careForDeployments(event, SETTINGS, aws.clients());
  const subjects = () => aws.messages.map((message) => message.subject);
  const cart = (over: object) => Object.assign(aws.services[0] ?? {}, over);

  it("is nothing of services that scale or deploy", async () => {
    cart({ runningCount: 2, deployments: [{ id: "ecs-svc/2", rolloutState: "IN_PROGRESS" }] });
    await run();
    assert.deepEqual(subjects(), []);
  });

  it("is a failed deployment, once, with ECS's reason, whichever comes first of event and look", async () => {
    await run(failed());
    cart({ deployments: [{ id: "ecs-svc/2", rolloutState: "FAILED", rolloutStateReason: "tasks failed to start" }] });
    await run();
    await run(failed());
    assert.deepEqual(subjects(), ["shop: a deployment of cart has failed, and is taken back"]);
    assert.match(aws.messages[0]?.body ?? "", /tasks failed to start/);
    await run(failed({ deploymentId: "ecs-svc/3" }));
    assert.equal(subjects().length, 2, "another deployment is another message");
  });

  it("is a failed deployment of which no event has come", async () => {
    cart({ deployments: [{ id: "ecs-svc/2", rolloutState: "FAILED" }] });
    await run();
    assert.equal(subjects().length, 1);
  });

  it("is that tasks can't be placed, as long as they aren't, and that they are again", async () => {
    cart({ runningCount: 2 });
    await run(trouble);
    await run(trouble);
    await run();
    assert.deepEqual(subjects(), ["shop: ECS can't start tasks of cart"]);
    assert.match(aws.messages[0]?.body ?? "", /2 of 4 tasks run.*SERVICE_TASK_PLACEMENT_FAILURE: RESOURCE:MEMORY/s);
    cart({ runningCount: 4 });
    await run();
    await run(trouble);
    assert.deepEqual(subjects().slice(1), ["shop: cart has all its tasks again"], "a late event changes nothing");
  });

  it("is once that a first deployment fails, though it is begun again and again, and that it has succeeded", async () => {
    const attempt = (rolloutState: string, id: string) =>
      cart({ runningCount: 0, deployments: [{ id, status: "PRIMARY", rolloutState, updatedAt: aws.now }] });
    attempt("FAILED", "ecs-svc/1");
    await run(failed({ deploymentId: "ecs-svc/1" }));
    assert.equal(aws.calls.includes("UpdateService"), false, "its image may come any moment, and ECS may be at fault");
    aws.minutesPass(15);
    assert.deepEqual((await run()).again, ["cart"]);
    attempt("IN_PROGRESS", "ecs-svc/2");
    await run();
    attempt("FAILED", "ecs-svc/2");
    await run(failed({ deploymentId: "ecs-svc/2" }));
    assert.deepEqual(subjects(), ["shop: cart doesn't start"]);
    attempt("COMPLETED", "ecs-svc/3");
    cart({ runningCount: 4 });
    assert.deepEqual((await run()).again, []);
    assert.deepEqual(subjects().slice(1), ["shop: cart runs"]);
  });

  it("is that a deployment has failed, also in the moment before ECS goes back", async () => {
    const before = { id: "ecs-svc/1", status: "ACTIVE", rolloutState: "COMPLETED" };
    cart({ deployments: [{ id: "ecs-svc/2", status: "PRIMARY", rolloutState: "FAILED", updatedAt: aws.now }, before] });
    await run(failed());
    aws.minutesPass(30);
    assert.deepEqual((await run()).again, []);
    assert.deepEqual(subjects(), ["shop: a deployment of cart has failed, and is taken back"]);
  });

  it("is nothing that a malformed event says, or one of another service", async () => {
    const events = [null, "?", { resources: "cart" }, { resources: [7] }, { ...failed(), resources: ["arn:other"] }];
    for (const event of [...events, failed({ deploymentId: 7 })]) {
      await run(event);
    }
    assert.deepEqual(subjects(), []);
  });

  for (const moment of ["before", "afterwards"] as const) {
    it(`is told in the end, ${moment === "before" ? "each call refused" : "each answer lost"} in turn`, async () => {
      for (let k = 0; k < 7; k++) {
        aws = new FakeAws();
        aws.services = [{ serviceArn: CART, serviceName: "cart", desiredCount: 4, runningCount: 4 }];
        let calls = 0;
        aws[moment] = (action) => {
          if (calls++ === k) {
            throw new Error(`${action} fails`);
          }
        };
        await assert.rejects(run(failed()), /fails/, `call ${k}`);
        // As Lambda does, a minute and two later: claims have run out by then.
        for (let retry = 0; retry < 2; retry++) {
          aws.minutesPass(1);
          await run(failed());
        }
        const told = subjects().length;
        assert.ok(told === 1 || told === 2, `call ${k}: told ${told} times`);
      }
    });
  }
});
