import assert from "node:assert/strict";
import { test } from "node:test";

import * as model from "./model.js";

/** Two units over [0, 1], at two snapshots: one leans right of its elbow, one left; then the second turns round.
 * @returns {import("./model.js").History} */
const history = () => ({
  steps: [1, 1000],
  w: [[2, -1], [2, 1]],
  b: [[-1, 0.25], [-1, -2]],
  v: [[3, -4], [3, -4]],
  c: [0.5, 0],
  train_error: [0.25, 0.0000123],
  test_error: [0.5, 0.1],
  x: [0.1, 0.2, 0.6, 0.9],
  y: [0, 0, 0, 0],
  truth: [0, 1, 0],
  xlim: [0, 1],
  ylim: [-2, 2],
});

test("a history is read as it was written", () => {
  assert.deepEqual(model.read(JSON.stringify(history())), history());
  assert.equal(model.read(JSON.stringify({ ...history(), test_error: null })).test_error, null);
});

test("a history that does not fit together is refused, and the error names what is wrong", () => {
  /** @type {[object, RegExp][]} */
  const bad = [
    [{ steps: [] }, /at least one snapshot/],
    [{ w: [[], []] }, /at least one snapshot and one unit/],
    [{ c: [1] }, /c has the length 1, not 2/],
    [{ v: [[1, 2], [1]] }, /v has the length 1, not 2/],
    [{ test_error: [1] }, /test_error has the length 1, not 2/],
    [{ y: [1] }, /y has the length 1, not 4/],
    [{ x: undefined }, /y has the length 4, not undefined/],
    [{ ylim: [1] }, /ylim has the length 1, not 2/],
    [{ truth: [1] }, /truth/],
  ];
  for (const [change, words] of bad) assert.throws(() => model.read(JSON.stringify({ ...history(), ...change })), words);
  assert.throws(() => model.read("{"), SyntaxError);
});

test("a unit's elbow is where it switches", () => {
  assert.equal(model.elbow(2, -1), 0.5);
  assert.equal(model.elbow(-1, 0.25), 0.25);
  assert.ok(Number.isNaN(model.elbow(0, 1)));
});

test("the network is the sum of its units and the constant", () => {
  assert.equal(model.predict(history(), 0, 0), 0.5 - 4 * 0.25);
  assert.equal(model.predict(history(), 0, 1), 0.5 + 3);
  for (const x of [0, 0.1, 0.25, 0.4, 0.5, 0.9]) {
    const sum = 0.5 + model.contribution(history(), 0, 0, x) + model.contribution(history(), 0, 1, x);
    assert.equal(model.predict(history(), 0, x), sum);
  }
});

test("the prediction has its corners at the elbows and is exact between them", () => {
  const corners = model.prediction(history(), 0);
  assert.deepEqual(corners, [[0, -0.5], [0.25, 0.5], [0.5, 0.5], [1, 3.5]]);
  for (let i = 1; i < corners.length; i++) {
    const [[x0, y0], [x1, y1]] = [corners[i - 1], corners[i]];
    for (const part of [0.2, 0.5, 0.8]) {
      const between = model.predict(history(), 0, x0 + part * (x1 - x0));
      assert.ok(Math.abs(between - (y0 + part * (y1 - y0))) < 1e-12);
    }
  }
  assert.deepEqual(model.knots(history(), 1), [0, 0.5, 1], "an elbow outside of xlim is no corner");
});

test("a unit's line is flat on one side of its elbow", () => {
  assert.deepEqual(model.unitLine(history(), 0, 1), [[0, -1], [0.25, -0], [1, -0]]);
  assert.deepEqual(model.unitLine(history(), 1, 1), [[0, -0], [1, -0]]);
});

test("active points are counted", () => {
  assert.equal(model.activePoints(history(), 0, 0), 2);
  assert.equal(model.activePoints(history(), 0, 1), 2);
  assert.equal(model.activePoints(history(), 1, 1), 0);
});

test("a trail breaks where w changes its sign, and where there is no elbow", () => {
  assert.deepEqual(model.trail(history(), 0), [[[0.5, 1], [0.5, 1000]]]);
  assert.deepEqual(model.trail(history(), 1), [[[0.25, 1]], [[2, 1000]]]);
  const still = { ...history(), w: [[0, 1], [1, 1]] };
  assert.deepEqual(model.trail(still, 0), [[[1, 1000]]]);
});

test("the nearest value is found, and NaN is near nothing", () => {
  assert.equal(model.nearest([1, 4, 9], 6), 1);
  assert.equal(model.nearest([NaN, 5], 0), 1);
  assert.equal(model.nearest([NaN], 0), -1);
});

test("scales meet their ends", () => {
  assert.equal(model.linear(1, 3, 10, 20)(2), 15);
  assert.equal(model.logarithmic(0.01, 1, 0, 10)(0.1), 5);
  const steps = model.stepScale([1, 1000, 100000], 0, 240);
  assert.equal(steps(0), 0);
  assert.equal(Math.round(steps(1000)), 40);
  assert.equal(Math.round(steps(10000)), 140);
  assert.equal(steps(100000), 240);
  assert.equal(model.stepScale([7], 0, 10)(7), 10, "one snapshot is at the end");
  assert.equal(model.stepScale([0], 0, 10)(0), 0);
});

test("ticks are round", () => {
  /** @param {import("./model.js").Tick[]} ticks */
  const labels = (ticks) => ticks.map((tick) => tick.label);
  assert.deepEqual(labels(model.linearTicks(-2.5, 2.5, 5)), ["−2", "−1", "0", "1", "2"]);
  assert.deepEqual(labels(model.linearTicks(0, 1, 5)), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
  assert.deepEqual(labels(model.stepTicks([1, 1000, 150000])), ["0", "1k", "10k", "100k"]);
  assert.deepEqual(labels(model.stepTicks([0, 1, 50])), ["0", "1", "10"]);
  assert.deepEqual(labels(model.errorRange(history()).ticks), ["10⁰", "10⁻¹", "10⁻²", "10⁻³", "10⁻⁴", "10⁻⁵"]);
});

test("the range of the errors has whole decades around what is above 0", () => {
  const range = model.errorRange({ ...history(), train_error: [0, 0.02], test_error: [Infinity, NaN] });
  assert.deepEqual([range.low, range.high], [0.01, 0.1]);
  assert.deepEqual(model.errorRange({ ...history(), train_error: [0, 0], test_error: null }).low, 1);
});

test("numbers are set as in a book", () => {
  const cases = { "−0.123": -0.12345, "7.7": 7.7, 0: 0, "1.23 × 10⁻⁷": 1.23e-7, "−5 × 10²¹": -5e21, 1230: 1234 };
  for (const [text, value] of Object.entries(cases)) assert.equal(model.number(value), text);
  assert.equal(model.whole(150000), "150,000");
  assert.equal(model.whole(999), "999");
});

test("a snapshot is told in words", () => {
  assert.equal(model.describeStep(history(), 1), "Step 1,000");
  assert.equal(model.describeErrors(history(), 0), "training error 0.25, test error 0.5");
  assert.equal(model.describeErrors({ ...history(), test_error: null }, 0), "training error 0.25");
  assert.equal(model.describeUnits(history(), 0), "2 of 2 elbows between 0 and 1; every unit is active at some point");
  const off = { ...history(), w: [[1, 0]], b: [[-0.5, 0]], off: [1] };
  assert.equal(model.describeUnits(off, 0), "1 of 1 elbow between 0 and 1; every unit is active at some point");
  assert.equal(model.describeUnits(history(), 1), "1 of 2 elbows between 0 and 1; 1 unit active at no point");
});

test("a unit is told in numbers, one without an elbow too", () => {
  assert.deepEqual(model.describeUnit(history(), 0, 1), [
    ["unit", "1"],
    ["w", "−1"],
    ["b", "0.25"],
    ["v", "−4"],
    ["elbow", "0.25"],
    ["slope", "4"],
    ["active", "left of it, at 2 of 4 points"],
  ]);
  const still = { ...history(), w: [[0, 0]], b: [[1, -1]] };
  assert.deepEqual(model.describeUnit(still, 0, 0).slice(4), [
    ["elbow", "none"],
    ["slope", "0"],
    ["active", "everywhere, at 4 of 4 points"],
  ]);
  assert.deepEqual(model.describeUnit(still, 0, 1)[6], ["active", "nowhere, at 0 of 4 points"]);
  assert.deepEqual(model.describeUnit({ ...still, off: [1] }, 0, 1), [["unit", "1, switched off"]]);
});
