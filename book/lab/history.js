// The history of a run in the lab, as the player reads it: it begins with the data and the network before any step, and
// grows with every batch that arrives.

import { keptSteps } from "./run.js";
import { errors, prepare } from "./trainer.js";

/** @typedef {import("./model.js").History} History */
/** @typedef {import("./settings.js").Settings} Settings */
/** @typedef {import("./run.js").Batch} Batch */

/** The range of x that the lab shows: an elbow may be outside of the data, which are in (0, 1). */
export const XLIM = [-0.25, 1.25];
const TRUTH_POINTS = 301;

/** The units that are not switched off, by their numbers.
 * @param {Settings} settings */
const present = ({ width, off }) => Array.from({ length: width }, (_, j) => j).filter((j) => !off.includes(j));

/** The parameters of the units that are present among those of all, which are 0 where there is none.
 * @param {ArrayLike<number>} values @param {Settings} settings */
const among = (values, settings) => {
  const all = new Float64Array(settings.width);
  present(settings).forEach((j, i) => (all[j] = values[i]));
  return all;
};

/** What there is before the first step.
 * @param {Settings} settings @returns {History} */
export const begin = (settings) => {
  const { x, y, xTest, yTest, truth, w, b, v, c } = prepare(settings);
  const parameters = Float64Array.of(...w, ...b, ...v, c);
  const everywhere = prepare({ ...settings, off: [] });
  const highest = Math.max(...y.map(Math.abs), ...yTest.map(Math.abs));
  const limit = Math.max(2.5, Math.ceil(2 * highest) / 2);
  const [low, high] = XLIM;
  return {
    steps: [0],
    w: [among(w, settings)],
    b: [among(b, settings)],
    v: [among(v, settings)],
    c: [c],
    train_error: [errors(parameters, x, y)],
    test_error: [errors(parameters, xTest, yTest)],
    x,
    y,
    // The test points end where the data do, and so does the true function; nothing is drawn beyond.
    truth: Array.from({ length: TRUTH_POINTS }, (_, i) => {
      const at = low + ((high - low) * i) / (TRUTH_POINTS - 1);
      return at < -1e-9 || at > 1 + 1e-9 ? NaN : truth(Math.max(0, Math.min(1, at)));
    }),
    xlim: XLIM,
    ylim: [-limit, limit],
    axis: [0, ...keptSteps(settings.steps)],
    handles: everywhere.w.map((slope, j) => -everywhere.b[j] / slope),
    off: settings.off,
  };
};

/** The history with a batch more; the same object, for it grows.
 * @param {History} history @param {Settings} settings @param {Batch} batch */
export const add = (history, settings, { steps, parameters, train, test }) => {
  const growing = /** @type {Record<string, any[]>} */ (/** @type {unknown} */ (history));
  const size = parameters.length / Math.max(1, steps.length);
  const units = (size - 1) / 3;
  for (let m = 0; m < steps.length; m++) {
    const [w, b, v, c] = [0, 1, 2, 3].map((part) =>
      parameters.subarray(m * size + part * units, m * size + (part < 3 ? (part + 1) * units : size)),
    );
    growing.steps.push(steps[m]);
    growing.w.push(among(w, settings));
    growing.b.push(among(b, settings));
    growing.v.push(among(v, settings));
    growing.c.push(c[0]);
    growing.train_error.push(train[m]);
    growing.test_error.push(test[m]);
  }
};
