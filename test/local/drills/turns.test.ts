import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { takeTurns, Turn } from "../../../local/drills/turns";

/** Turns that note their beginnings and ends; those in capitals are taken aside, and take longer. */
function turns(names: string, fails = ""): { notes: string[]; list: Turn<string>[] } {
  const notes: string[] = [];
  const turn = (name: string): Turn<string> => ({
    aside: name !== name.toLowerCase(),
    take: async () => {
      notes.push(name);
      for (let i = 0; i < (name === name.toLowerCase() ? 1 : 9); i++) {
        await setImmediate();
      }
      notes.push(`/${name}`);
      return fails === name ? Promise.reject(new Error(name)) : name;
    },
  });
  return { notes, list: [...names].map(turn) };
}

describe("turns", () => {
  it("are taken one after the other, and what is aside meanwhile, from its place on", async () => {
    const { notes, list } = turns("aBcDe");
    assert.deepEqual(await takeTurns(list), ["a", "B", "c", "D", "e"]);
    assert.equal(notes.join(" "), "a /a c B /c e /e /B D /D");
  });
  it("have all ended when one has failed, and nothing is left to fail behind its back", async () => {
    const main = turns("aBcd", "c");
    await assert.rejects(takeTurns(main.list), { message: "c" });
    assert.ok(main.notes.includes("/B") && !main.notes.includes("d"), main.notes.join(" "));
    const aside = turns("aBcD", "B");
    await assert.rejects(takeTurns(aside.list), { message: "B" });
    assert.ok(aside.notes.includes("/D"), aside.notes.join(" "));
  });
});
