// The history player: draws a training, and lets the reader go through it. `new Player(element)` builds it in an element;
// `load(history)` gives it something to play, as often as wanted; `extend()` shows what a training has added to it since.
// It begins paused and moves only when it is asked to.

import { drawErrors, drawNetwork, svg } from "./draw.js";
import { describeErrors, describeStep, describeUnit, describeUnits, nearest, stepScale } from "./model.js";

/** @typedef {import("./model.js").History} History */
/** @typedef {import("./draw.js").Place} Place */

/**
 * What a pointer does in the chart besides choosing units. All get the place in the coordinates of the drawing.
 * @typedef {object} Tool
 * @property {(place: Place, handle: number, unit: number) => boolean} grab whether the pointer is taken until it is let go
 * @property {(place: Place) => void} move
 * @property {() => void} drop
 */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export const html = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

const ICONS = { Play: "M6 3v14l11-7z", Pause: "M5 3h4v14H5zm6 0h4v14h-4z", Back: "M14 3v14L6 10zM4 3h2v14H4z", Forward: "M6 3v14l8-7zm8 0h2v14h-2z" };

/** @param {keyof typeof ICONS} name */
const icon = (name) => svg("svg", { viewBox: "0 0 20 20", "aria-hidden": "true" }, svg("path", { d: ICONS[name] }));

/** What the marks of the drawing mean, each beside its mark. */
const LEGEND = [
  ["data", "data", "M4 4h0M12 8h0M20 3h0"],
  ["truth", "truth", "M0 6H24"],
  ["prediction", "network", "M0 6H24"],
  ["elbow", "elbow, pointing to its active side", "M0 1 9 6 0 11zM24 1 15 6 24 11z"],
];
const ERROR_LEGEND = [
  ["train", "training error", "M0 6H24"],
  ["test", "test error", "M0 6H24"],
];
const PINNED = ["pinned", "pinned run", "M0 6H24"];

/** @param {string[]} entry */
const mark = ([kind, text, d]) =>
  html("span", {}, svg("svg", { viewBox: "-1 0 26 12", "aria-hidden": "true" }, svg("path", { class: `cr-${kind}`, d })), text);

/** @param {string[][]} entries @param {string} name */
const legend = (entries, name) => html("p", { class: `cr-legend cr-legend-${name}` }, ...entries.map(mark));

const NETWORK =
  "The data, the true function and the network, with an elbow for every unit; below, the way of the elbows up to the current step";
const ERRORS = "The errors against the steps, with the current step marked";

/** The slider has so many places on the axis of the steps. */
const TRACK = 1000;

export const calm = () => matchMedia("(prefers-reduced-motion: reduce)");

export class Player {
  #network = svg("svg", { role: "img", "aria-label": NETWORK });
  #errors = svg("svg", { role: "img", "aria-label": ERRORS });
  /** @type {History | undefined} */
  #history;
  /** @type {ReturnType<typeof drawNetwork> | undefined} */
  #drawnNetwork;
  /** @type {ReturnType<typeof drawErrors> | undefined} */
  #drawnErrors;
  /** @type {Map<Element | null, {width: number, height: number}>} */
  #sizes = new Map();
  #k = 0;
  #chosen = -1; // the unit that was selected
  #pointed = -1; // the unit under the pointer
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {History | null} */
  #pinned = null;
  /** What the marks of a pinned history mean; there while there is one. */
  #pinnedMarks = [mark(PINNED), mark(PINNED)];
  #legends = [legend(LEGEND, "network"), legend(ERROR_LEGEND, "errors")];
  #running = false;
  /** @type {Tool | undefined} */
  tool;
  /** Is told when the reader chooses a unit.
   * @type {(j: number) => void} */
  onChoose = () => {};
  /** Is told when the reader goes to a snapshot, or plays to it.
   * @type {(k: number) => void} */
  onGo = () => {};

  #play = html("button", { type: "button", class: "cr-play" });
  #back = html("button", { type: "button", "aria-label": "One snapshot back" }, icon("Back"));
  #forward = html("button", { type: "button", "aria-label": "One snapshot forward" }, icon("Forward"));
  #slider = html("input", { type: "range", min: "0", max: `${TRACK}`, step: "1", value: "0", "aria-label": "Step" });
  #logarithmic = html("input", { type: "checkbox", checked: "" });
  #step = html("b");
  #numbers = html("span");
  #status = html("output", {}, this.#step, " ", this.#numbers);
  #unit = html("select");
  #everyLine = html("input", { type: "checkbox" });
  #reading = html("p", { class: "cr-reading", "aria-live": "polite" });

  /** @param {Element} element gets the player in front of what it has */
  constructor(element) {
    const chart = html("div", { class: "cr-network" }, this.#network);
    const errors = html("div", { class: "cr-errors" }, this.#errors);
    element.prepend(
      html(
        "div",
        { class: "cr-stage" },
        this.#legends[0],
        chart,
        html("div", { class: "cr-controls" }, this.#play, this.#back, this.#forward, this.#slider, html("label", {}, this.#logarithmic, " log steps")),
        this.#status,
        this.#legends[1],
        errors,
        html(
          "div",
          { class: "cr-units" },
          html("label", {}, "Unit ", this.#unit),
          html("label", {}, this.#everyLine, " lines of all units"),
          this.#reading,
        ),
      ),
    );
    this.#label();
    this.#play.addEventListener("click", () => (this.playing ? this.pause() : this.play()));
    this.#back.addEventListener("click", () => this.go(this.#k - 1));
    this.#forward.addEventListener("click", () => this.go(this.#k + 1));
    this.#listenToSlider();
    this.#logarithmic.addEventListener("change", () => {
      this.#layout();
      this.#tell();
    });
    this.#unit.addEventListener("change", () => this.choose(Number(this.#unit.value)));
    this.#everyLine.addEventListener("change", () => this.#draw());
    calm().addEventListener("change", () => this.pause());
    document.addEventListener("visibilitychange", () => this.pause());
    this.#listenToPointers(chart, errors);
    // Sizes are told, not asked for: to ask would lay out the page in the middle of what is being changed.
    const sizes = new ResizeObserver((entries) => {
      for (const { target, contentRect } of entries) this.#sizes.set(target, contentRect);
      this.#layout();
    });
    for (const drawn of [chart, errors]) sizes.observe(drawn);
  }

  get playing() {
    return this.#timer !== undefined;
  }

  /** The snapshot that is shown. */
  get snapshot() {
    return this.#k;
  }

  /**
   * Shows a history, from snapshot k on.
   * @param {History} history @param {number} [k]
   */
  load(history, k = 0) {
    this.pause();
    const width = history.w[0].length;
    if (width !== this.#history?.w[0].length) {
      const options = this.#unit.options;
      if (!options.length) this.#unit.append(html("option", { value: "-1" }, "none"));
      while (options.length > width + 1) options[options.length - 1].remove();
      for (let j = options.length - 1; j < width; j++) this.#unit.append(html("option", { value: `${j}` }, `${j}`));
      [this.#chosen, this.#pointed] = [-1, -1];
      this.#unit.value = "-1";
    }
    this.#history = history;
    this.#k = Math.max(0, Math.min(history.steps.length - 1, k));
    this.#layout();
    this.#tell();
  }

  /** Shows what has been added to the history since, and then snapshot k.
   * @param {number} [k] */
  extend(k = this.#k) {
    if (!this.#history) return;
    this.#k = Math.max(0, Math.min(this.#history.steps.length - 1, k));
    this.#drawnNetwork?.extend();
    this.#layoutErrors();
    this.#draw();
    this.#tell();
  }

  /** Shows another history, too, for comparison: its network at its end, and its error.
   * @param {History | null} history */
  pin(history) {
    this.#pinned = history;
    this.#legends.forEach((list, i) => (history ? list.append(this.#pinnedMarks[i]) : this.#pinnedMarks[i].remove()));
    this.#layout();
  }

  /** Reads unit j for as long as something points to it, aloud if it is the focus; -1 when nothing does.
   * @param {number} j @param {boolean} [aloud] */
  point(j, aloud = false) {
    if (j === this.#pointed) return;
    this.#pointed = j;
    this.#draw();
    this.#read(aloud);
  }

  /** Whether the history is still growing: its snapshots are shown as they come, and not read aloud.
   * @param {boolean} now */
  set running(now) {
    this.#running = now;
    this.#label();
  }

  /** Goes to snapshot k, and stops there.
   * @param {number} k */
  go(k) {
    this.pause();
    this.#goTo(k);
  }

  /** Plays to the end; from the beginning if it is there already. */
  play() {
    if (!this.#history || this.playing) return;
    const last = this.#history.steps.length - 1;
    if (this.#k === last) this.#goTo(0);
    const next = () => {
      this.#goTo(this.#k + 1);
      if (this.#k >= last) this.pause();
      else this.#timer = setTimeout(next, wait());
    };
    // Most happens between the first few snapshots: they stay longer.
    const wait = () => 60 + 500 / (1 + this.#k);
    this.#timer = setTimeout(next, wait());
    this.#label();
  }

  pause() {
    if (!this.playing) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#label();
  }

  /** Reads the numbers of unit j from now on; -1 reads none.
   * @param {number} j */
  choose(j) {
    this.#chosen = j;
    this.#unit.value = `${j}`;
    this.#draw();
    this.#read(true);
    this.onChoose(j);
  }

  /** The slider stands on the axis of the steps, and rests at snapshots only; a key goes from one to the next. */
  #listenToSlider() {
    let held = false; // by a pointer, which goes where it likes
    this.#slider.addEventListener("pointerdown", () => (held = true));
    for (const end of ["pointerup", "pointercancel", "change"]) this.#slider.addEventListener(end, () => (held = false));
    this.#slider.addEventListener("input", () => {
      const value = Number(this.#slider.value);
      const k = nearest(this.#places(), value);
      // Whatever else moves it, as a screen reader, moves it on.
      this.go(held || k !== this.#k ? k : k + Math.sign(value - this.#places()[k]));
    });
    this.#slider.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10, Home: -Infinity, End: Infinity };
      if (!(event.key in by) || event.altKey || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      this.go(this.#k + by[/** @type {keyof typeof by} */ (event.key)]);
    });
  }

  /** Where the snapshots are on the slider. */
  #places() {
    const { steps = [], axis = steps } = this.#history ?? {};
    const scale = stepScale(axis, 0, TRACK, !this.#logarithmic.checked);
    return Array.from(steps, (step) => Math.round(scale(step)));
  }

  /** @param {HTMLElement} chart @param {HTMLElement} errors */
  #listenToPointers(chart, errors) {
    /** @param {MouseEvent} event @returns {[number, number]} */
    const within = (event) => {
      const { left, top } = this.#network.getBoundingClientRect();
      return [event.clientX - left, event.clientY - top];
    };
    /** @param {MouseEvent} event */
    const unitAt = (event) => this.#drawnNetwork?.unitAt(...within(event), this.#k) ?? -1;
    let taken = false; // by the tool
    // A finger does not hover: it taps, which is a click.
    chart.addEventListener("pointermove", (event) => {
      if (taken && this.#drawnNetwork) this.tool?.move(this.#drawnNetwork.placeAt(...within(event)));
      else if (event.pointerType !== "touch") this.point(unitAt(event));
    });
    chart.addEventListener("pointerleave", () => taken || this.point(-1));
    let dragged = false;
    chart.addEventListener("pointerdown", (event) => {
      dragged = false;
      if (!this.tool || !this.#drawnNetwork || event.button) return;
      const at = within(event);
      taken = this.tool.grab(this.#drawnNetwork.placeAt(...at), this.#drawnNetwork.handleAt(...at), unitAt(event));
      if (!taken) return;
      dragged = true;
      chart.setPointerCapture(event.pointerId);
      event.preventDefault(); // no text is selected on the way
    });
    // What a finger has taken does not scroll the page; the stylesheet's touch-action says so for the chart, not for a part.
    chart.addEventListener("touchstart", (event) => taken && event.preventDefault(), { passive: false });
    for (const end of ["pointerup", "pointercancel"]) {
      chart.addEventListener(end, () => {
        if (taken) this.tool?.drop();
        taken = false;
      });
    }
    chart.addEventListener("click", (event) => {
      if (dragged) return;
      const j = unitAt(event);
      this.choose(j === this.#chosen ? -1 : j);
    });

    /** @param {PointerEvent} event */
    const scrub = (event) => {
      const left = event.clientX - this.#errors.getBoundingClientRect().left;
      if (event.buttons && this.#drawnErrors) this.go(this.#drawnErrors.snapshotAt(left));
    };
    errors.addEventListener("pointermove", scrub);
    errors.addEventListener("pointerdown", (event) => {
      errors.setPointerCapture(event.pointerId);
      scrub(event);
    });
  }

  /** @param {number} k */
  #goTo(k) {
    if (!this.#history) return;
    this.#k = Math.max(0, Math.min(this.#history.steps.length - 1, k));
    this.#draw();
    this.#tell();
    this.onGo(this.#k);
  }

  /** Draws everything for the size that the page gives. */
  #layout() {
    if (!this.#history) return;
    this.#drawnNetwork = drawNetwork(this.#network, this.#history, this.#look(this.#network));
    this.#drawnNetwork.extend();
    this.#layoutErrors();
    this.#draw();
  }

  #layoutErrors() {
    if (this.#history) this.#drawnErrors = drawErrors(this.#errors, this.#history, this.#look(this.#errors));
  }

  /** @param {SVGElement} element @returns {import("./draw.js").Look} */
  #look({ parentElement }) {
    const { width, height } = this.#sizes.get(parentElement) ?? { width: 0, height: 0 };
    return {
      ...{ width: Math.max(120, Math.round(width)), height: Math.max(80, Math.round(height)) },
      ...{ evenly: !this.#logarithmic.checked, pinned: this.#pinned },
    };
  }

  #draw() {
    this.#drawnNetwork?.show(this.#k, this.#pointed >= 0 ? this.#pointed : this.#chosen, this.#everyLine.checked);
    this.#drawnErrors?.show(this.#k);
  }

  /** Says in words what is shown. While it plays, a screen reader is not told every snapshot. */
  #tell() {
    if (!this.#history) return;
    const [step, errors] = [describeStep(this.#history, this.#k), describeErrors(this.#history, this.#k)];
    this.#step.textContent = `${step}:`;
    this.#numbers.textContent = errors;
    this.#slider.value = `${this.#places()[this.#k]}`;
    this.#slider.setAttribute("aria-valuetext", step);
    // Not `disabled`, which would take the keyboard's focus away.
    this.#back.setAttribute("aria-disabled", `${this.#k === 0}`);
    this.#forward.setAttribute("aria-disabled", `${this.#k === this.#history.steps.length - 1}`);
    this.#read(false);
  }

  /** Reads the unit, aloud if the reader has just chosen it.
   * @param {boolean} aloud */
  #read(aloud) {
    if (!this.#history) return;
    const j = this.#pointed >= 0 ? this.#pointed : this.#chosen;
    this.#reading.setAttribute("aria-live", aloud ? "polite" : "off");
    this.#reading.replaceChildren(
      ...(j < 0
        ? [describeUnits(this.#history, this.#k)]
        : describeUnit(this.#history, this.#k, j).map(([name, value]) => html("span", {}, `${name} `, html("b", {}, value)))),
    );
  }

  #label() {
    const name = this.playing ? "Pause" : "Play";
    if (this.#play.textContent !== name) this.#play.replaceChildren(icon(name), name);
    this.#status.setAttribute("aria-live", this.playing || this.#running ? "off" : "polite");
  }
}
