"""Training: six runs against eager PyTorch, one step against loops by Numba's and by C's compiler, and its growth."""

import ctypes
import shutil
import subprocess
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chainrule import Configuration, ReluNet, make_data, sweep
from chainrule._draws import draw_indices
from chainrule.steps import loop_steps, prefix_steps

STEPS = 20_000
FLAGS = ("-O3", "-march=native")  # and not -ffast-math: each sum is added in the order in which it stands
WIDTHS = (10, 20, 40)
RATES = {"output": 0.2, "all": 0.02}
SIX = [Configuration(seed=1, width=H, train=layers, learning_rate=r) for H in WIDTHS for layers, r in RATES.items()]  # type: ignore[arg-type]
DATA = make_data(np.random.default_rng(0))


def case(width: int, batch: int, n: int = 200) -> tuple[Any, ...]:
    """Parameters, points and minibatches of so many steps: what a compiled loop takes, but for rate and layers."""
    data = DATA if n == 200 else make_data(np.random.default_rng(0), n=n)
    net = ReluNet.random(width, np.random.default_rng(1))
    batches = np.random.default_rng(2).integers(n, size=(STEPS if width <= 100 else STEPS // 10, batch))
    return np.hstack([net.w, net.b, net.v, net.c]), np.array(data.x), np.array(data.y), batches


def loop_in_c(folder: Path) -> tuple[Callable[..., int], str]:
    """loop.c, compiled with strict floating point, behind the signature of the package's loops; and the compiler."""
    compiler = shutil.which("gcc") or shutil.which("clang") or shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler is here to compile the loop to compare with")
    source, library = Path(__file__).with_name("loop.c"), folder / "loop.so"
    subprocess.run([compiler, *FLAGS, "-shared", "-fPIC", str(source), "-o", str(library)], check=True)
    version = subprocess.run([compiler, "--version"], check=True, capture_output=True, text=True).stdout.splitlines()[0]
    function = ctypes.CDLL(str(library)).take_steps
    function.restype = ctypes.c_int64

    def address(array: Any) -> ctypes.c_void_p:
        return ctypes.c_void_p(array.ctypes.data)

    def take_steps(parameters: Any, x: Any, y: Any, rate: float, _all_layers: bool, batches: Any) -> int:
        width, scratch = len(parameters) // 3, np.empty(2 * len(parameters))
        sizes = [ctypes.c_int64(size) for size in (*batches.shape, width)]
        arrays = [address(array) for array in (parameters, x, y, batches)]
        rest = [ctypes.c_double(rate), address(scratch), address(scratch[width:])]
        return int(function(*arrays, *sizes, *rest))

    return take_steps, " ".join([version, *FLAGS])


def time_steps(benchmark: Any, steps: Callable[..., int], width: int, batch: int, n: int = 200) -> None:
    """Time STEPS steps of all layers, from the same start each round, and check that they were taken."""
    start, x, y, batches = case(width, batch, n)
    rate = 0.02 if width <= 100 else 0.002  # the same step is too large for a thousand units

    def setup() -> tuple[tuple[Any, ...], dict[str, Any]]:
        return (start.copy(), x, y, rate, True, batches), {}

    assert benchmark.pedantic(steps, setup=setup, rounds=3, warmup_rounds=1) == len(batches)
    benchmark.extra_info["per"] = len(batches)


def from_sums(parameters: Any, x: Any, y: Any, rate: float, all_layers: bool, batches: Any, *, by_draw: bool) -> int:
    """The steps from running sums, sorting included, behind the signature of the loops."""
    return prefix_steps(parameters, x, y, rate, all_layers, by_draw)(batches)


@pytest.mark.parametrize(
    ("width", "batch", "n"),
    [(40, 40, 200), (100, 40, 200), (400, 40, 200), (1000, 40, 200)]  # growing H,
    + [(40, 5, 200), (40, 200, 200), (40, 1000, 200)]  # B,
    + [(40, 40, 50), (40, 40, 1000)],  # and n
)
def test_step(benchmark: Any, width: int, batch: int, n: int) -> None:
    """As `train` takes it: draw by draw, or point by point if the minibatch is larger than the data."""
    time_steps(benchmark, partial(from_sums, by_draw=batch <= n), width, batch, n)


@pytest.mark.parametrize("batch", [5, 200])
def test_step_by_point(benchmark: Any, batch: int) -> None:
    time_steps(benchmark, partial(from_sums, by_draw=False), 40, batch)


def test_step_in_c(benchmark: Any, tmp_path: Path) -> None:
    in_c, benchmark.extra_info["compiler"] = loop_in_c(tmp_path)
    in_numba: Callable[..., int] = loop_steps
    (one, x, y, batches), (other, *_) = case(40, 40), case(40, 40)
    assert in_c(one, x, y, 0.02, True, batches) == in_numba(other, x, y, 0.02, True, batches)
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-9)  # it is the same loop
    time_steps(benchmark, in_c, 40, 40)


def test_step_in_a_loop(benchmark: Any) -> None:
    time_steps(benchmark, loop_steps, 40, 40)


def test_draws(benchmark: Any) -> None:
    """What comes before any step: drawing its minibatch."""
    benchmark(draw_indices, np.random.default_rng(2), 200, (STEPS, 40))
    benchmark.extra_info["per"] = STEPS


def time_six_runs(benchmark: Any, executor: Executor | None = None) -> None:
    runs = benchmark.pedantic(sweep, args=(SIX, executor), rounds=3, warmup_rounds=1)
    assert [r.history.steps[-1] for r in runs] == [150_000] * 6


def test_six_runs(benchmark: Any) -> None:
    time_six_runs(benchmark)


def test_six_runs_one_by_one(benchmark: Any) -> None:
    with ThreadPoolExecutor(1) as thread:
        time_six_runs(benchmark, thread)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("layers", RATES)
def test_six_runs_in_torch(benchmark: Any, width: int, layers: str) -> None:
    """The loop that one writes in eager PyTorch, 500 steps a round, and 3,000 or more in all turns."""
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    data, start, _ = next(c for c in SIX if c.width == width and c.train == layers).start()
    x, y = (torch.tensor(column, dtype=torch.float64)[:, None] for column in (data.x, data.y))
    net = torch.nn.Sequential(torch.nn.Linear(1, width), torch.nn.ReLU(), torch.nn.Linear(width, 1)).double()
    for parameter, value in zip(net.parameters(), (start.w[:, None], start.b, start.v[None], [start.c]), strict=True):
        parameter.data = torch.tensor(np.array(value))
    trained = net.parameters() if layers == "all" else net[2].parameters()
    optimizer, loss_of = torch.optim.SGD(trained, lr=RATES[layers]), torch.nn.MSELoss()
    net[0].requires_grad_(layers == "all")

    def train() -> None:
        for _ in range(500):
            batch = torch.randint(len(x), (40,))
            optimizer.zero_grad()
            loss_of(net(x[batch]), y[batch]).backward()
            optimizer.step()

    benchmark.pedantic(train, rounds=3, warmup_rounds=1)
    benchmark.extra_info["per"] = 500
