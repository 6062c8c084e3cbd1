import { Route53Client } from "@aws-sdk/client-route-53";
import assert from "node:assert/strict";
import { Props } from "../../../../local/plugins/aws/record";
import { lifecycleOf } from "./calls";

const alias = { name: "lb.example.com", zoneId: "Z1", evaluateTargetHealth: true };
const record = { zoneId: "Z0", name: "shop.example.com", type: "A", aliases: [alias] };

describe("a Route 53 record of the stand-in", () => {
  const { created, updated, removed } = lifecycleOf(Route53Client, "aws:route53/record:Record", {});
  const changes = (calls: readonly [string, Props][]): Props[] =>
    calls.flatMap(([, request]) => request["ChangeBatch"].Changes as Props[]);

  it("is created, changed in its place, and deleted as it is", async () => {
    const [made] = changes(await created(record));
    assert.deepEqual(made, {
      Action: "CREATE",
      ResourceRecordSet: {
        Name: "shop.example.com",
        Type: "A",
        AliasTarget: { DNSName: "lb.example.com", HostedZoneId: "Z1", EvaluateTargetHealth: true },
      },
    });
    const id = "Z0_shop.example.com_A";
    const news = { ...record, aliases: [{ ...alias, evaluateTargetHealth: false }] };
    const [changed] = changes(await updated({ id, ...record }, news));
    assert.equal(changed?.["Action"], "UPSERT");
    assert.equal(changed?.["ResourceRecordSet"].AliasTarget.EvaluateTargetHealth, false);
    const [deleted] = changes(await removed({ id, ...record }));
    assert.deepEqual(deleted, { ...made, Action: "DELETE" });
  });
});
