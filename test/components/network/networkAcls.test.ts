import assert from "node:assert/strict";
import fc from "fast-check";
import { Netmask } from "netmask";
import { AclRule, aclRules, NetworkAcls, SubnetKind } from "../../../components/network/networkAcls";
import { ofType, record, settled } from "../recorded";

const NETWORK = { cidrBlock: "10.20.0.0/16", publicPorts: [80, 443] };
const OUTSIDE = "198.51.100.7";

interface Packet {
  readonly protocol: "tcp" | "udp" | "icmp" | "esp";
  /** The other end: where it comes from, or goes to. */
  readonly address: string;
  /** Where it arrives. */
  readonly port: number;
}

/** As EC2: the first rule that fits admits it, and what none fits is dropped. */
const passes = (rules: readonly AclRule[], { protocol, address, port }: Packet) =>
  rules.some(
    (rule) =>
      new Netmask(rule.cidrBlock).contains(address) &&
      (rule.protocol === "-1" ||
        (rule.protocol === protocol && (protocol === "icmp" || (rule.fromPort <= port && port <= rule.toPort)))),
  );
const enters = (kind: SubnetKind, packet: Packet) => passes(aclRules(kind, NETWORK).ingress, packet);
const leaves = (kind: SubnetKind, packet: Packet) => passes(aclRules(kind, NETWORK).egress, packet);
/** A connection from a client's port, both ways. */
const connects = (kind: SubnetKind, way: "in" | "out", address: string, port: number, clientPort: number) => {
  const [to, from] = [
    { protocol: "tcp", address, port } as const,
    { protocol: "tcp", address, port: clientPort } as const,
  ];
  return way === "in" ? enters(kind, to) && leaves(kind, from) : leaves(kind, to) && enters(kind, from);
};
const ephemeral = fc.integer({ min: 1024, max: 65535 });
const anyPort = fc.integer({ min: 1, max: 65535 });

describe("network ACLs", () => {
  it("let visitors reach the public ports, with their answers", () => {
    fc.assert(fc.property(ephemeral, (client) => connects("public", "in", OUTSIDE, 443, client)));
    assert.equal(enters("public", { protocol: "tcp", address: OUTSIDE, port: 22 }), false);
  });
  it("let private and public subnets reach any port outside, as a gateway's clients do", () => {
    fc.assert(
      fc.property(fc.constantFrom<SubnetKind>("public", "private"), anyPort, ephemeral, (kind, port, client) =>
        connects(kind, "out", OUTSIDE, port, client),
      ),
    );
  });
  it("let all kinds reach each other, on any port and with any protocol", () => {
    const kind = fc.constantFrom<SubnetKind>("public", "private", "isolated");
    fc.assert(
      fc.property(kind, anyPort, fc.constantFrom("tcp", "udp", "icmp", "esp"), (one, port, protocol) => {
        const packet = { protocol, address: "10.20.9.9", port } as const;
        return enters(one, packet) && leaves(one, packet);
      }),
    );
  });
  it("let nothing from outside to well-known ports of private subnets, whatever a security group says", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1023 }), fc.constantFrom("tcp", "udp"), (port, protocol) =>
        assert.equal(enters("private", { protocol, address: OUTSIDE, port } as Packet), false),
      ),
    );
  });
  it("let nothing at all between isolated subnets and the outside", () => {
    fc.assert(
      fc.property(anyPort, fc.constantFrom("tcp", "udp", "icmp"), (port, protocol) => {
        const packet = { protocol, address: OUTSIDE, port } as Packet;
        assert.equal(enters("isolated", packet) || leaves("isolated", packet), false);
      }),
    );
  });
  it("are one for each kind of subnet, with rules that have numbers of their own", async () => {
    const registered = await record();
    const subnetIds = { public: ["subnet-1"], private: ["subnet-2"], isolated: ["subnet-3"] };
    new NetworkAcls("net", { vpcId: "vpc-1", ...NETWORK, subnetIds });
    await settled();
    const lists = ofType(registered, "aws:ec2/networkAcl:NetworkAcl").map((r) => r.inputs);
    assert.deepEqual(lists.map((l) => l["subnetIds"]).sort(), [["subnet-1"], ["subnet-2"], ["subnet-3"]]);
    for (const list of lists) {
      const numbers = (list["ingress"] as { ruleNo: number }[]).map((rule) => rule.ruleNo);
      assert.equal(new Set(numbers).size, numbers.length);
    }
  });
});
