// The ReLU lab: the player on a training that runs in the reader's browser, again at every change of a control.
//
// This one script is the page's and the worker's: so the worker is of the same build, and there already when it is needed.

import { controls, moved, switched } from "./controls.js";
import { stroke, traced } from "./drawing.js";
import { add, begin } from "./history.js";
import { Player, calm, html } from "./player.js";
import { PRESETS } from "./presets.js";
import { copyAsPython } from "./python.js";
import { Runner, serve } from "./run.js";
import { DEFAULTS, check, fromAddress, toAddress } from "./settings.js";
import { truthOf } from "./trainer.js";
import { comparison, outcome } from "./words.js";

/** @typedef {import("./settings.js").Settings} Settings */
/** @typedef {import("./model.js").History} History */
/** @typedef {{settings: Settings, history: History, diverged: number, done: boolean}} Run */

/** The settings with a change, and what goes with it: there are no elbows of units that are gone, and a drawing begins
 * with the function that was.
 * @param {Settings} settings @param {Partial<Settings>} change */
const changed = (settings, change) => {
  const next = { ...settings, ...change };
  if (next.elbows) next.elbows = next.elbows.slice(0, next.width);
  next.off = next.off.filter((j) => j < next.width);
  if (next.target === "drawn" && !next.drawn) next.drawn = traced(truthOf(settings));
  if (next.off.length === next.width) {
    const refusal = "A network needs at least one unit, so the last one stays on.";
    return { settings: { ...next, off: next.width === settings.width ? settings.off : [] }, problems: [refusal] };
  }
  return check(next);
};

/** So many things that are wrong are said. */
const MOST_PROBLEMS = 4;

/** What a pointer does in the chart. */
const MODES = { read: "reads a unit", switch: "switches a unit off", draw: "draws the target" };

/** @param {Element} element @param {string} script this script's address */
const mount = (element, script) => {
  const stage = html("div", { class: "cr-player", role: "group", "aria-label": "The training run" });
  const message = html("p", { class: "cr-message", role: "status" });
  const result = html("p", { class: "cr-outcome", role: "status" });
  const compared = html("p", { class: "cr-compared", role: "status" });
  const python = html("pre", { tabindex: "0", "aria-label": "The run in Python" });
  const folded = html("details", {}, html("summary", {}, "This run in Python"), python);
  const pin = html("button", { type: "button", "aria-pressed": "false" }, "Pin this run");
  const mode = html("select", {}, ...Object.entries(MODES).map(([value, text]) => html("option", { value }, text)));

  const start = fromAddress(location.search);
  let settings = start.settings;
  /** @type {Run} */
  let run;
  /** @type {Run | undefined} */
  let pinned;
  let pinning = false; // as soon as the run has ended
  let goal = Infinity; // the step that the reader looks at, or the end
  let arriving = true; // the reader has done nothing yet
  let still = true; // on arrival, and for readers who want no motion, only the end of a run is shown
  let frame = 0;
  let stale = false; // whether the settings have changed since the last frame
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let writing;

  /** @param {string} text @param {boolean} [isProblem] */
  const say = (text, isProblem = false) => {
    if (message.textContent !== text) message.textContent = text;
    message.classList.toggle("cr-problem", isProblem);
  };
  /** @param {string[]} problems */
  const sayAll = (problems) => {
    const more = problems.length - MOST_PROBLEMS;
    say([...problems.slice(0, MOST_PROBLEMS), ...(more > 0 ? [`And ${more} more.`] : [])].join(" "), true);
  };

  /** @param {Partial<Settings>} change */
  const ask = (change) => {
    const next = changed(settings, change);
    settings = next.settings;
    if (next.problems.length) sayAll(next.problems);
    else say(""); // what was said of the last run is not true of this one
    stale = true;
    [arriving, still] = [false, calm().matches];
    draw();
  };

  /** Nothing is drawn more than once a frame, however fast changes and snapshots come. */
  const draw = () => {
    frame ||= requestAnimationFrame(() => {
      frame = 0;
      if (stale) renew();
      else if (run.done || !still) show();
    });
  };

  /** Begins the run of the settings that are. */
  const renew = () => {
    stale = false;
    run = { settings, history: begin(settings), diverged: 0, done: false };
    result.setAttribute("aria-busy", "true");
    player.running = true;
    player.load(run.history);
    form.show(settings, run.history.handles ?? []);
    writePython();
    runner.start(settings);
    clearTimeout(writing); // browsers refuse addresses that change too often
    writing = setTimeout(writeAddress, 250);
  };

  /** Shows the snapshots that there are now. */
  const show = () => {
    const { steps } = run.history;
    let k = player.playing ? player.snapshot : steps.length - 1;
    while (!player.playing && k > 0 && steps[k] > goal) k -= 1;
    if (arriving) player.load(run.history, k); // a new picture in place of the old: no part of it moves
    else player.extend(k);
    if (!run.done || result.getAttribute("aria-busy") === "false") return;
    player.running = false;
    result.setAttribute("aria-busy", "false");
    result.textContent = outcome(run.history, run.settings, run.diverged);
    if (pinning) pinNow();
    compare();
  };

  const pinNow = () => {
    pinning = false;
    pinned = run;
    player.pin(run.history);
  };

  const compare = () => {
    const isPinned = Boolean(pinned) || pinning;
    compared.textContent = pinned ? comparison(pinned, run) : "";
    pin.textContent = isPinned ? "Unpin" : "Pin this run";
    pin.setAttribute("aria-pressed", `${isPinned}`);
  };

  const address = () => `${location.pathname}${toAddress(settings)}${location.hash}`;
  const writeAddress = () => {
    try {
      window.history.replaceState(null, "", address());
    } catch {
      // some browsers forbid it to a file; the link can still be copied
    }
  };
  const writePython = () => {
    if (folded.open) python.textContent = copyAsPython(settings);
  };

  /** @param {string} text @param {string} what @param {() => string} instead where it can be selected */
  const copy = async (text, what, instead) => {
    try {
      await navigator.clipboard.writeText(text);
      say(`${what} copied.`);
    } catch {
      say(`The browser does not let the page copy. ${instead()}`, true);
    }
  };
  const copyLink = () => {
    const link = new URL(address(), location.href).href;
    copy(link, "Link", () => `This is the link: ${link}`);
  };
  const copyPython = () =>
    copy(copyAsPython(settings), "Python", () => {
      folded.open = true;
      return "The lines stand below.";
    });
  /** @param {string} name @param {() => void} act */
  const button = (name, act) => {
    const made = html("button", { type: "button" }, name);
    made.addEventListener("click", act);
    return made;
  };
  const presets = PRESETS.map(({ name, change, look }) =>
    button(name, () => {
      goal = Infinity;
      mode.value = "read";
      setMode();
      ask({ ...DEFAULTS, ...change });
      say(look);
    }),
  );
  pin.addEventListener("click", () => {
    if (pinned || pinning) {
      pinned = undefined;
      pinning = false;
      player.pin(null);
    } else if (run.done) pinNow();
    else pinning = true;
    compare();
  });
  folded.addEventListener("toggle", writePython);
  const setMode = () => {
    stage.classList.toggle("cr-drawing", mode.value === "draw");
    if (mode.value === "draw" && settings.target !== "drawn") ask({ target: "drawn" });
  };
  mode.addEventListener("change", setMode);

  const player = new Player(stage);
  const form = controls(
    (change) => {
      ask(change);
      if (!change.target) return;
      mode.value = change.target === "drawn" ? "draw" : "read";
      setMode();
    },
    (j, isFocus) => player.point(j, isFocus),
    (j) => player.choose(j),
  );
  player.onChoose = form.turn;
  player.onGo = (k) => (goal = k === run.history.steps.length - 1 ? Infinity : run.history.steps[k]);
  let dragged = -1; // the unit whose elbow a pointer has
  let from = { x: 0, y: 0 }; // the place from which a pointer draws on
  /** @param {{x: number, y: number}} place */
  const drawTo = (place) => {
    ask({ target: "drawn", drawn: stroke(settings.drawn ?? traced(truthOf(settings)), from, place) });
    from = place;
  };
  player.tool = {
    grab(place, handle, unit) {
      const j = handle >= 0 ? handle : unit;
      dragged = -1;
      if (mode.value === "switch" && j >= 0) {
        ask({ off: switched(settings, j) });
        return true;
      }
      if (handle >= 0) {
        form.turn(handle);
        dragged = handle;
        return true;
      }
      if (mode.value !== "draw" || place.among) return false;
      from = place;
      drawTo(place);
      return true;
    },
    move(place) {
      if (dragged >= 0) ask({ elbows: moved(settings, dragged, place.x) });
      else if (mode.value === "draw" && !place.among) drawTo(place);
    },
    drop() {
      dragged = -1;
    },
  };

  const runner = new Runner(script, (batch) => {
    add(run.history, run.settings, batch);
    [run.done, run.diverged] = [batch.done, batch.diverged];
    draw();
  });

  const tools = html(
    "div",
    { class: "cr-tools" },
    html("label", {}, "A pointer in the chart ", mode),
    pin,
    button("Copy link", copyLink),
    button("Copy as Python", copyPython),
  );
  element.replaceChildren(
    html("div", { class: "cr-presets", role: "group", "aria-label": "Runs that make a point" }, ...presets),
    message,
    stage,
    result,
    form.element,
    tools,
    compared,
    folded,
  );
  if (start.problems.length) sayAll(start.problems);
  else if (runner.alone) say("No worker can be started here, so the page itself trains, in short slices.");
  else say("Move a control, or begin with one of these runs. Drag the marks between the two pictures to move the initial elbows.");
  renew();
};

if (typeof document === "undefined") serve();
else {
  const script = /** @type {HTMLScriptElement} */ (document.currentScript).src;
  addEventListener("DOMContentLoaded", () => {
    for (const element of document.querySelectorAll(".cr-lab")) mount(element, script);
  });
}
