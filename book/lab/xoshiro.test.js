import assert from "node:assert/strict";
import { test } from "node:test";

import { Xoshiro128, log, splitMix64 } from "./xoshiro.js";

/** @template T @param {number} count @param {() => T} draw */
const several = (count, draw) => Array.from({ length: count }, draw);

test("the outputs are the published ones", () => {
  const rng = new Xoshiro128(0);
  rng.state.set([1, 2, 3, 4]);
  const published = [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804];
  assert.deepEqual(several(10, () => rng.u32()), published);
});

test("a seed is spread by the published SplitMix64, the low word first, and each stream starts where another ends", () => {
  const published = [6457827717110365317n, 3203168211198807973n, 9817491932198370423n, 4593380528125082431n];
  assert.deepEqual([0, 1, 2, 3].map((i) => splitMix64(1234567, i)), published);
  assert.equal(splitMix64(0, 0), 0xe220a8397b1dcdafn);
  const words = published.flatMap((output) => [Number(output & 0xffffffffn), Number(output >> 32n)]);
  assert.deepEqual([0, 1].flatMap((k) => Array.from(new Xoshiro128(1234567, k).state, (word) => word >>> 0)), words);
});

test("a fraction is made of 27 bits and of 26 more", () => {
  const [rng, same] = [new Xoshiro128(1), new Xoshiro128(1)];
  for (let i = 0; i < 100; i++) {
    const [high, low] = [same.u32(), same.u32()].map(BigInt);
    assert.equal(rng.random(), Number((high >> 5n) * 2n ** 26n + (low >> 6n)) / 2 ** 53);
  }
  rng.state.set([0, -1, 0, 0]);
  const bounds = several(1000, () => rng.uniform(-3, 5));
  assert.ok(bounds.every((value) => value >= -3 && value < 5));
});

test("whole numbers are those of exact arithmetic, and drawn again where they would be unfair", () => {
  for (const n of [1, 2, 200, 1_500_000, 2 ** 21]) {
    const [rng, same] = [new Xoshiro128(1), new Xoshiro128(1)];
    let again = 0;
    const draw = () => {
      let product = BigInt(same.u32()) * BigInt(n);
      for (; product % 2n ** 32n < 2n ** 32n % BigInt(n); again++) product = BigInt(same.u32()) * BigInt(n);
      return Number(product >> 32n);
    };
    const drawn = new Int32Array(20_000);
    rng.fillIntegers(n, drawn);
    assert.deepEqual([...drawn], several(20_000, draw));
    assert.equal(again > 0, n === 1_500_000);
    assert.equal(rng.integers(n), draw()); // and it goes on where it ended
    assert.equal(rng.u32(), same.u32());
  }
});

test("so many are filled in as are asked for, and no more", () => {
  const [some, all] = [new Int32Array(5).fill(-1), new Int32Array(3)];
  new Xoshiro128(9).fillIntegers(1000, some, 3);
  new Xoshiro128(9).fillIntegers(1000, all);
  assert.deepEqual([...some], [...all, -1, -1]);
});

test("a whole number is drawn from a range that is exact in a double", () => {
  for (const n of [0, -1, NaN, 2 ** 21 + 1]) assert.throws(() => new Xoshiro128(0).integers(n), RangeError);
});

test("the logarithm is one, to the last digits", () => {
  const rng = new Xoshiro128(2);
  for (const x of [...several(1000, () => rng.random()), 2 ** -106, 2 ** -53, 0.5, 0.75, 1 - 2 ** -53]) {
    assert.ok(Math.abs(log(x) - Math.log(x)) <= 4e-16 * Math.abs(Math.log(x)), `${x}`);
  }
});

test("normal numbers have the mean, the variance and the tails of the normal distribution", () => {
  const rng = new Xoshiro128(1);
  const z = several(100_000, () => rng.standardNormal());
  /** @param {(value: number) => number} f */
  const mean = (f) => z.reduce((sum, value) => sum + f(value), 0) / z.length;
  assert.ok(Math.abs(mean((value) => value)) < 0.01);
  assert.ok(Math.abs(mean((value) => value ** 2) - 1) < 0.015);
  assert.ok(Math.abs(mean((value) => Number(Math.abs(value) > 1.959964)) - 0.05) < 0.0025);
});
