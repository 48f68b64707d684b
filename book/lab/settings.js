// What a reader of the lab can set: what is allowed, what is wrong with what was given, and how the address of the page says it.

import { number, whole } from "./model.js";

/**
 * @typedef {object} Settings everything that a run depends on
 * @property {number} seed
 * @property {number} width units, before some are left out
 * @property {number} learningRate
 * @property {number} batchSize
 * @property {number} steps
 * @property {"all" | "output"} layers which are trained
 * @property {number} n training points
 * @property {number} noise standard deviation
 * @property {"zigzag" | "sine" | "step" | "bump" | "drawn"} target the true function
 * @property {[number, number][] | null} drawn the corners of the reader's own, by increasing x in [0, 1]
 * @property {(number | null)[] | null} elbows where the reader has put the initial elbows, by unit; null: not moved
 * @property {number[]} off units left out, increasing
 */

/** @type {Settings} */
export const DEFAULTS = {
  seed: 1,
  width: 40,
  learningRate: 0.02,
  batchSize: 40,
  steps: 150_000,
  layers: "all",
  n: 200,
  noise: 0.1,
  target: "zigzag",
  drawn: null,
  elbows: null,
  off: [],
};

/** The least and the greatest of each number; of a drawing, that is its height at a corner, and the number of corners. */
export const LIMITS = {
  seed: [0, 2 ** 32 - 1],
  width: [1, 100],
  learningRate: [1e-4, 10],
  batchSize: [1, 1000],
  steps: [1, 150_000],
  n: [2, 1000],
  noise: [0, 2],
  elbow: [-10, 10],
  height: [-10, 10],
  corners: [1, 200],
};

/** What can be chosen, and what it is called.
 * @type {Record<"layers" | "target", Record<string, string>>} */
export const CHOICES = {
  layers: { all: "every layer", output: "the output layer" },
  target: { zigzag: "zigzag", sine: "sine", step: "a step", bump: "a bump", drawn: "drawn by you" },
};

/** The numbers of the settings: what each is called, and whether it is whole.
 * @type {[keyof Settings & keyof typeof LIMITS, string, boolean][]} */
const NUMBERS = [
  ["seed", "seed", true],
  ["width", "width", true],
  ["learningRate", "learning rate", false],
  ["batchSize", "batch size", true],
  ["steps", "number of steps", true],
  ["n", "number of points", true],
  ["noise", "noise", false],
];

/** @param {unknown} value @returns {value is number} */
const isNumber = (value) => typeof value === "number" && Number.isFinite(value);

/** @param {number} value */
const told = (value) => (Number.isSafeInteger(value) && value >= 0 ? whole(value) : number(value));

/** @param {number} value @param {number[]} limits */
const within = (value, [least, greatest]) => Math.min(greatest, Math.max(least, value));

/**
 * The settings nearest to what was given, and in words what had to be changed. What was not given is as in DEFAULTS.
 * @param {unknown} raw
 * @returns {{settings: Settings, problems: string[]}}
 */
export const check = (raw) => {
  const given = /** @type {Record<string, unknown>} */ (raw && typeof raw === "object" ? raw : {});
  /** @type {string[]} */
  const problems = [];
  /** @type {Record<string, unknown>} */
  const settings = { ...DEFAULTS };

  for (const [key, name, whole] of NUMBERS) {
    const value = given[key];
    if (value === undefined) continue;
    if (!isNumber(value)) {
      problems.push(`The ${name} is not a number; it is ${told(Number(DEFAULTS[key]))} now.`);
      continue;
    }
    const [least, greatest] = LIMITS[key];
    const nearest = within(whole ? Math.round(value) : value, [least, greatest]);
    settings[key] = nearest;
    if (value < least || value > greatest) {
      problems.push(`The ${name} must be from ${told(least)} to ${told(greatest)}, not ${told(value)}; it is ${told(nearest)} now.`);
    } else if (nearest !== value) {
      problems.push(`The ${name} must be a whole number, not ${value}; it is ${told(nearest)} now.`);
    }
  }
  for (const [key, choices] of Object.entries(CHOICES)) {
    const value = given[key];
    if (value === undefined) continue;
    if (typeof value === "string" && Object.hasOwn(choices, value)) settings[key] = value;
    else if (key === "layers") problems.push(`“${value}” is no choice of layers; ${choices[DEFAULTS.layers]} is trained now.`);
    else problems.push(`“${value}” is no true function; it is ${choices[DEFAULTS.target]} now.`);
  }
  const width = Number(settings.width);
  settings.drawn = checkDrawn(given.drawn, problems);
  settings.elbows = checkElbows(given.elbows, width, problems);
  settings.off = checkOff(given.off, width, problems);
  if (settings.target === "drawn" && !settings.drawn) {
    settings.target = DEFAULTS.target;
    problems.push(`Nothing is drawn; the true function is ${CHOICES.target[DEFAULTS.target]} now.`);
  }
  return { settings: /** @type {Settings} */ (/** @type {unknown} */ (settings)), problems };
};

/** @param {unknown} raw @param {string[]} problems @returns {Settings["drawn"]} */
const checkDrawn = (raw, problems) => {
  if (raw === undefined || raw === null) return null;
  const points = Array.isArray(raw) ? raw : [raw];
  const good = points.filter((point) => Array.isArray(point) && point.length === 2 && point.every(isNumber));
  if (good.length < points.length) problems.push("A corner of the drawing is not two numbers; it is left out.");
  const inside = good.map(([x, y]) => [within(x, [0, 1]), within(y, LIMITS.height)]);
  if (inside.some(([x, y], i) => x !== good[i][0] || y !== good[i][1])) {
    problems.push(`A corner of the drawing is outside of 0 to 1, or of ${LIMITS.height.join(" to ")} in height; it is moved inside.`);
  }
  const sorted = inside.sort((p, q) => p[0] - q[0]);
  const distinct = sorted.filter(([x], i) => x !== sorted[i + 1]?.[0]);
  if (distinct.length < sorted.length) problems.push("The drawing has two heights at one place; the last is kept.");
  const most = LIMITS.corners[1];
  if (distinct.length > most) problems.push(`The drawing has more than ${most} corners; those after them are left out.`);
  const kept = distinct.slice(0, most);
  return kept.length ? /** @type {[number, number][]} */ (kept) : null;
};

/** @param {unknown} raw @param {number} width @param {string[]} problems @returns {Settings["elbows"]} */
const checkElbows = (raw, width, problems) => {
  if (raw === undefined || raw === null) return null;
  if (!Array.isArray(raw)) {
    problems.push("The moved elbows are not a list; no elbow is moved.");
    return null;
  }
  const elbows = Array.from({ length: width }, (_, j) => {
    const value = raw[j] ?? null;
    if (value === null) return null;
    if (!isNumber(value)) {
      problems.push(`The elbow of unit ${j} is not a number; it is not moved.`);
      return null;
    }
    const inside = within(value, LIMITS.elbow);
    if (inside !== value) problems.push(`The elbow of unit ${j} must be from ${LIMITS.elbow.join(" to ")}; it is ${inside} now.`);
    return inside;
  });
  if (raw.slice(width).some((value) => value !== null)) {
    problems.push(`An elbow was moved of a unit that is not there; the units are 0 to ${width - 1}.`);
  }
  return elbows.some((value) => value !== null) ? elbows : null;
};

/** @param {unknown} raw @param {number} width @param {string[]} problems @returns {Settings["off"]} */
const checkOff = (raw, width, problems) => {
  if (raw === undefined || raw === null) return [];
  const given = Array.isArray(raw) ? raw : [raw];
  const good = given.filter((j) => Number.isInteger(j) && j >= 0 && j < width);
  if (good.length < given.length) {
    problems.push(`A unit was left out that is not there; the units are 0 to ${width - 1}.`);
  }
  const off = [...new Set(good)].sort((i, j) => i - j);
  if (off.length < width) return off;
  problems.push("A network needs at least one unit; none is left out.");
  return [];
};

/**
 * The query string that says in what the settings differ from DEFAULTS; "" if in nothing.
 *
 * A drawing is written as `x_y_x_y…`, moved elbows as `unit_elbow_unit_elbow…`, units left out as `unit_unit…`.
 * @param {Settings} settings
 */
export const toAddress = (settings) => {
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(settings)) {
    if (key === "drawn" || key === "elbows" || key === "off") continue;
    if (value !== DEFAULTS[/** @type {keyof Settings} */ (key)]) query.set(key, String(value));
  }
  const { drawn, elbows, off } = settings;
  if (drawn && settings.target === "drawn") query.set("drawn", drawn.flat().join("_"));
  if (elbows) query.set("elbows", elbows.flatMap((e, j) => (e === null ? [] : [j, e])).join("_"));
  if (off.length) query.set("off", off.join("_"));
  const text = query.toString();
  return text && `?${text}`;
};

/** @param {string} text */
const toNumber = (text) => (text.trim() ? Number(text) : NaN);

/** The numbers of a list, two by two.
 * @param {string} text @returns {[number, number][]} */
const pairs = (text) => {
  const numbers = text.split("_").map(toNumber);
  return Array.from({ length: Math.ceil(numbers.length / 2) }, (_, i) => [numbers[2 * i], numbers[2 * i + 1] ?? NaN]);
};

/**
 * The settings that an address says, checked, and in words what is wrong with it.
 * @param {string} address a query string, with or without its question mark
 */
export const fromAddress = (address) => {
  const query = new URLSearchParams(address);
  /** @type {Record<string, unknown>} */
  const raw = {};
  /** @type {string[]} */
  const problems = [];
  const known = [...NUMBERS.map(([key]) => key), ...Object.keys(CHOICES), "drawn", "elbows", "off"];
  for (const key of new Set(query.keys())) {
    if (!known.includes(key)) problems.push(`The address says something of “${key}”, which the lab does not have.`);
    else if (query.getAll(key).length > 1) problems.push(`The address says more than once what “${key}” is; the first counts.`);
  }
  for (const [key] of NUMBERS) if (query.has(key)) raw[key] = toNumber(query.get(key) ?? "");
  for (const key of Object.keys(CHOICES)) raw[key] = query.get(key) ?? undefined;
  const [drawn, elbows, off] = ["drawn", "elbows", "off"].map((key) => query.get(key));
  if (drawn !== null) raw.drawn = pairs(drawn);
  if (elbows !== null) {
    /** @type {(number | null)[]} */
    const list = [];
    for (const [j, elbow] of pairs(elbows)) {
      if (Number.isInteger(j) && within(j, [0, LIMITS.width[1] - 1]) === j) list[j] = elbow;
      else problems.push("An elbow was moved of a unit that is not there.");
    }
    raw.elbows = Array.from(list, (elbow) => elbow ?? null);
  }
  if (off !== null) raw.off = off.split("_").map(toNumber);
  const checked = check(raw);
  if (checked.settings.drawn && checked.settings.target !== "drawn") problems.push("The address has a drawing, but another target; the drawing is not used.");
  return { settings: checked.settings, problems: [...new Set([...problems, ...checked.problems])] };
};
