import assert from "node:assert/strict";
import { test } from "node:test";

import { DEFAULTS, LIMITS, check, fromAddress, toAddress } from "./settings.js";

/** @typedef {import("./settings.js").Settings} Settings */

/** @type {Settings} */
const CHANGED = {
  seed: 2 ** 32 - 1,
  width: 4,
  learningRate: 0.0001,
  batchSize: 1,
  steps: 1,
  layers: "output",
  n: 2,
  noise: 1e-7,
  target: "drawn",
  drawn: [[0, -0.5], [0.25, 1e-8], [1, 2]],
  elbows: [null, 0.1, null, -2],
  off: [0, 2],
};

test("what is allowed stays as it is", () => {
  for (const settings of [DEFAULTS, CHANGED]) assert.deepEqual(check(settings), { settings, problems: [] });
  assert.deepEqual(check({}), { settings: DEFAULTS, problems: [] });
});

test("an address says what differs from the defaults, and gives back what it says", () => {
  assert.equal(toAddress(DEFAULTS), "");
  assert.deepEqual(fromAddress(""), { settings: DEFAULTS, problems: [] });
  assert.equal(toAddress({ ...DEFAULTS, width: 20, off: [3, 7] }), "?width=20&off=3_7");
  assert.equal(toAddress({ ...DEFAULTS, elbows: [null, 0.5, -1] }), "?elbows=1_0.5_2_-1");
  for (const address of [toAddress(CHANGED), toAddress(CHANGED).slice(1)]) {
    assert.deepEqual(fromAddress(address), { settings: CHANGED, problems: [] });
  }
  // Each by itself, where the others are as they were.
  for (const key of /** @type {(keyof Settings)[]} */ (Object.keys(DEFAULTS))) {
    const both = key === "target" || key === "drawn" ? { target: CHANGED.target, drawn: CHANGED.drawn } : {};
    const { settings } = check({ ...DEFAULTS, ...both, [key]: CHANGED[key] });
    assert.deepEqual(fromAddress(toAddress(settings)), { settings, problems: [] });
  }
  // A drawing that is not the target has no part in the run.
  assert.equal(toAddress({ ...CHANGED, target: "sine" }).includes("drawn"), false);
});

test("each thing that is wrong is told once", () => {
  assert.equal(fromAddress("?elbows=x_1_y_2_z_3&off=a_b").problems.length, 2);
});

/** What is wrong, what it becomes, and how that is told.
 * @type {[object, object, RegExp][]} */
const WRONG = [
  [{ width: 400 }, { width: 100 }, /^The width must be from 1 to 100, not 400; it is 100 now\.$/],
  [{ width: 0 }, { width: 1 }, /not 0; it is 1 now/],
  [{ width: 3.7 }, { width: 4 }, /^The width must be a whole number, not 3\.7; it is 4 now\.$/],
  [{ width: "20" }, {}, /^The width is not a number; it is 40 now\.$/],
  [{ seed: -1 }, { seed: 0 }, /seed .* from 0 to 4,294,967,295, not −1/],
  [{ seed: 2 ** 32 }, { seed: 2 ** 32 - 1 }, /seed/],
  [{ learningRate: NaN }, {}, /^The learning rate is not a number; it is 0\.02 now\.$/],
  [{ learningRate: 0 }, { learningRate: 1e-4 }, /from 0\.0001 to 10, not 0/],
  [{ batchSize: Infinity }, {}, /batch size is not a number/],
  [{ steps: 1e9 }, { steps: 150_000 }, /number of steps must be from 1 to 150,000, not 1,000,000,000; it is 150,000 now/],
  [{ n: 1 }, { n: 2 }, /number of points must be from 2/],
  [{ noise: -0.1 }, { noise: 0 }, /noise must be from 0/],
  [{ layers: "hidden" }, {}, /^“hidden” is no choice of layers; every layer is trained now\.$/],
  [{ target: "cosine" }, {}, /^“cosine” is no true function; it is zigzag now\.$/],
  [{ target: "drawn" }, {}, /^Nothing is drawn; the true function is zigzag now\.$/],
  [{ target: "drawn", drawn: [] }, {}, /^Nothing is drawn/],
  [{ drawn: [[0.5]] }, {}, /^A corner of the drawing is not two numbers/],
  [{ drawn: "0.5" }, {}, /not two numbers/],
  [{ drawn: [[0.5, NaN], [0, 1]] }, { drawn: [[0, 1]] }, /not two numbers/],
  [{ drawn: [[0, 1], [2, 99]] }, { drawn: [[0, 1], [1, 10]] }, /outside of 0 to 1, or of -10 to 10 in height/],
  [{ drawn: [[0.5, 1], [0, 1], [0.5, 2]] }, { drawn: [[0, 1], [0.5, 2]] }, /two heights at one place; the last is kept/],
  [{ elbows: 3 }, {}, /moved elbows are not a list/],
  [{ elbows: ["x", 0.5] }, { elbows: [null, 0.5, ...Array(38).fill(null)] }, /elbow of unit 0 is not a number/],
  [{ width: 1, elbows: [99] }, { width: 1, elbows: [10] }, /elbow of unit 0 must be from -10 to 10; it is 10 now/],
  [{ width: 1, elbows: [null, 0.5] }, { width: 1 }, /of a unit that is not there; the units are 0 to 0/],
  [{ off: [40] }, {}, /left out that is not there; the units are 0 to 39/],
  [{ off: "all" }, {}, /left out that is not there/],
  [{ width: 2, off: [1, 0] }, { width: 2 }, /needs at least one unit; none is left out/],
];

test("what is not allowed becomes the nearest that is, and each change is told", () => {
  for (const [raw, expected, words] of WRONG) {
    const { settings, problems } = check(raw);
    assert.deepEqual(settings, { ...DEFAULTS, ...expected }, JSON.stringify(raw));
    assert.equal(problems.length, 1, `${problems}`);
    assert.match(problems[0], words);
    assert.deepEqual(check(settings), { settings, problems: [] });
  }
  for (const nothing of [null, undefined, 7, "width"]) assert.deepEqual(check(nothing), { settings: DEFAULTS, problems: [] });
});

test("each of several problems is told", () => {
  const { problems } = check({ width: 0, noise: 9, target: "drawn" });
  assert.equal(problems.length, 3);
});

test("a drawing has so many corners and no more", () => {
  const most = LIMITS.corners[1];
  const drawn = Array.from({ length: most + 1 }, (_, i) => [i / most, 0]);
  const { settings, problems } = check({ drawn, target: "drawn" });
  assert.equal(settings.drawn?.length, most);
  assert.match(problems.join(), /more than 200 corners/);
});

test("what was put in order or twice is no problem", () => {
  const { settings, problems } = check({ off: [7, 3, 7], drawn: [[1, 0], [0, 1]], elbows: [] });
  assert.deepEqual([settings.off, settings.drawn, settings.elbows, problems], [[3, 7], [[0, 1], [1, 0]], null, []]);
});

test("settings share nothing with what they were made of", () => {
  const raw = { ...DEFAULTS, drawn: [[0, 1]], off: [1] };
  const { settings } = check(raw);
  settings.off.push(2);
  settings.drawn?.[0].fill(9);
  assert.deepEqual([raw.off, raw.drawn, check({}).settings.off], [[1], [[0, 1]], []]);
});

/** @type {[string, object, RegExp][]} */
const WRONG_ADDRESSES = [
  ["?width=wide", {}, /^The width is not a number/],
  ["?width=", {}, /^The width is not a number/],
  ["?width=1e3", { width: 100 }, /not 1,000; it is 100 now/],
  ["?layers=", {}, /^“” is no choice of layers/],
  ["?target=drawn", {}, /^Nothing is drawn/],
  ["?drawn=0.5", {}, /not two numbers/],
  ["?drawn=0_1_a_b&target=drawn", { drawn: [[0, 1]], target: "drawn" }, /not two numbers/],
  ["?drawn=0_1_1_0", { drawn: [[0, 1], [1, 0]] }, /^The address has a drawing, but another target; the drawing is not used\.$/],
  ["?drawn=", {}, /not two numbers/],
  ["?elbows=", {}, /^An elbow was moved of a unit that is not there\.$/],
  ["?off=", {}, /left out that is not there/],
  ["?widht=5", {}, /^The address says something of “widht”, which the lab does not have\.$/],
  ["?width=5&width=6", { width: 5 }, /^The address says more than once what “width” is; the first counts\.$/],
  ["?elbows=-1_0.5", {}, /^An elbow was moved of a unit that is not there\.$/],
  ["?elbows=99999999_0.5", {}, /^An elbow was moved of a unit that is not there\.$/],
  ["?elbows=3", {}, /elbow of unit 3 is not a number/],
  ["?width=2&elbows=2_0.5", { width: 2 }, /units are 0 to 1/],
  ["?off=1_x", { off: [1] }, /left out that is not there/],
];

test("what is wrong in an address is told, too", () => {
  for (const [address, expected, words] of WRONG_ADDRESSES) {
    const { settings, problems } = fromAddress(address);
    assert.deepEqual(settings, { ...DEFAULTS, ...expected }, address);
    assert.equal(problems.length, 1, `${address}: ${problems}`);
    assert.match(problems[0], words);
  }
});
