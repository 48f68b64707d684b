import assert from "node:assert/strict";
import { test } from "node:test";

import { copyAsPython } from "./python.js";
import { DEFAULTS } from "./settings.js";

// That these lines take the same run is for tests/book/test_trainer.py to say; here is how they read.

test("the lines of the run that the lab opens with", () => {
  assert.equal(
    copyAsPython(DEFAULTS),
    `from chainrule import ReluNet, Xoshiro128, make_data, piecewise_linear, train

seed = 1
data = make_data(Xoshiro128(seed, 0), n=200, noise=0.1, truth=piecewise_linear)
net = ReluNet.random(40, Xoshiro128(seed, 1))
history = train(
    net,
    data.x,
    data.y,
    learning_rate=0.02,
    steps=150_000,
    batch_size=40,
    train="all",
    x_test=data.x_test,
    y_test=data.y_test,
    rng=Xoshiro128(seed, 2),
)
`,
  );
});

test("what the reader has drawn, moved and left out stands in lines of its own", () => {
  const lines = copyAsPython({
    ...DEFAULTS,
    width: 4,
    target: "drawn",
    drawn: [[0, 1], [0.5, -1e-7]],
    elbows: [null, 0.5, null, -1],
    off: [0, 2],
  }).split("\n");
  assert.deepEqual(lines.slice(0, 3), ["import numpy as np", "", "from chainrule import ReluNet, Xoshiro128, make_data, train"]);
  assert.deepEqual(lines.slice(5, 13), [
    "corners = np.array([[0, 1], [0.5, -1e-7]])",
    "data = make_data(Xoshiro128(seed, 0), n=200, noise=0.1, truth=lambda x: np.interp(x, corners[:, 0], corners[:, 1]))",
    "net = ReluNet.random(4, Xoshiro128(seed, 1))",
    "b = net.b.copy()  # with the elbows moved",
    "b[[1, 3]] = -np.array([0.5, -1]) * net.w[[1, 3]]",
    "net = ReluNet(net.w, b, net.v, net.c)",
    "w, b, v = (np.delete(values, [0, 2]) for values in (net.w, net.b, net.v))  # without these units",
    "net = ReluNet(w, b, v, net.c)",
  ]);
});
