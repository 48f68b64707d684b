import assert from "node:assert/strict";
import { test } from "node:test";

import { check } from "./settings.js";
import { Training, errors, prepare, snapshotSteps, truthOf } from "./trainer.js";

/** @param {object} raw */
const settings = (raw) => {
  const checked = check(raw);
  assert.deepEqual(checked.problems, []);
  return checked.settings;
};

/** @param {ArrayLike<number>} p @param {ArrayLike<number>} q */
const distance = (p, q) => {
  assert.equal(p.length, q.length);
  return Math.max(...Array.from(p, (value, k) => Math.abs(value - q[k])));
};

/** @param {object} raw @param {(training: Training) => void} [change] @param {number} [part] */
const run = (raw, change = () => {}, part = 1e9) => {
  const training = new Training(settings(raw));
  change(training);
  while (training.advance(part) > 0);
  return training;
};

test("data are sorted in (0, 1), elbows too; nothing but its own setting changes a part of them", () => {
  const { x, y, xTest, yTest, truth, w, b, v, c } = prepare(settings({}));
  const elbows = Array.from(w, (slope, j) => -b[j] / slope);
  for (const sorted of [[...x], elbows]) {
    assert.deepEqual(sorted, [...sorted].sort((p, q) => p - q));
    assert.ok(sorted[0] > 0 && sorted[sorted.length - 1] < 1);
  }
  assert.deepEqual([x.length, w.length, xTest.length, xTest[0], xTest[999]], [200, 40, 1000, 0, 1]);
  assert.deepEqual([...yTest], Array.from(xTest, truth));
  assert.ok([...v, c].every((value) => Math.abs(value) <= 1 / Math.sqrt(40)));

  const narrow = prepare(settings({ width: 7, learningRate: 1, batchSize: 3 }));
  assert.deepEqual([narrow.x, narrow.y, narrow.rng.state], [x, y, prepare(settings({})).rng.state]);
  const other = prepare(settings({ n: 50, noise: 0, target: "bump" }));
  assert.deepEqual([other.w, other.b, other.v, other.c], [w, b, v, c]);
  assert.deepEqual([...other.y], Array.from(other.x, other.truth));
  assert.notDeepEqual(prepare(settings({ seed: 2 })).x, x);
});

test("moved elbows are where they were put, and units left out are not there", () => {
  const all = prepare(settings({ width: 4 }));
  const some = prepare(settings({ width: 4, elbows: [null, 0, -1, 0.5], off: [0, 3] }));
  assert.deepEqual([[...some.w], [...some.v], some.c], [[...all.w.slice(1, 3)], [...all.v.slice(1, 3)], all.c]);
  assert.ok(distance(Array.from(some.w, (w, j) => -some.b[j] / w), [0, -1]) < 1e-15);
  assert.equal(new Training(settings({ width: 4, off: [1] })).parameters.length, 10);
});

test("the true functions", () => {
  /** @param {object} raw @param {number} x */
  const value = (raw, x) => truthOf(settings(raw))(x);
  for (let k = 0; k <= 10; k++) assert.ok(Math.abs(value({}, k / 10) - Math.sin(12345 * k)) < 1e-15);
  assert.ok(Math.abs(value({}, 0.15) - (Math.sin(12345) + Math.sin(24690)) / 2) < 1e-15);
  assert.ok(Math.abs(value({ target: "sine" }, 0.3) - Math.sin(6)) < 1e-9);
  assert.deepEqual([0, 0.499, 0.5, 1].map((x) => value({ target: "step" }, x)), [-1, -1, 1, 1]);
  assert.deepEqual([0, 0.25, 0.375, 0.5, 1].map((x) => value({ target: "bump" }, x)), [0, 0, 0.5625, 1, 0]);
  const drawn = { target: "drawn", drawn: [[0.25, 1], [0.5, -1], [0.75, 3]] };
  assert.deepEqual([0, 0.25, 0.375, 0.5, 0.625, 0.75, 1].map((x) => value(drawn, x)), [1, 1, 0, -1, 1, 3, 3]);
  assert.equal(value({ target: "drawn", drawn: [[0.5, 2]] }, 0.1), 2);
});

test("there is a snapshot after the first step, after every 1,000th, and after the last", () => {
  assert.deepEqual([1, 2, 1000, 2500].map(snapshotSteps), [[1], [1, 2], [1, 1000], [1, 1000, 2000, 2500]]);
  assert.equal(snapshotSteps(150_000).length, 151);
});

test("an error is the mean of the squares", () => {
  const [x, y] = [Float64Array.of(0, 0.5, 1), Float64Array.of(1, 0, 3)];
  assert.equal(errors(Float64Array.of(1, -1, -0.5, 0.5, 2, 2, 1), x, y), (1 + 1 + 1) / 3); // 1 + 2 |x - 0.5|
});

test("one step goes down the gradient of the error on its minibatch", () => {
  const rate = 1e-3;
  for (const batchSize of [1, 40]) {
    const training = new Training(settings({ width: 6, batchSize, learningRate: rate, n: 20 }));
    const { x, y } = training.data;
    const before = training.snapshot();
    training.advance(1);
    const rows = training.batches.subarray(0, batchSize);
    const [xs, ys] = [x, y].map((values) => Float64Array.from(rows, (i) => values[i]));
    const expected = before.map((value, k) => {
      const [up, down] = [before.slice(), before.slice()];
      up[k] += 1e-6;
      down[k] -= 1e-6;
      return value - (rate * (errors(up, xs, ys) - errors(down, xs, ys))) / 2e-6;
    });
    assert.ok(distance(training.parameters, expected) < 1e-11);
    assert.ok(distance(training.parameters, before) > 1e-5);
  }
});

for (const [layers, batchSize] of [["all", 40], ["output", 40], ["all", 300]]) {
  test(`the steps by prefix sums are those of the loop, training ${layers} on minibatches of ${batchSize}`, () => {
    const raw = { layers, batchSize, steps: 3000, width: 20, learningRate: 0.1 };
    const fast = run(raw);
    const loop = run(raw, (training) => (training.byPrefix = false));
    assert.equal(fast.byPrefix, true);
    assert.notDeepEqual(fast.parameters, loop.parameters); // another order of additions
    assert.ok(distance(fast.parameters, loop.parameters) < 1e-10);
    // Too far at one step, and at the next snapshot from the loop back to the prefix sums, with the elbows elsewhere.
    const back = run(raw, (training) => {
      const { limit } = training.size;
      training.advance(500);
      training.size.limit = 0;
      training.advance(1);
      assert.equal(training.far, true);
      training.size.limit = limit;
    });
    assert.equal(back.far, false);
    assert.ok(distance(back.parameters, loop.parameters) < 1e-10);
    assert.notDeepEqual(back.parameters, fast.parameters);
  });
}

test("the loop is taken where it is less work", () => {
  assert.equal(new Training(settings({ batchSize: 1, width: 5 })).byPrefix, false);
  assert.equal(new Training(settings({ batchSize: 1000, width: 1, n: 10 })).byPrefix, false);
  assert.equal(new Training(settings({ batchSize: 2, width: 2 })).byPrefix, false);
  assert.equal(new Training(settings({ batchSize: 2, width: 3 })).byPrefix, true);
});

test("a training may be taken in any parts, and ends where it should", () => {
  const raw = { steps: 2345, width: 5 };
  const whole = run(raw);
  assert.deepEqual([whole.step, whole.diverged, whole.advance(1)], [2345, null, 0]);
  for (const part of [1, 77, 1000]) assert.deepEqual(run(raw, undefined, part).parameters, whole.parameters);
  const training = new Training(settings(raw));
  assert.deepEqual([training.advance(0), training.advance(2000), training.advance(1000)], [0, 2000, 345]);
});

test("a snapshot is a copy", () => {
  const training = new Training(settings({ steps: 10 }));
  const before = training.snapshot();
  training.advance(10);
  assert.notDeepEqual(training.parameters, before);
  assert.deepEqual(before, new Training(settings({ steps: 10 })).parameters);
});

test("a training that diverges stops at the step at which it does, and says so", () => {
  for (const raw of [{ learningRate: 10 }, { learningRate: 10, batchSize: 1 }]) {
    const training = new Training(settings(raw));
    const taken = training.advance(1000);
    assert.ok(taken > 10 && taken < 1000);
    assert.deepEqual([training.step, training.diverged], [taken, taken + 1]);
    assert.equal(training.advance(1000), 0);
    assert.equal(run(raw, undefined, 1).diverged, taken + 1);
  }
});
