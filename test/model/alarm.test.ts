import assert from "node:assert/strict";
import type { MetricAlarm as SdkAlarm } from "@aws-sdk/client-cloudwatch";
import fc from "fast-check";
import { alarmOf, AlarmState, AlarmStateValue, evaluate, MetricAlarm, stepAlarm } from "../../model/alarm";

const ABOVE: MetricAlarm = {
  AlarmName: "cpu-high",
  Period: 60,
  EvaluationPeriods: 3,
  Threshold: 75,
  ComparisonOperator: "GreaterThanThreshold",
};

const TREATMENTS = ["missing", "ignore", "breaching", "notBreaching"] as const;
type Treatment = (typeof TREATMENTS)[number];

/** `0` is within the threshold, `X` breaching, `-` missing: the newest last, as in CloudWatch's guide. */
const data = (text: string) => text.split(" ").map((c) => ({ "0": 10, X: 90 })[c]);

describe("an alarm in virtual time", () => {
  it("takes what the SDK describes", () => {
    const answer: SdkAlarm = { ...ABOVE, ComparisonOperator: "GreaterThanThreshold", StateValue: "OK", Dimensions: [] };
    assert.equal(alarmOf(answer satisfies MetricAlarm, 0).StateValue, "OK");
  });

  // The tables of https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html.
  // "-" in the column "ignore" is the state that the alarm is in.
  const tables: Readonly<Record<number, readonly [string, string, string, string, string][]>> = {
    3: [
      ["0 - X - X", "OK", "OK", "OK", "OK"],
      ["0 - - - -", "OK", "OK", "OK", "OK"],
      ["- - - - -", "INSUFFICIENT_DATA", "-", "ALARM", "OK"],
      ["0 X X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
      ["- - X - -", "ALARM", "-", "ALARM", "OK"],
      // Of an earlier edition, and of "Avoiding premature transitions".
      ["- - - - X", "INSUFFICIENT_DATA", "-", "ALARM", "OK"],
      ["- - - X -", "INSUFFICIENT_DATA", "-", "ALARM", "OK"],
      ["X - - - -", "ALARM", "-", "ALARM", "OK"],
      ["- - - X 0", "OK", "OK", "OK", "OK"],
    ],
    2: [
      ["0 - X - X", "ALARM", "ALARM", "ALARM", "ALARM"],
      ["0 0 X 0 X", "ALARM", "ALARM", "ALARM", "ALARM"],
      ["0 - X - -", "OK", "OK", "ALARM", "OK"],
      ["- - - - 0", "OK", "OK", "ALARM", "OK"],
      ["- - - X -", "ALARM", "-", "ALARM", "OK"],
    ],
  };
  for (const [m, rows] of Object.entries(tables)) {
    for (const [text, ...expected] of rows) {
      it(`with ${m} of 3, ${text}: ${expected.join(", ")}`, () => {
        const found = TREATMENTS.map((TreatMissingData) => {
          const alarm = { ...ABOVE, DatapointsToAlarm: Number(m), TreatMissingData };
          const from = (state: AlarmStateValue) => evaluate(alarm, data(text), state);
          return from("OK") === from("ALARM") ? from("OK") : "-";
        });
        assert.deepEqual(found, expected);
      });
    }
  }

  it("ignores missing data of DynamoDB whatever it says", () => {
    const alarm = { ...ABOVE, Namespace: "AWS/DynamoDB", TreatMissingData: "breaching" };
    assert.equal(evaluate(alarm, data("- - - - -"), "OK"), "OK");
  });

  it("compares as its operator says, at the threshold too", () => {
    const states = ["GreaterThan", "GreaterThanOrEqualTo", "LessThan", "LessThanOrEqualTo"].map((operator) =>
      [74, 75, 76].map((value) =>
        evaluate({ ...ABOVE, ComparisonOperator: `${operator}Threshold`, EvaluationPeriods: 1 }, [value], "OK"),
      ),
    );
    const [A, O] = ["ALARM", "OK"];
    assert.deepEqual(states, [
      [O, O, A],
      [O, A, A],
      [A, O, O],
      [A, A, O],
    ]);
    const band = { ...ABOVE, ComparisonOperator: "GreaterThanUpperThreshold" };
    assert.throws(() => evaluate(band, [1], "OK"), /can't compare by GreaterThanUpperThreshold/);
  });

  it("with all data there, is in ALARM exactly if as many of the newest breach as it takes", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 8, maxLength: 8 }),
        fc.constantFrom(...TREATMENTS),
        (n, few, values, TreatMissingData) => {
          const m = Math.min(n, few);
          const alarm = { ...ABOVE, EvaluationPeriods: n, DatapointsToAlarm: m, TreatMissingData };
          let breaching = 0;
          for (let i = 8 - n; i < 8; i++) {
            breaching += Number((values[i] ?? 0) > 75);
          }
          assert.equal(evaluate(alarm, values, "INSUFFICIENT_DATA"), breaching >= m ? "ALARM" : "OK");
        },
      ),
    );
  });

  it("with data missing agrees with filling them in by hand, or says why it can't", () => {
    const values = fc.array(fc.option(fc.constantFrom(10, 90), { nil: undefined }), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), values, (n, few, all) => {
        const m = Math.min(n, few);
        const range = all.slice(-(n + 2));
        const state = (TreatMissingData: Treatment) =>
          evaluate({ ...ABOVE, EvaluationPeriods: n, DatapointsToAlarm: m, TreatMissingData }, range, "OK");
        const real = range.filter((v) => v !== undefined);
        const filledWith = (value: number) => {
          const filled = real.length >= n ? real.slice(-n) : [...real, ...Array<number>(n - real.length).fill(value)];
          return filled.filter((v) => v > 75).length >= m ? "ALARM" : "OK";
        };
        assert.equal(state("breaching"), filledWith(90));
        assert.equal(state("notBreaching"), filledWith(10));
        // Between the two lie the others, and only they can do without an answer.
        if (filledWith(90) === filledWith(10) && real.length > 0) {
          assert.ok([filledWith(90), "INSUFFICIENT_DATA"].includes(state("missing")));
        }
        assert.equal(
          state("missing") === "INSUFFICIENT_DATA",
          real.every((v) => v > 75) && state("missing") !== "ALARM",
        );
        assert.ok(state("ignore") === "OK" || filledWith(10) === "ALARM");
      }),
    );
  });

  it("tells each change once, at the minute after the period that makes it", () => {
    const cpu = (from: number) => (from >= 600 && from < 1_200 ? 90 : 10);
    const alarm = { ...ABOVE, Period: 300, EvaluationPeriods: 2, StateValue: "OK" };
    const changes = [30, 300, 5_000].map((every) => {
      let state: AlarmState = alarmOf(alarm, 0);
      const told: [number, string][] = [];
      for (let now = 0; now <= 10_000; now += every) {
        const { state: after, decisions } = stepAlarm(state, cpu, now);
        state = after;
        told.push(...decisions.map((d): [number, string] => [d.at, d.StateValue]));
      }
      return told;
    });
    const expected = [
      [1_200, "ALARM"],
      [1_500, "OK"],
    ];
    assert.deepEqual(changes, [expected, expected, expected]);
  });

  it("asks for whole periods that are over, as many as its evaluation range has", () => {
    const asked: [number, number][] = [];
    const statistic = (from: number, to: number) => void asked.push([from, to]);
    stepAlarm(alarmOf({ ...ABOVE, Period: 300, EvaluationPeriods: 1 }, 900), statistic, 960 + 59);
    assert.deepEqual(asked, [
      [0, 300],
      [300, 600],
      [600, 900],
    ]);
  });

  it("with a period below a minute looks every ten seconds", () => {
    const state = alarmOf({ ...ABOVE, Period: 10, EvaluationPeriods: 1 }, 0);
    assert.equal(stepAlarm(state, () => 90, 60).decisions[0]?.at, 10);
  });
});
