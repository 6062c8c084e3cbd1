import assert from "node:assert/strict";
import { mayPass } from "../../../lambdas/common/mayPass";
import { wasRefused } from "../../../lambdas/common/wasRefused";

/** As the SDK throws it; what `$fault` says must not matter. */
const sdkError = (name: string, httpStatusCode: number | undefined, $fault: string, attempts = 1) =>
  Object.assign(new Error(name), { name, $fault, $metadata: { httpStatusCode, attempts } });

/** AWS's answer, whether it may pass, and whether AWS has said that nothing was done. */
const ANSWERS: readonly [code: string, status: number | undefined, mayPass: boolean, wasRefused: boolean][] = [
  ["RequestLimitExceeded", 503, true, true],
  ["EC2ThrottledException", 502, true, true],
  ["Throttling", 400, true, true],
  ["ThrottlingException", 400, true, true],
  ["ProvisionedThroughputExceededException", 400, true, true],
  ["TooManyRequestsException", 429, true, true],
  ["InsufficientInstanceCapacity", 500, false, true],
  ["InsufficientHostCapacity", 500, false, true],
  ["InternalError", 500, true, false],
  ["ServiceUnavailable", 503, true, false],
  ["InternalServerError", 500, true, false],
  ["RequestTimeout", 400, true, false],
  ["TransactionInProgressException", 400, true, false],
  ["TimeoutError", undefined, true, false],
  ["ECONNRESET", undefined, true, false],
  ["UnauthorizedOperation", 403, false, true],
  ["InvalidInstanceID.NotFound", 400, false, true],
  ["ValidationException", 400, false, true],
  ["ConditionalCheckFailedException", 400, false, true],
];

describe("mayPass and wasRefused", () => {
  for (const [code, status, passes, refused] of ANSWERS) {
    for (const fault of ["client", "server"]) {
      it(`${code} ${status ?? "without an answer"}, $fault ${fault}`, () => {
        const error = sdkError(code, status, fault);
        assert.deepEqual([mayPass(error), wasRefused(error)], [passes, refused]);
      });
    }
  }
  it("an error that AWS has nothing to do with neither passes nor is a refusal", () => {
    const error = new TypeError("a bug");
    assert.deepEqual([mayPass(error), wasRefused(error)], [false, false]);
  });
  it("a refusal of the SDK's second attempt says nothing about its first", () =>
    assert.equal(wasRefused(sdkError("RequestLimitExceeded", 503, "server", 2)), false));
});
