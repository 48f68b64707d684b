"""Sweeps: the same runs whatever the order and the workers, and what comes of divergence, errors and terminals."""

import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from typing import Any

import numpy as np
import pytest

from chainrule.relu_net import make_data, sine
from chainrule.sgd import train
from chainrule.sweeps import Configuration, Run, sweep

CONFIGURATIONS = [
    Configuration(seed=seed, width=width, learning_rate=rate, steps=2000, batch_size=7, n=30)
    for seed, width, rate in [(0, 10, 0.02), (1, 5, 0.02), (0, 10, 0.1), (2, 1, 0.1), (0, 3, 0.02)]
]


def numbers(runs: list[Run]) -> list[bytes]:
    return [r.history.w.tobytes() + r.history.c.tobytes() + r.history.train_error.tobytes() for r in runs]


ALONE = numbers([configuration.run() for configuration in CONFIGURATIONS])


def test_a_run_is_the_training_that_its_configuration_says() -> None:
    configuration = Configuration(seed=5, width=4, steps=30, batch_size=3, train="output", truth=sine, noise=0.2, n=9)
    data, net, _ = configuration.start()
    streams = [np.random.default_rng(s) for s in np.random.SeedSequence(5).spawn(3)]
    np.testing.assert_array_equal(data.y, make_data(streams[0], n=9, noise=0.2, truth=sine).y)
    expected = train(net, data.x, data.y, learning_rate=0.02, steps=30, batch_size=3, train="output", rng=streams[2])
    np.testing.assert_array_equal(configuration.run().history.v, expected.v)
    assert configuration.run().history.test_error is not None


def test_configurations_of_one_seed_start_alike_and_see_the_same_minibatches() -> None:
    (data, net, rng), (same_data, same_net, same_rng) = CONFIGURATIONS[0].start(), CONFIGURATIONS[2].start()
    np.testing.assert_array_equal(data.y, same_data.y)
    np.testing.assert_array_equal(net.w, same_net.w)
    assert rng.random() == same_rng.random()
    assert CONFIGURATIONS[0].start()[1].w[0] != CONFIGURATIONS[1].start()[1].w[0]


def test_a_sweep_is_its_runs_in_order() -> None:
    runs = sweep(iter(CONFIGURATIONS))
    assert [r.configuration for r in runs] == CONFIGURATIONS
    assert numbers(runs) == ALONE
    assert numbers(sweep(CONFIGURATIONS[::-1])) == ALONE[::-1]
    assert sweep([]) == []


@pytest.mark.parametrize("workers", [1, 3])
def test_the_number_of_workers_changes_nothing(workers: int) -> None:
    with ThreadPoolExecutor(workers) as threads:
        assert numbers(sweep(CONFIGURATIONS, threads)) == ALONE
        assert threads.submit(len, "open").result() == 4


def test_a_pool_of_processes() -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as processes:
        assert numbers(sweep(CONFIGURATIONS, processes)) == ALONE


def test_a_dask_cluster() -> None:
    from distributed import Client, LocalCluster  # only here: every process that runs tests reads this file

    cluster = LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host="127.0.0.1")
    with cluster, Client(cluster) as client:
        assert numbers(sweep(CONFIGURATIONS, client.get_executor())) == ALONE


class OneByOne(ThreadPoolExecutor):
    """One worker, which notes what it begins."""

    def __init__(self) -> None:
        super().__init__(1)
        self.began: list[Configuration] = []

    def submit(self, function: Any, configuration: Any) -> Any:  # type: ignore[override]  # `sweep` gives no more
        return super().submit(lambda: (self.began.append(configuration), function(configuration))[1])


def test_the_longest_run_begins_first_whatever_the_order() -> None:
    short, output, long = (
        Configuration(seed=0, width=10, steps=20),
        Configuration(seed=0, width=20, steps=20, train="output"),
        Configuration(seed=0, width=20, steps=20),
    )
    with OneByOne() as executor:
        runs = sweep([short, output, long], executor)
    assert executor.began == [long, short, output]
    assert [run.configuration for run in runs] == [short, output, long]


def test_divergence_is_a_result_and_the_other_runs_go_on() -> None:
    wild = Configuration(seed=0, width=10, learning_rate=1e3, steps=2000, batch_size=7, n=30)
    before, diverged, after = sweep([CONFIGURATIONS[0], wild, CONFIGURATIONS[1]])
    assert diverged.diverged is not None
    assert 1 < diverged.diverged < 2000
    assert all(diverged.history.steps < diverged.diverged)
    assert before.diverged is after.diverged is None
    assert numbers([before, after]) == ALONE[:2]


def test_an_error_cancels_what_has_not_begun() -> None:
    *rest, bad = [Configuration(seed=s) for s in range(49)] + [Configuration(seed=49, noise=-1, steps=200_000)]
    with OneByOne() as executor, pytest.raises(ValueError, match="noise must be at least 0, got -1"):
        sweep([*rest, bad], executor)  # the longest is the first
    assert executor.began[0] == bad
    assert len(executor.began) < 49


def test_a_terminal_shows_progress_and_nothing_else_does(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sweep(CONFIGURATIONS[:2])
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    sweep(CONFIGURATIONS[:2])
    assert "2/2" in capsys.readouterr().err
