"""Train many networks, each from its own seed: on the cores of this machine, or on any executor.

A `Configuration` says everything about one training, and its `run` trains it; `sweep` does so with a list of them.
"""

import os
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import Literal

import numpy as np
from tqdm import tqdm

from chainrule._checks import _checked_count, check_type
from chainrule.engine import brief
from chainrule.relu_net import Data, FloatArray, ReluNet, make_data, piecewise_linear
from chainrule.sgd import DivergenceError, History, train


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """One training, completely: two runs of equal configurations are equal, bit for bit.

    Data, initial network and minibatches are drawn from three streams of `seed`. So configurations that differ only in
    rate or layers start from one network on one data set, and see the same minibatches.

    Parameters
    ----------
    seed : int
        At least 0.
    width : int
        The number H of hidden units.
    learning_rate, steps, batch_size, train, save_every
        As `train` takes them.
    n, noise, truth
        As `make_data` takes them. An executor of processes can only take a `truth` that is defined in a module.

    Raises
    ------
    TypeError, ValueError
        If the seed is not a whole number from 0 on; from `start` and `run`, if another argument does not fit.
    """

    seed: int
    width: int = 40
    learning_rate: float = 0.02
    steps: int = 150_000
    batch_size: int = 40
    train: Literal["all", "output"] = "all"
    save_every: int = 1000
    n: int = 200
    noise: float = 0.1
    truth: Callable[[FloatArray], FloatArray] = piecewise_linear

    def __post_init__(self) -> None:
        _checked_count("seed", self.seed, at_least=0, at_most=None)

    def start(self) -> tuple[Data, ReluNet, np.random.Generator]:
        """Draw the data and the initial network; the generator is the one that draws the minibatches."""
        for_data, for_net, for_batches = map(np.random.default_rng, np.random.SeedSequence(self.seed).spawn(3))
        data = make_data(for_data, n=self.n, noise=self.noise, truth=self.truth)
        return data, ReluNet.random(self.width, for_net), for_batches

    def run(self) -> "Run":
        """Train. Divergence is a result of it, not an error."""
        data, net, rng = self.start()
        diverged = None
        try:
            history = train(
                net,
                data.x,
                data.y,
                learning_rate=self.learning_rate,
                steps=self.steps,
                batch_size=self.batch_size,
                train=self.train,
                save_every=self.save_every,
                x_test=data.x_test,
                y_test=data.y_test,
                rng=rng,
            )
        except DivergenceError as error:
            history, diverged = error.history, error.step
        return Run(self, history, diverged)


@dataclass(frozen=True, eq=False)
class Run:
    """What became of one configuration: its history, up to the step at which it diverged if it did.

    Raises a TypeError if a part is of another kind, a ValueError if it diverged at a step below 1.
    """

    configuration: Configuration
    history: History
    diverged: int | None

    def __post_init__(self) -> None:
        check_type("configuration", self.configuration, Configuration)
        check_type("history", self.history, History)
        if self.diverged is not None:
            _checked_count("diverged", self.diverged)


def sweep(configurations: Iterable[Configuration], executor: Executor | None = None) -> list[Run]:
    """Train every configuration and return the runs, in the order of the configurations.

    Parameters
    ----------
    configurations : iterable of Configuration
        What to train.
    executor : concurrent.futures.Executor
        Where: a pool of processes, a Dask client's `get_executor()`, any other. It stays open. Without one, a thread on
        each core does the work: the compiled steps let go of Python's lock.

    A terminal shows a bar of progress. The first error, of an argument or of a worker, cancels what has not begun.

    Raises
    ------
    TypeError
        If `configurations` holds anything else, or `executor` is none.

    Examples
    --------
    >>> runs = sweep(Configuration(seed=s, width=5, steps=100) for s in range(3))
    >>> [len(r.history) for r in runs], runs[2].configuration.seed
    ([2, 2, 2], 2)
    """
    check_type("configurations", configurations, Iterable)
    configurations = list(configurations)
    for configuration in configurations:
        if not isinstance(configuration, Configuration):
            raise TypeError(f"configurations must be of Configuration, got {brief(configuration)}")
    if executor is None:
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return sweep(configurations, threads)
    if not isinstance(executor, Executor):
        raise TypeError(f"executor must be a concurrent.futures.Executor, got {brief(executor)}")
    # The longest first, so that in the end no worker waits long for another.
    order = sorted(range(len(configurations)), key=lambda k: _work(configurations[k]), reverse=True)
    submitted = {k: executor.submit(Configuration.run, configurations[k]) for k in order}
    futures = [submitted[k] for k in range(len(configurations))]
    try:
        for future in tqdm(as_completed(futures), total=len(futures), unit="run", disable=None):
            future.result()
    except BaseException:
        for future in futures:
            future.cancel()
        raise
    return [future.result() for future in futures]


def _work(configuration: Configuration) -> int:
    """About how many operations the training takes, to compare configurations by."""
    steps, size, width = (_checked_count(key, getattr(configuration, key)) for key in ("steps", "batch_size", "width"))
    return steps * (size + width * (3 if configuration.train == "all" else 1))  # elbows that move take the most
