import { LambdaClient } from "@aws-sdk/client-lambda";
import assert from "node:assert/strict";
import { diff } from "../../../../local/plugins/aws/lifecycle";
import { lifecycleOf, recordOf } from "./calls";

const TYPE = "aws:lambda/invocation:Invocation";
const inputs = { functionName: "rollout", input: "{}", triggers: { version: "1" } };
const answer = (text: string) => new TextEncoder().encode(text);

describe("a Lambda invocation of the stand-in", () => {
  it("really calls the function, once", async () => {
    const { created } = lifecycleOf(LambdaClient, TYPE, { Invoke: { Payload: answer("{}") } });
    assert.deepEqual(
      (await created(inputs)).map(([action, { FunctionName }]) => [action, FunctionName]),
      [["Invoke", "rollout"]],
    );
  });
  it("fails with what the function has thrown", () => {
    const Invoke = { Payload: answer('{"errorMessage":"no template"}'), FunctionError: "Unhandled" };
    return assert.rejects(lifecycleOf(LambdaClient, TYPE, { Invoke }).created(inputs), /no template/);
  });
  it("is another one when its triggers change, and else none", () => {
    const changed = (triggers: object) => diff(recordOf(TYPE), "one", { id: "i", ...inputs }, { ...inputs, triggers });
    assert.deepEqual(changed({ version: "2" }).replaces, ["triggers"]);
    assert.equal(changed({ version: "1" }).changes, false);
  });
});
