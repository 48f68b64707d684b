// Runs a training without ever being in the way: `Runner` in the page, `serve` in the worker. Both train in slices of a few
// milliseconds; between two of them a worker hears that another run is wanted, and a page stays alive.

import { Training, errors, snapshotSteps } from "./trainer.js";

/** @typedef {import("./settings.js").Settings} Settings */

/**
 * Snapshots of a run, as they come.
 * @typedef {object} Batch
 * @property {number} id of the run
 * @property {number} first the index of the first of them; 0 is the network before any step
 * @property {Float64Array} steps (M,)
 * @property {Float64Array} parameters (M * (3 H + 1),) w, b, v, c of each
 * @property {Float64Array} train (M,) errors
 * @property {Float64Array} test (M,)
 * @property {boolean} done whether these are the last
 * @property {number} diverged the step at which the run diverged, or 0
 */

/** A slice in a worker, and one in the page, in ms. */
const [SLICE, SHORT_SLICE] = [24, 8];
/** So many steps are taken between two looks at the clock. */
const STRIDE = 250;

/** The steps that the lab keeps: those of the package, more of the first thousand, and more of a short run.
 * @param {number} steps @returns {number[]} increasing, from 1 on */
export const keptSteps = (steps) => {
  const found = new Set(snapshotSteps(steps));
  for (let power = 1; power < 1000; power *= 10) {
    for (const digit of [1, 1.5, 2, 3, 4, 5, 7]) found.add(Math.min(steps, Math.ceil(digit * power)));
  }
  for (let part = 1; part < 50 && steps < 50_000; part++) found.add(Math.ceil((part * steps) / 50));
  return [...found].sort((p, q) => p - q);
};

/**
 * A training that goes on for one slice at each call, and returns the snapshots that it came by.
 * @param {number} id @param {Settings} settings @returns {(time: number) => Batch}
 */
export const training = (id, settings) => {
  const wanted = keptSteps(settings.steps);
  const run = new Training(settings);
  const { x, y, xTest, yTest } = run.data;
  let [next, first] = [0, 1];
  return (time) => {
    const end = performance.now() + time;
    /** @type {number[][]} */
    const [steps, train, test] = [[], [], []];
    /** @type {Float64Array[]} */
    const networks = [];
    while (next < wanted.length && run.diverged === null && performance.now() < end) {
      run.advance(Math.min(STRIDE, wanted[next] - run.step));
      if (run.diverged !== null || run.step < wanted[next]) continue;
      const parameters = run.snapshot();
      networks.push(parameters);
      steps.push(run.step);
      train.push(errors(parameters, x, y));
      test.push(errors(parameters, xTest, yTest));
      next += 1;
    }
    const parameters = new Float64Array(networks.length * run.parameters.length);
    networks.forEach((network, m) => parameters.set(network, m * network.length));
    const batch = {
      ...{ id, first, parameters, done: next === wanted.length || run.diverged !== null, diverged: run.diverged ?? 0 },
      ...{ steps: Float64Array.from(steps), train: Float64Array.from(train), test: Float64Array.from(test) },
    };
    first += steps.length;
    return batch;
  };
};

/** Calls back as soon as everything that waits has had its turn; a timer would wait four milliseconds more. */
const afterOthers = () => {
  const { port1, port2 } = new MessageChannel();
  /** @type {(() => void)[]} */
  const waiting = [];
  port1.onmessage = () => waiting.shift()?.();
  return /** @param {() => void} callback */ (callback) => {
    waiting.push(callback);
    port2.postMessage(null);
  };
};

/**
 * Runs one training after another; a new one puts an end to the one before.
 * @param {number} slice in ms @param {(batch: Batch) => void} send
 * @returns {(id: number, settings: Settings) => void}
 */
const trainer = (slice, send) => {
  const later = afterOthers();
  let current = 0;
  return (id, settings) => {
    current = id;
    const go = training(id, settings);
    let time = 5; // something is to be seen soon
    const next = () => {
      if (id !== current) return; // another has been started
      const batch = go(time);
      time = slice;
      if (batch.steps.length || batch.done) send(batch);
      if (!batch.done) later(next);
    };
    later(next);
  };
};

/** What a worker does. */
export const serve = () => {
  const scope = /** @type {{onmessage: unknown, postMessage: (message: unknown, transfer: ArrayBufferLike[]) => void}} */ (
    /** @type {unknown} */ (self)
  );
  const run = trainer(SLICE, (batch) =>
    scope.postMessage(batch, [batch.steps, batch.parameters, batch.train, batch.test].map((array) => array.buffer)),
  );
  scope.onmessage = (/** @type {MessageEvent<{id: number, settings: Settings}>} */ { data }) => run(data.id, data.settings);
};

export class Runner {
  #id = 0;
  /** @type {(id: number, settings: Settings) => void} */
  #post = () => {};
  /** Whether the page has to train by itself. */
  alone = false;

  /**
   * @param {string} script what a worker runs
   * @param {(batch: Batch) => void} receive gets the batches of the run that was asked for last
   */
  constructor(script, receive) {
    /** @param {Batch} batch */
    const take = (batch) => batch.id === this.#id && receive(batch);
    const byItself = () => {
      this.alone = true;
      this.#post = trainer(SHORT_SLICE, take);
    };
    // Browsers start no worker from disk.
    if (!script.startsWith("http")) {
      byItself();
      return;
    }
    try {
      const worker = new Worker(script);
      /** @type {{id: number, settings: Settings} | undefined} */
      let asked;
      let heard = false;
      worker.onmessage = ({ data }) => {
        heard = true;
        take(data);
      };
      worker.onerror = () => {
        if (heard) return;
        byItself();
        if (asked) this.#post(asked.id, asked.settings);
      };
      this.#post = (id, settings) => {
        asked = { id, settings };
        worker.postMessage(asked);
      };
    } catch {
      byItself();
    }
  }

  /** Starts a run, in place of the one before.
   * @param {Settings} settings @returns {number} its id */
  start(settings) {
    this.#id += 1;
    this.#post(this.#id, settings);
    return this.#id;
  }
}
