import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { RECORDS } from "../../policy/redundancy/judge";
import { Condition, RedundancyRecord } from "../../policy/redundancy/record";
import {
  dataCanBeRestored,
  dataIsEncrypted,
  deletionIsProtected,
  enoughInstances,
  standbyIsReady,
  workloadsSpanZones,
} from "../../policy/redundancy/rules";
import { Rule } from "../../policy/core/rule";
import { cannotTell, find, holds, violations } from "./find";
import { resource } from "./graph";
import { unknownStringValue as UNKNOWN } from "./unknowns";

const AWS = dirname(require.resolve("@pulumi/aws/package.json"));
const RULES: Readonly<Record<string, Rule>> = {
  "workloads-span-zones": workloadsSpanZones,
  "standby-is-ready": standbyIsReady,
  "enough-instances": enoughInstances,
  "data-can-be-restored": dataCanBeRestored,
  "data-is-encrypted": dataIsEncrypted,
  "deletion-is-protected": deletionIsProtected,
};

/** The provider's declaration of a type's arguments. */
function declared(type: string): string {
  const [, module = "", file = ""] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
  const path = join(AWS, module, `${file}.d.ts`);
  assert.ok(existsSync(path), `${type}: there is no ${path}`);
  return readFileSync(path, "utf8").split(/export interface \w+Args \{/)[1] ?? "";
}

const conditionsOf = ({ spans, demands = [], members }: RedundancyRecord): readonly Condition[] => [
  ...(spans?.when ?? []),
  ...demands.flatMap((d) => [d, ...(d.when ?? [])]),
  ...(members?.when ?? []),
];

describe("the records of redundancy", () => {
  const inputs = readFileSync(join(AWS, "types", "input.d.ts"), "utf8");

  for (const [type, record] of Object.entries(RECORDS)) {
    it(`${type} names properties that the provider has, and a page of AWS's`, () => {
      const args = declared(type);
      const paths = [
        ...conditionsOf(record).map((c) => c.property),
        ...(record.spans?.subnets ?? []),
        ...(record.spans?.zones ?? []),
        ...(record.peers === undefined ? [] : [record.peers.differBy]),
      ];
      for (const path of paths) {
        const [top = "", ...rest] = path.split(".");
        assert.match(args, new RegExp(`^    ${top}\\??:`, "m"), path);
        rest.forEach((key) => assert.match(inputs, new RegExp(`^\\s+${key}\\??:`, "m"), path));
      }
      if (record.members !== undefined) {
        const memberArgs = declared(record.members.type);
        assert.match(memberArgs, new RegExp(`^    ${record.members.by}\\??:`, "m"));
      }
      assert.match(record.page, /^https:\/\/docs\.aws\.amazon\.com\//);
    });
  }

  for (const [type, { demands = [] }] of Object.entries(RECORDS)) {
    for (const demand of demands) {
      it(`${type} ${demand.property}: met, unmet, not set, unknown`, () => {
        const rule = RULES[demand.rule] as Rule;
        const judged = (value: unknown) => {
          const props = withConditions([...(demand.when ?? []), { property: demand.property, is: value }]);
          return find(rule, [resource(type, "x", props)]).filter(
            (f) => f.message.includes(demand.mend) || f.verdict === "undetermined",
          );
        };
        const { good, bad } = valuesFor(demand);
        assert.deepEqual(judged(good), [], `holds for ${String(good)}`);
        assert.equal(judged(bad).length, 1, `breaks for ${String(bad)}`);
        if (demand.given === undefined) {
          assert.deepEqual(
            judged(UNKNOWN).map((f) => f.verdict),
            ["undetermined"],
          );
        }
      });
    }
  }

  it("a resource without what it needs, or with what can't be known, is said so in words", () => {
    const database = (props: object) => [resource("aws:rds/instance:Instance", "orders", { ...props })];
    assert.deepEqual(violations(standbyIsReady, database({})), [
      "database orders has multiAz false: set multiAz to true",
    ]);
    assert.deepEqual(violations(dataCanBeRestored, database({})), [
      "database orders has backupRetentionPeriod 0: set backupRetentionPeriod to 7 or more days",
    ]);
    cannotTell(
      standbyIsReady,
      database({ multiAz: UNKNOWN }),
      /multiAz of database orders isn't known before the update/,
    );
    holds(standbyIsReady, database({ replicateSourceDb: "orders" }));
  });
  it("an Aurora cluster needs a second instance, a Multi-AZ DB cluster brings its own", () => {
    const cluster = (props: object) =>
      resource("aws:rds/cluster:Cluster", "orders", { engine: "aurora-postgresql", ...props });
    const [aurora, multiAz] = [cluster({}), cluster({ dbClusterInstanceClass: "db.m7gd.large" })];
    const instance = (name: string) =>
      resource(
        "aws:rds/clusterInstance:ClusterInstance",
        name,
        { clusterIdentifier: UNKNOWN },
        { clusterIdentifier: aurora },
      );
    assert.match(
      violations(standbyIsReady, [aurora, instance("a")]).join(),
      /has 1 of 2 members: add a second instance/,
    );
    holds(standbyIsReady, [aurora, instance("a"), instance("b")]);
    holds(standbyIsReady, [multiAz]);
  });
  it("mount targets of a file system have to be in two zones", () => {
    const files = resource("aws:efs/fileSystem:FileSystem", "files", {});
    const target = (zone: string, i: number) => {
      const subnet = resource("aws:ec2/subnet:Subnet", `s${i}`, { availabilityZone: zone });
      const refers = { fileSystemId: files, subnetId: subnet };
      return [subnet, resource("aws:efs/mountTarget:MountTarget", `t${i}`, { subnetId: UNKNOWN }, refers)];
    };
    const zones = (...names: string[]) => [files, ...names.flatMap(target)];
    holds(standbyIsReady, zones("us-east-1a", "us-east-1b"));
    assert.match(violations(standbyIsReady, zones("us-east-1a", "us-east-1a")).join(), /all its members in one zone/);
    assert.match(violations(standbyIsReady, zones("us-east-1a")).join(), /has 1 of 2 members/);
  });
  it("an instance stands alone, one line needs a second one elsewhere", () => {
    const instance = resource("aws:ec2/instance:Instance", "app", { availabilityZone: "us-east-1a" });
    assert.match(
      violations(enoughInstances, [instance]).join(),
      /instance app stands alone in us-east-1a: run it in an Auto/,
    );
    const line = (name: string, location: string) =>
      resource("aws:directconnect/connection:Connection", name, { location });
    assert.match(violations(enoughInstances, [line("a", "EqDC2")]).join(), /add a connection at a second location/);
    assert.equal(violations(enoughInstances, [line("a", "EqDC2"), line("b", "EqDC2")]).length, 2);
    holds(enoughInstances, [line("a", "EqDC2"), line("b", "TNOC")]);
  });
  it("a gateway's group of one gets no advice to be two", async () => {
    const { gatewayStack } = await import("./gatewayStack");
    holds(enoughInstances, gatewayStack(["us-east-1a", "us-east-1b"]));
  });
});

/** Properties that meet conditions, as nested blocks. */
function withConditions(conditions: readonly Condition[]): Record<string, unknown> {
  const props: Record<string, unknown> = {};
  for (const condition of conditions) {
    const value = condition.property === "" ? undefined : "is" in condition ? condition.is : valuesFor(condition).good;
    if (value !== undefined) {
      set(props, condition.property.split("."), value);
    }
  }
  return props;
}

function set(into: Record<string, unknown>, [key = "", ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    into[key] = value;
  } else {
    set((into[key] ??= {}) as Record<string, unknown>, rest, value);
  }
}

/** A value that meets a condition, and one that doesn't. */
function valuesFor({ is, not, oneOf, atLeast, given }: Condition): { good: unknown; bad: unknown } {
  if (given !== undefined) {
    return given ? { good: "given", bad: undefined } : { good: undefined, bad: "given" };
  }
  if (is !== undefined) {
    return { good: is, bad: typeof is === "boolean" ? !is : `not ${String(is)}` };
  }
  if (not !== undefined) {
    return { good: typeof not === "boolean" ? !not : `not ${String(not)}`, bad: not };
  }
  return oneOf !== undefined ? { good: oneOf[0], bad: "NONE" } : { good: atLeast, bad: (atLeast ?? 0) - 1 };
}
