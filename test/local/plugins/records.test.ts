import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { operation } from "../../../local/plugins/aws/api";
import { shapeAt } from "../../../local/plugins/aws/mapping";
import { Call, ResourceRecord } from "../../../local/plugins/aws/record";
import { requestOf } from "../../../local/plugins/aws/requests";
import { FUNCTIONS, RESOURCES } from "../../../local/plugins/aws/services";
import { declaredArguments } from "../../components/common/declaredTags";

const callsOf = (record: ResourceRecord): readonly Call[] => [
  ...record.create,
  ...(record.settings ?? []),
  ...(record.update ?? []),
  ...(record.delete ?? []),
  ...(record.read ?? []),
];
const RECORDED = Object.keys(RESOURCES).filter((type) => callsOf(RESOURCES[type] as ResourceRecord).length === 0);

describe("the stand-in's records", () => {
  for (const [type, record] of Object.entries(RESOURCES)) {
    it(`of ${type} name inputs that the provider has`, () => {
      const inputs = declaredArguments(type);
      const named = [
        ...(record.replaceOn ?? []).map((path) => path.split(".")[0] as string),
        ...Object.keys({ ...record.defaults, ...record.unset, ...record.notApplied, ...record.notRead }),
        ...callsOf(record).flatMap((call) => [...(call.takes ?? [])]),
        ...(record.autoName === undefined ? [] : [record.autoName]),
      ];
      assert.deepEqual(
        named.filter((input) => !inputs.has(input)),
        [],
      );
    });
    it(`of ${type} name operations that there are, and address the resource in those that delete and read it`, async () => {
      const all = Object.fromEntries(Object.keys(record.key).map((property) => [property, "x"]));
      for (const call of [...(record.delete ?? []), ...(record.read ?? [])]) {
        const own = "at" in call ? {} : Object.fromEntries((call.of ?? []).map((property) => [property, "x"]));
        const { request } = await requestOf(record, { ...call, with: undefined }, { ...all, ...own }, own);
        const isOnly = Object.keys(record.key).length === 0;
        const addressed =
          JSON.stringify(request).includes("x") || call.with !== undefined || call.action.startsWith("List") || isOnly;
        assert.ok(addressed, `${call.action} says of nothing that it is meant`);
      }
      for (const { service, action, undo = action } of callsOf(record)) {
        await operation(service, action);
        await operation(service, undo);
      }
      for (const { service, action, at } of record.read ?? []) {
        shapeAt((await operation(service, action)).output, at);
      }
      for (const action of record.tagging ? [record.tagging.set, record.tagging.unset] : []) {
        await operation(record.tagging?.service ?? "", action);
      }
    });
    if (!RECORDED.includes(type)) {
      it(`of ${type} read it on a refresh`, () => assert.ok((record.read ?? []).length > 0));
    }
  }
  it("of types that are only recorded are those that the architecture page lists", () => {
    const page = readFileSync("docs/architecture.md", "utf8");
    const line = /- \*\*Recorded only:\*\*([^]*?)\n(?=- )/.exec(page)?.[1] ?? "";
    assert.deepEqual([...line.matchAll(/`(aws:[^`]+)`/g)].map(([, type]) => type).sort(), [...RECORDED].sort());
  });
  it("of functions name operations that there are", async () => {
    for (const fn of Object.values(FUNCTIONS)) {
      if ("call" in fn) {
        await operation(fn.call.service, fn.call.action);
      }
    }
  });
});

describe("a missing client package", () => {
  it("is named, with what to do", () =>
    assert.rejects(
      operation("nothing-like-it", "DoIt"),
      /the rehearsal needs @aws-sdk\/client-nothing-like-it: npm install --save-dev @aws-sdk\/client-nothing-like-it/,
    ));
  it("is told from an operation that the service doesn't have", () =>
    assert.rejects(operation("ec2", "CreateWonders"), /@aws-sdk\/client-ec2 has no operation CreateWonders/));
});
