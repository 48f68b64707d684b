// What a recorded training says, as pure functions: the network of a snapshot, its elbows and its line, and the words for
// them. Nothing here knows of a page.

/**
 * @typedef {ArrayLike<number>} Numbers
 *
 * @typedef {object} History a training of H units on N points, recorded at S snapshots
 * @property {Numbers} steps (S,) the steps taken before each snapshot, increasing
 * @property {ArrayLike<Numbers>} w (S, H)
 * @property {ArrayLike<Numbers>} b (S, H)
 * @property {ArrayLike<Numbers>} v (S, H)
 * @property {Numbers} c (S,)
 * @property {Numbers} train_error (S,)
 * @property {Numbers | null} test_error (S,), if there was a test set
 * @property {Numbers} x (N,) the training points
 * @property {Numbers} y (N,)
 * @property {Numbers} truth the true function at equally spaced points of xlim, its ends included
 * @property {Numbers} xlim (2,) the range of x that is shown
 * @property {Numbers} ylim (2,)
 * @property {Numbers} [axis] the steps of all snapshots that there will be, while a training runs and has not got to them
 * @property {Numbers} [handles] (H,) elbows that can be dragged: those from which the training starts
 * @property {ArrayLike<number>} [off] units that are switched off
 *
 * @typedef {(value: number) => number} Scale
 * @typedef {{value: number, label: string}} Tick
 */

/**
 * The history that a page carries; an Error says what is wrong with it.
 * @param {string} text JSON
 * @returns {History}
 */
export const read = (text) => {
  const history = JSON.parse(text);
  const snapshots = history.steps?.length;
  const width = history.w?.[0]?.length;
  if (!snapshots || !width) throw new Error("a history needs at least one snapshot and one unit");
  /** @param {string} key @param {number} length @param {any} values */
  const check = (key, length, values) => {
    if (values?.length !== length) throw new Error(`${key} has the length ${values?.length}, not ${length}`);
  };
  for (const key of ["w", "b", "v", "c", "train_error"]) check(key, snapshots, history[key]);
  if (history.test_error !== null) check("test_error", snapshots, history.test_error);
  for (const key of ["w", "b", "v"]) for (const row of history[key]) check(key, width, row);
  check("y", history.x?.length, history.y);
  for (const key of ["xlim", "ylim"]) check(key, 2, history[key]);
  if (!(history.truth?.length > 1)) throw new Error("truth needs at least two values");
  return history;
};

/** Where a unit switches on or off; NaN where w is 0, for such a unit has no elbow.
 * @param {number} w @param {number} b */
export const elbow = (w, b) => (w === 0 ? NaN : -b / w);

/** The network of snapshot k at x: `c + Σ_j v_j max(0, w_j x + b_j)`.
 * @param {History} history @param {number} k @param {number} x */
export const predict = ({ w, b, v, c }, k, x) => {
  let f = c[k];
  for (let j = 0; j < w[k].length; j++) f += v[k][j] * Math.max(0, w[k][j] * x + b[k][j]);
  return f;
};

/** What unit j adds to the network of snapshot k at x.
 * @param {History} history @param {number} k @param {number} j @param {number} x */
export const contribution = ({ w, b, v }, k, j, x) => v[k][j] * Math.max(0, w[k][j] * x + b[k][j]);

/** The x in `xlim` between which everything of snapshot k is straight: both ends, and the elbows in between.
 * @param {History} history @param {number} k @returns {number[]} */
export const knots = ({ w, b, xlim }, k) => {
  const [low, high] = [xlim[0], xlim[1]];
  const inside = Array.from(w[k], (slope, j) => elbow(slope, b[k][j])).filter((e) => e > low && e < high);
  return [low, ...inside.sort((p, q) => p - q), high];
};

/** The network of snapshot k over `xlim`, as the corners of its graph: exact, not sampled.
 * @param {History} history @param {number} k @returns {[number, number][]} */
export const prediction = (history, k) => knots(history, k).map((x) => [x, predict(history, k, x)]);

/** What unit j adds over `xlim`, as the corners of its graph.
 * @param {History} history @param {number} k @param {number} j @returns {[number, number][]} */
export const unitLine = (history, k, j) => {
  const [low, high] = [history.xlim[0], history.xlim[1]];
  const e = elbow(history.w[k][j], history.b[k][j]);
  const corners = e > low && e < high ? [low, e, high] : [low, high];
  return corners.map((x) => [x, contribution(history, k, j, x)]);
};

/** The number of training points at which unit j of snapshot k is active.
 * @param {History} history @param {number} k @param {number} j */
export const activePoints = ({ w, b, x }, k, j) => {
  let count = 0;
  for (let i = 0; i < x.length; i++) if (w[k][j] * x[i] + b[k][j] > 0) count += 1;
  return count;
};

/** The way of unit j's elbow through the snapshots, in pieces: where w changes its sign, the elbow goes through infinity.
 * @param {History} history @param {number} j @param {number} [from] the first snapshot
 * @returns {[number, number][][]} pieces of [elbow, step] */
export const trail = ({ steps, w, b }, j, from = 0) => {
  /** @type {[number, number][][]} */
  const pieces = [];
  let side = 0;
  for (let k = from; k < steps.length; k++) {
    const now = Math.sign(w[k][j]);
    if (now && now !== side) pieces.push([]);
    if (now) pieces[pieces.length - 1].push([elbow(w[k][j], b[k][j]), steps[k]]);
    side = now;
  }
  return pieces;
};

/** The index of the value nearest to the target; NaN is near nothing, and -1 says that there is none.
 * @param {Numbers} values @param {number} target */
export const nearest = (values, target) => {
  let [best, least] = [-1, Infinity];
  for (let i = 0; i < values.length; i++) {
    const distance = Math.abs(values[i] - target);
    if (distance < least) [best, least] = [i, distance];
  }
  return best;
};

/** @param {number} low @param {number} high @param {number} from @param {number} to @returns {Scale} */
export const linear = (low, high, from, to) => (value) => from + ((to - from) * (value - low)) / (high - low);

/** @param {number} low @param {number} high @param {number} from @param {number} to @returns {Scale} */
export const logarithmic = (low, high, from, to) => {
  const scale = linear(Math.log(low), Math.log(high), from, to);
  return (value) => scale(Math.log(value));
};

/** The axis of the steps: linear, or logarithmic where there are snapshots and linear before the second of them.
 * @param {Numbers} steps @param {number} from @param {number} to @param {boolean} [evenly] linear all the way @returns {Scale} */
export const stepScale = (steps, from, to, evenly = false) => {
  const last = Math.max(1, steps[steps.length - 1]);
  if (evenly) return linear(0, last, from, to);
  const first = Math.max(1, steps[Math.min(1, steps.length - 1)]);
  /** @param {number} step in decades */
  const place = (step) => (step <= first ? (0.4 * step) / first : 0.4 + Math.log10(step / first));
  const scale = linear(0, place(last), from, to);
  return (step) => scale(place(step));
};

/** 0, and the powers of ten from the second snapshot on; round values on an axis that is linear all the way.
 * @param {Numbers} steps @param {boolean} [evenly] @returns {Tick[]} */
export const stepTicks = (steps, evenly = false) => {
  /** @param {number} value */
  const named = (value) => ({ value, label: value < 1000 ? `${value}` : `${value / 1000}k` });
  if (evenly) return linearTicks(0, steps[steps.length - 1], 3).map(({ value }) => named(value));
  const first = Math.max(1, steps[Math.min(1, steps.length - 1)]);
  const found = [{ value: 0, label: "0" }];
  for (let value = 10 ** Math.ceil(Math.log10(first) - 1e-9); value <= steps[steps.length - 1]; value *= 10) {
    found.push(named(value));
  }
  return found;
};

/** Round values between low and high, about `count` of them.
 * @param {number} low @param {number} high @param {number} count @returns {Tick[]} */
export const linearTicks = (low, high, count) => {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const gap = power * ([1, 2, 5].find((m) => m * power >= rough * 0.999) ?? 10);
  const found = [];
  for (let i = Math.ceil(low / gap - 1e-9); i * gap <= high + 1e-9 * gap; i++) {
    found.push({ value: i * gap, label: number(i * gap) });
  }
  return found;
};

/** The range of the errors in whole decades, and its ticks; what is not above 0 has no place on a logarithmic axis.
 * @param {Pick<History, "train_error" | "test_error">[]} histories */
export const errorRange = (...histories) => {
  const errors = histories
    .flatMap(({ train_error, test_error }) => [...Array.from(train_error), ...Array.from(test_error ?? [])])
    .filter((e) => e > 0 && e < Infinity);
  if (errors.length === 0) errors.push(1);
  const low = Math.floor(Math.log10(Math.min(...errors)) + 1e-9);
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...errors)) - 1e-9));
  const every = Math.ceil((high - low) / 6);
  /** @type {Tick[]} */
  const ticks = [];
  for (let power = high; power >= low; power -= every) ticks.push({ value: 10 ** power, label: `10${raised(power)}` });
  return { low: 10 ** low, high: 10 ** high, ticks };
};

/** @param {number} power */
const raised = (power) => String(power).replace(/./g, (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)]));

/** A number to three digits, as a book sets it.
 * @param {number} value */
export const number = (value) => {
  const [digits, power] = Number(value.toPrecision(3)).toString().split("e");
  return (power ? `${digits} × 10${raised(Number(power))}` : digits).replace("-", "−");
};

/** @param {number} value a whole number */
export const whole = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, ",");

/** @param {History} history @param {number} k */
export const describeStep = ({ steps }, k) => `Step ${whole(steps[k])}`;

/** @param {History} history @param {number} k */
export const describeErrors = ({ train_error, test_error }, k) =>
  `training error ${number(train_error[k])}` + (test_error ? `, test error ${number(test_error[k])}` : "");

/** The units of snapshot k that are active at no training point, and so will never change again; not those switched off.
 * @param {History} history @param {number} k @returns {number[]} */
export const deadUnits = (history, k) =>
  Array.from(history.w[k], (_, j) => j).filter(
    (j) => !Array.from(history.off ?? []).includes(j) && activePoints(history, k, j) === 0,
  );

/** How the units of snapshot k are doing, all together.
 * @param {History} history @param {number} k */
export const describeUnits = (history, k) => {
  const [low, high] = [history.xlim[0], history.xlim[1]];
  const width = history.w[k].length - (history.off?.length ?? 0);
  const silent = deadUnits(history, k).length;
  const inside = knots(history, k).length - 2;
  return (
    `${inside} of ${width} ${width === 1 ? "elbow" : "elbows"} between ${number(low)} and ${number(high)}; ` +
    (silent === 0 ? "every unit is active at some point" : `${silent} ${silent === 1 ? "unit" : "units"} active at no point`)
  );
};

/** The numbers of unit j in snapshot k, each with its name.
 * @param {History} history @param {number} k @param {number} j @returns {[string, string][]} */
export const describeUnit = (history, k, j) => {
  if (Array.from(history.off ?? []).includes(j)) return [["unit", `${j}, switched off`]];
  const [w, b, v] = [history.w[k][j], history.b[k][j], history.v[k][j]];
  const side = w > 0 ? "right of it" : w < 0 ? "left of it" : b > 0 ? "everywhere" : "nowhere";
  return [
    ["unit", `${j}`],
    ["w", number(w)],
    ["b", number(b)],
    ["v", number(v)],
    ["elbow", w === 0 ? "none" : number(elbow(w, b))],
    ["slope", number(v * w)],
    ["active", `${side}, at ${activePoints(history, k, j)} of ${history.x.length} points`],
  ];
};
