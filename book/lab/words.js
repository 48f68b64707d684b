// What a run of the lab came to, in words.

import { deadUnits, number, whole } from "./model.js";
import { CHOICES } from "./settings.js";

/** @typedef {import("./model.js").History} History */
/** @typedef {import("./settings.js").Settings} Settings */

/** Each setting by the name of its control, as a reader is told it.
 * @type {[keyof Settings, string][]} */
const NAMES = [
  ["width", "width"],
  ["layers", "trained"],
  ["learningRate", "learning rate"],
  ["batchSize", "batch size"],
  ["steps", "steps"],
  ["seed", "seed"],
  ["target", "target"],
  ["n", "points"],
  ["noise", "noise"],
];

/** @type {Record<string, string>} */
const NAMED = { ...CHOICES.layers, ...CHOICES.target };

/** @param {unknown} value */
const told = (value) =>
  typeof value === "number" ? (Number.isInteger(value) ? whole(value) : number(value)) : (NAMED[`${value}`] ?? `${value}`);

/** @param {number[]} units */
const listed = (units) => {
  const names = units.map(String);
  if (names.length > 8) return `${names.slice(0, 7).join(", ")} and ${names.length - 7} more`;
  return names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}` : names[0];
};

/** The end of a run.
 * @param {History} history @param {Settings} settings @param {number} diverged the step at which it did, or 0 */
export const outcome = (history, settings, diverged) => {
  const last = history.steps.length - 1;
  const dead = deadUnits(history, last);
  const present = settings.width - settings.off.length;
  const units =
    dead.length === 0
      ? "No unit is dead."
      : `${dead.length} of ${present} ${present === 1 ? "unit" : "units"} ${dead.length === 1 ? "is" : "are"} dead, active at no point: ${listed(dead)}.`;
  if (diverged) {
    return (
      `The run diverged at step ${whole(diverged)}: its numbers grew beyond all bounds, because a rate of ${number(settings.learningRate)} ` +
      `is too large here. What is drawn ends at step ${whole(history.steps[last])}. ${units}`
    );
  }
  return (
    `After ${whole(history.steps[last])} ${history.steps[last] === 1 ? "step" : "steps"}: training error ${number(history.train_error[last])}` +
    `${history.test_error ? `, test error ${number(history.test_error[last])}` : ""}. ${units}`
  );
};

/**
 * A run beside the one that was pinned.
 * @param {{settings: Settings, history: History, diverged: number}} pinned
 * @param {{settings: Settings, history: History, diverged: number}} now
 */
export const comparison = (pinned, now) => {
  const changes = NAMES.filter(([key]) => pinned.settings[key] !== now.settings[key]).map(
    ([key, name]) => `${name}: ${told(pinned.settings[key])}, now ${told(now.settings[key])}`,
  );
  for (const [key, name] of /** @type {["elbows" | "off" | "drawn", string][]} */ ([["elbows", "initial elbows"], ["off", "units switched off"], ["drawn", "drawing"]])) {
    if (key === "drawn" && (pinned.settings.target !== "drawn" || now.settings.target !== "drawn")) continue; // it is not used
    if (JSON.stringify(pinned.settings[key]) !== JSON.stringify(now.settings[key])) changes.push(`other ${name}`);
  }
  /** @param {{history: History, diverged: number}} run */
  const error = ({ history, diverged }) =>
    diverged ? `diverged at step ${whole(diverged)}` : `test error ${number(history.test_error?.[history.steps.length - 1] ?? NaN)}`;
  return `Pinned run: ${error(pinned)}. This run: ${error(now)}. ${changes.length ? `Changed: ${changes.join("; ")}.` : "Nothing is changed."}`;
};
