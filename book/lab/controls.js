// The lab's controls, all of them native: `controls(change)` makes them and says what the reader asks for; `show` sets them
// to what is.

import { KNOTS, heightAt, raised } from "./drawing.js";
import { XLIM } from "./history.js";
import { number, whole } from "./model.js";
import { html } from "./player.js";
import { CHOICES, LIMITS } from "./settings.js";

/** @typedef {import("./settings.js").Settings} Settings */
/** @typedef {(change: Partial<Settings>) => void} Change */
/** @typedef {(j: number, isFocus?: boolean) => void} Point is told the unit under pointer or focus, or -1 */

let made = 0;

/** A control with its name above and its value beside the name.
 * @param {string} name @param {HTMLElement} control @param {Node[]} more */
const field = (name, control, ...more) => {
  control.id = `cr-lab-${(made += 1)}`;
  return html("div", { class: "cr-field" }, html("label", { for: control.id }, name), ...more, control);
};

/** A slider for a number of the settings. On a logarithmic one the values have two digits.
 * @param {string} name @param {"width" | "learningRate" | "batchSize" | "steps" | "n" | "noise"} key
 * @param {Change} change @param {number} [step] of a linear one */
const slider = (name, key, change, step) => {
  const [least, greatest] = LIMITS[key];
  const places = step ? (greatest - least) / step : 100;
  const input = html("input", { type: "range", min: "0", max: `${places}`, step: "1" });
  const value = html("span", { class: "cr-value", "aria-hidden": "true" });
  const round = Number.isInteger(least) && key !== "noise" ? Math.round : Number;
  /** @param {number} place */
  const at = (place) => {
    if (step) return Number((least + place * step).toFixed(6));
    if (place >= places) return greatest;
    return Math.max(least, round(Number((least * (greatest / least) ** (place / places)).toPrecision(2))));
  };
  /** @param {number} now */
  const placeOf = (now) => (step ? (now - least) / step : (places * Math.log(now / least)) / Math.log(greatest / least));
  let shown = NaN;
  input.addEventListener("input", () => {
    let place = Number(input.value);
    // The lowest places of a logarithmic scale of whole numbers share a value: a key goes on to the next.
    const way = Math.sign(place - placeOf(shown));
    while (at(place) === shown && place > 0 && place < places) place += way;
    change({ [key]: at(place) });
  });
  return {
    element: field(name, input, value),
    /** @param {Settings} settings */
    show: (settings) => {
      const now = settings[key];
      const text = now >= 1000 ? whole(now) : number(now);
      shown = now;
      input.value = `${Math.round(placeOf(now))}`;
      input.setAttribute("aria-valuetext", text);
      value.textContent = text;
    },
  };
};

/** @param {string} name @param {"layers" | "target"} key @param {Record<string, string>} names @param {Change} change */
const choice = (name, key, names, change) => {
  const select = html("select", {}, ...Object.entries(names).map(([value, text]) => html("option", { value }, text)));
  select.addEventListener("change", () => change({ [key]: select.value }));
  return {
    element: field(name, select),
    /** @param {Settings} settings */
    show: (settings) => {
      if (select.value !== settings[key]) select.value = settings[key]; // what is set anew is laid out anew
    },
  };
};

/** @param {Change} change */
const seed = (change) => {
  const input = html("input", { type: "number", min: "0", max: `${LIMITS.seed[1]}`, step: "1" });
  const another = html("button", { type: "button" }, "next");
  another.setAttribute("aria-label", "Next seed");
  input.addEventListener("change", () => change({ seed: input.valueAsNumber }));
  another.addEventListener("click", () => change({ seed: (now + 1) % (LIMITS.seed[1] + 1) }));
  let now = 0;
  const element = field("Seed", input);
  element.append(html("span", { class: "cr-beside" }, input, another));
  return {
    element,
    /** @param {Settings} settings */
    show: (settings) => {
      now = settings.seed;
      input.value = `${now}`;
    },
  };
};

/** One slider for each of the eleven knots of a drawing.
 * @param {Change} change */
const heights = (change) => {
  /** @type {NonNullable<Settings["drawn"]>} */
  let drawn = [[0, 0]];
  const inputs = KNOTS.map((knot) => {
    const label = `Height of the target at ${knot}`;
    const input = html("input", { type: "range", step: "0.05", "aria-label": label });
    input.addEventListener("input", () => change({ target: "drawn", drawn: raised(drawn, knot, Number(input.value)) }));
    return input;
  });
  const name = "Heights of the target, from 0 to 1";
  const element = html("div", { class: "cr-wide" }, name, html("div", { class: "cr-heights", role: "group", "aria-label": name }, ...inputs));
  return {
    element,
    /** @param {Settings} settings */
    show: (settings) => {
      element.hidden = settings.target !== "drawn" || !settings.drawn;
      if (!settings.drawn) return;
      drawn = settings.drawn;
      const most = Math.max(2.5, ...drawn.map((corner) => Math.ceil(Math.abs(corner[1]))));
      inputs.forEach((input, k) => {
        [input.min, input.max] = [`${-most}`, `${most}`];
        const height = heightAt(drawn, KNOTS[k]);
        input.value = `${height}`;
        input.setAttribute("aria-valuetext", number(height));
      });
    },
  };
};

/** The initial elbow of one unit, and a way to give all back.
 * @param {Change} change @param {(j: number) => void} onUnit is told the unit that the reader turns to */
const elbow = (change, onUnit) => {
  const unit = html("input", { type: "number", min: "0", step: "1", value: "0", "aria-label": "Unit whose initial elbow is set" });
  const input = html("input", { type: "range", step: "0.01" });
  const value = html("span", { class: "cr-value", "aria-hidden": "true" });
  const reset = html("button", { type: "button" }, "all as drawn by the seed");
  /** @type {Settings} */
  let now;
  /** @type {ArrayLike<number>} */
  let elbows = [];
  const j = () => Math.max(0, Math.min(now.width - 1, Math.round(unit.valueAsNumber) || 0));
  const tell = () => {
    const text = number(elbows[j()]);
    [input.min, input.max] = [`${Math.min(XLIM[0], elbows[j()])}`, `${Math.max(XLIM[1], elbows[j()])}`];
    input.value = `${elbows[j()]}`;
    input.setAttribute("aria-valuetext", `${text}, unit ${j()}`);
    value.textContent = text;
  };
  unit.addEventListener("change", () => {
    unit.value = `${j()}`;
    tell();
    onUnit(j());
  });
  input.addEventListener("input", () => change({ elbows: moved(now, j(), Number(input.value)) }));
  reset.addEventListener("click", () => change({ elbows: null }));
  const element = field("Initial elbow of unit", input, value);
  element.append(html("span", { class: "cr-beside" }, unit, input), reset);
  return {
    element,
    /** @param {Settings} settings @param {ArrayLike<number>} handles */
    show: (settings, handles) => {
      [now, elbows] = [settings, handles];
      unit.max = `${settings.width - 1}`;
      unit.value = `${j()}`;
      reset.setAttribute("aria-disabled", `${settings.elbows === null}`);
      tell();
    },
    /** @param {number} unitNow */
    turn: (unitNow) => {
      if (unitNow < 0 || !now) return;
      unit.value = `${unitNow}`;
      tell();
    },
  };
};

/** The elbows with that of unit j put elsewhere.
 * @param {Settings} settings @param {number} j @param {number} to @returns {NonNullable<Settings["elbows"]>} */
export const moved = ({ elbows, width }, j, to) => {
  const list = Array.from({ length: width }, (_, i) => elbows?.[i] ?? null);
  list[j] = Math.round(1000 * Math.max(XLIM[0], Math.min(XLIM[1], to))) / 1000;
  return list;
};

/** The units switched off, with unit j the other way.
 * @param {Settings} settings @param {number} j */
export const switched = ({ off }, j) => (off.includes(j) ? off.filter((i) => i !== j) : [...off, j].sort((p, q) => p - q));

/** A button for every unit: pressed, it takes part. One of them is reached by Tab, the others by arrow keys.
 * @param {Change} change @param {Point} onPoint */
const units = (change, onPoint) => {
  const bar = html("div", { class: "cr-switches", role: "toolbar", "aria-label": "Units that take part" });
  /** @type {Settings} */
  let now;
  let reached = 0;
  /** @param {EventTarget | null} target */
  const indexOf = (target) => Array.from(bar.children).indexOf(/** @type {Element} */ (target));
  bar.addEventListener("click", ({ target }) => {
    const j = indexOf(target);
    if (j >= 0) change({ off: switched(now, j) });
  });
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1, Home: -Infinity, End: Infinity };
    if (!(event.key in by)) return;
    event.preventDefault();
    const to = reached + by[/** @type {keyof typeof by} */ (event.key)];
    /** @type {HTMLElement} */ (bar.children[Math.max(0, Math.min(bar.children.length - 1, to))]).focus();
  });
  bar.addEventListener("focusin", ({ target }) => {
    reach(indexOf(target));
    onPoint(reached, true);
  });
  bar.addEventListener("focusout", () => onPoint(-1));
  bar.addEventListener("pointerover", ({ target }) => onPoint(indexOf(target)));
  bar.addEventListener("pointerleave", () => onPoint(-1));
  /** @param {number} j */
  const reach = (j) => {
    bar.children[reached]?.setAttribute("tabindex", "-1");
    reached = Math.max(0, Math.min(bar.children.length - 1, j));
    bar.children[reached]?.setAttribute("tabindex", "0");
  };
  return {
    element: html("div", { class: "cr-field cr-wide" }, html("span", {}, "Units that take part: a click switches one off, or on"), bar),
    /** @param {Settings} settings */
    show: (settings) => {
      now = settings;
      while (bar.children.length > settings.width) bar.lastChild?.remove();
      for (let j = bar.children.length; j < settings.width; j++) {
        bar.append(html("button", { type: "button", tabindex: "-1", "aria-label": `Unit ${j}` }, `${j}`));
      }
      for (let j = 0; j < settings.width; j++) {
        const pressed = `${!settings.off.includes(j)}`;
        if (bar.children[j].getAttribute("aria-pressed") !== pressed) bar.children[j].setAttribute("aria-pressed", pressed);
      }
      reach(reached);
    },
  };
};

/**
 * All controls, in an element.
 * @param {Change} change what the reader asks for
 * @param {Point} onPoint
 * @param {(j: number) => void} onUnit the unit that the reader turns to
 */
export const controls = (change, onPoint, onUnit) => {
  const drawnHeights = heights(change);
  const initial = elbow(change, onUnit);
  const groups = {
    Network: [slider("Width", "width", change, 1), choice("Trained", "layers", CHOICES.layers, change), initial],
    Training: [
      slider("Learning rate", "learningRate", change),
      slider("Batch size", "batchSize", change),
      slider("Steps", "steps", change),
      seed(change),
    ],
    Data: [choice("Target", "target", CHOICES.target, change), slider("Points", "n", change), slider("Noise", "noise", change, 0.05)],
  };
  const switches = units(change, onPoint);
  const element = html(
    "div",
    { class: "cr-form" },
    ...Object.entries(groups).map(([name, parts]) =>
      html("fieldset", {}, html("legend", {}, name), ...parts.map((part) => part.element)),
    ),
    drawnHeights.element,
    switches.element,
  );
  return {
    element,
    /** @param {Settings} settings @param {ArrayLike<number>} handles the initial elbows */
    show: (settings, handles) => {
      for (const part of [...Object.values(groups).flat(), drawnHeights, switches]) part.show(settings, handles);
    },
    turn: initial.turn,
  };
};
