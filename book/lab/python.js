// "Copy as Python": the lines that take, with the package, the very run that the lab shows.

import { STREAMS } from "./trainer.js";

/** @typedef {import("./settings.js").Settings} Settings */

/** The true functions in Python; one that has a name there is that of the package.
 * @type {Record<Settings["target"], string>} */
const TRUTHS = {
  zigzag: "piecewise_linear",
  sine: "lambda x: np.round(np.sin(20 * x), 9)",
  step: "lambda x: np.where(x < 0.5, -1.0, 1.0)",
  bump: "lambda x: np.maximum(0, 1 - 16 * (x - 0.5) * (x - 0.5)) ** 2",
  drawn: "lambda x: np.interp(x, corners[:, 0], corners[:, 1])",
};

/** A whole number as Python's readers write it. @param {number} value */
const whole = (value) => String(value).replace(/\B(?=(\d{3})+$)/g, "_");

/** @param {(number | number[])[]} values */
const list = (values) => JSON.stringify(values).replaceAll(",", ", ");

/** @param {Settings} settings */
export const copyAsPython = (settings) => {
  const { seed, width, learningRate, batchSize, steps, layers, n, noise, target, drawn, elbows, off } = settings;
  const moved = elbows?.flatMap((e, j) => (e === null ? [] : [j])) ?? [];
  const truth = TRUTHS[target];
  const names = ["ReluNet", "Xoshiro128", "make_data", "train"];
  if (!truth.startsWith("lambda")) names.push(truth);
  names.sort((p, q) => Number(p > q) - Number(p < q));

  const lines = [`from chainrule import ${names.join(", ")}`, ""];
  if (truth.startsWith("lambda") || moved.length || off.length) lines.unshift("import numpy as np", "");
  lines.push(`seed = ${seed}`);
  if (target === "drawn" && drawn) lines.push(`corners = np.array(${list(drawn)})`);
  if (target === "sine") lines.push("# to nine digits, in which the sine is the same on every machine");
  lines.push(`data = make_data(Xoshiro128(seed, ${STREAMS.data}), n=${n}, noise=${noise}, truth=${truth})`);
  lines.push(`net = ReluNet.random(${width}, Xoshiro128(seed, ${STREAMS.network}))`);
  if (moved.length) {
    lines.push(
      "b = net.b.copy()  # with the elbows moved",
      `b[${list(moved)}] = -np.array(${list(moved.map((j) => Number(elbows?.[j])))}) * net.w[${list(moved)}]`,
      "net = ReluNet(net.w, b, net.v, net.c)",
    );
  }
  if (off.length) {
    lines.push(
      `w, b, v = (np.delete(values, ${list(off)}) for values in (net.w, net.b, net.v))  # without these units`,
      "net = ReluNet(w, b, v, net.c)",
    );
  }
  lines.push(
    "history = train(",
    "    net,",
    "    data.x,",
    "    data.y,",
    `    learning_rate=${learningRate},`,
    `    steps=${whole(steps)},`,
    `    batch_size=${whole(batchSize)},`,
    `    train="${layers}",`,
    "    x_test=data.x_test,",
    "    y_test=data.y_test,",
    `    rng=Xoshiro128(seed, ${STREAMS.minibatches}),`,
    ")",
  );
  return `${lines.join("\n")}\n`;
};
