// The history player: draws a training, and lets the reader go through it. `new Player(element)` builds it in an element;
// `load(history)` gives it something to play, as often as wanted. It begins paused and moves only when it is asked to.

import { drawErrors, drawNetwork, svg } from "./draw.js";
import { describeErrors, describeStep, describeUnit, describeUnits } from "./model.js";

/** @typedef {import("./model.js").History} History */

/**
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag @param {Record<string, string>} [attributes] @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[T]}
 */
const html = (tag, attributes = {}, ...children) => {
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

/** @param {string[][]} entries @param {string} name */
const legend = (entries, name) =>
  html(
    "p",
    { class: `cr-legend cr-legend-${name}` },
    ...entries.map(([kind, text, d]) =>
      html("span", {}, svg("svg", { viewBox: "-1 0 26 12", "aria-hidden": "true" }, svg("path", { class: `cr-${kind}`, d })), text),
    ),
  );

const NETWORK =
  "The data, the true function and the network, with an elbow for every unit; below, the way of the elbows up to the current step";
const ERRORS = "The errors against the steps, with the current step marked";

const calm = matchMedia("(prefers-reduced-motion: reduce)");

export class Player {
  #network = svg("svg", { role: "img", "aria-label": NETWORK });
  #errors = svg("svg", { role: "img", "aria-label": ERRORS });
  /** @type {History | undefined} */
  #history;
  /** @type {ReturnType<typeof drawNetwork> | undefined} */
  #drawnNetwork;
  /** @type {ReturnType<typeof drawErrors> | undefined} */
  #drawnErrors;
  #k = 0;
  #chosen = -1; // the unit that was selected
  #pointed = -1; // the unit under the pointer
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  #play = html("button", { type: "button", class: "cr-play" });
  #back = html("button", { type: "button", "aria-label": "One snapshot back" }, icon("Back"));
  #forward = html("button", { type: "button", "aria-label": "One snapshot forward" }, icon("Forward"));
  #slider = html("input", { type: "range", min: "0", step: "1", value: "0", "aria-label": "Snapshot" });
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
        legend(LEGEND, "network"),
        chart,
        html("div", { class: "cr-controls" }, this.#play, this.#back, this.#forward, this.#slider),
        this.#status,
        legend(ERROR_LEGEND, "errors"),
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
    this.#slider.addEventListener("input", () => this.go(Number(this.#slider.value)));
    this.#unit.addEventListener("change", () => this.choose(Number(this.#unit.value)));
    this.#everyLine.addEventListener("change", () => this.#draw());
    calm.addEventListener("change", () => this.pause());
    document.addEventListener("visibilitychange", () => this.pause());
    this.#listenToPointers(chart, errors);
    new ResizeObserver(() => this.#layout()).observe(chart);
  }

  get playing() {
    return this.#timer !== undefined;
  }

  /**
   * Shows a history, from snapshot k on.
   * @param {History} history @param {number} [k]
   */
  load(history, k = 0) {
    this.pause();
    const width = history.w[0].length;
    if (width !== this.#history?.w[0].length) {
      const units = Array.from({ length: width }, (_, j) => html("option", { value: `${j}` }, `${j}`));
      this.#unit.replaceChildren(html("option", { value: "-1" }, "none"), ...units);
      [this.#chosen, this.#pointed] = [-1, -1];
    }
    this.#history = history;
    this.#slider.max = `${history.steps.length - 1}`;
    this.#k = Math.max(0, Math.min(history.steps.length - 1, k));
    this.#layout();
    this.#tell();
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
  }

  /** @param {HTMLElement} chart @param {HTMLElement} errors */
  #listenToPointers(chart, errors) {
    /** @param {MouseEvent} event */
    const unitAt = (event) => {
      const { left, top } = this.#network.getBoundingClientRect();
      return this.#drawnNetwork?.unitAt(event.clientX - left, event.clientY - top, this.#k) ?? -1;
    };
    /** @param {number} j */
    const point = (j) => {
      if (j === this.#pointed) return;
      this.#pointed = j;
      this.#draw();
      this.#read(false);
    };
    // A finger does not hover: it taps, which is a click.
    chart.addEventListener("pointermove", (event) => event.pointerType === "touch" || point(unitAt(event)));
    chart.addEventListener("pointerleave", () => point(-1));
    chart.addEventListener("click", (event) => {
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
  }

  /** Draws everything for the size that the page gives. */
  #layout() {
    if (!this.#history) return;
    /** @param {SVGElement} element @returns {[number, number]} */
    const size = ({ clientWidth, clientHeight }) => [Math.max(120, clientWidth), Math.max(80, clientHeight)];
    this.#drawnNetwork = drawNetwork(this.#network, this.#history, ...size(this.#network));
    this.#drawnErrors = drawErrors(this.#errors, this.#history, ...size(this.#errors));
    this.#draw();
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
    this.#slider.value = `${this.#k}`;
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
    this.#play.replaceChildren(icon(name), name);
    this.#status.setAttribute("aria-live", this.playing ? "off" : "polite");
  }
}
