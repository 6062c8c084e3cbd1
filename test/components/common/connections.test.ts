import * as pulumi from "@pulumi/pulumi";
import assert from "node:assert/strict";
import { Connections, DatabaseConnection } from "../../../components/common/connections";
import { ofType, record, settled } from "../recorded";

const ORDERS: DatabaseConnection = {
  host: pulumi.output("orders.example.com"),
  port: pulumi.output(5432),
  name: "orders",
  engine: "postgres",
  secretArn: pulumi.output("arn:aws:secretsmanager:us-east-1:123456789012:secret:orders-AbCdEf"),
  secretKmsKeyArn: pulumi.output("arn:aws:kms:us-east-1:123456789012:key/orders"),
};

describe("Connections", () => {
  it("make one group for each tier, whoever asks first, and give it no rules", async () => {
    const registered = await record();
    const connections = new Connections("vpc-1");
    const ids = ["site", "site", "api"].map((tier) => connections.clientGroup(tier));
    await settled();
    const groups = ofType(registered, "aws:ec2/securityGroup:SecurityGroup");
    assert.deepEqual(
      groups.map((g) => [g.name, g.inputs["vpcId"], g.inputs["ingress"], g.inputs["egress"]]),
      [
        ["site-client", "vpc-1", undefined, undefined],
        ["api-client", "vpc-1", undefined, undefined],
      ],
    );
    assert.equal(ids[0], ids[1]);
  });

  it("lead to a database that was offered, and say so if there is none", () => {
    const connections = new Connections("vpc-1");
    connections.databases.offer("orders", ORDERS);
    assert.equal(connections.databases.to("orders"), ORDERS);
    assert.throws(() => connections.databases.to("order"), /there is no database order in this stack/);
  });
});
