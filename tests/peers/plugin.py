"""A plugin of pytest for the tests of a peer: poses as the peer, counts comparisons, and gives each test its verdict."""

import importlib
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, settings

from chainrule import Tensor
from peers import posing

#: What our engine refuses, by the message of its TypeError or Python's, and how the table calls it.
REFUSED = {
    r"(?:.*: )?(\S+) has (?:no|a) rule.*": r"no rule: \1",
    r"^np\.\S+ cannot write a Tensor.*|^a Tensor cannot be written into.*": "no writing into arrays",
    r".*does not turn into a plain array.*": "a Tensor does not turn into an array: NumPy's function takes no list of them",
    r".*real numbers.*complex.*": "no complex numbers",
    r".*would give complex.*": "no complex numbers",
    r"^unsupported operand type\(s\) for (\S+):.*Tensor.*": r"no operator: \1",
    r".*'Tensor' object has no attribute '(\w+)'$": r"no attribute: Tensor.\1",
}

PEER = importlib.import_module(f"peers.as_{os.environ['PEER']}")
verdicts: dict[str, tuple[str, str, int]] = {}  # of each test: the verdict, its reason, how many comparisons


def pytest_configure() -> None:
    for name in ("assert_allclose", "assert_array_equal", "assert_equal", "assert_almost_equal"):
        setattr(np.testing, name, posing.counted(getattr(np.testing, name)))
    PEER.pose(Path.cwd())
    phases = [Phase.explicit, Phase.generate]  # and ten examples, as in MyGrad's own profile for development
    settings.register_profile("default", deadline=None, derandomize=True, database=None, max_examples=10, phases=phases)


def pytest_assertion_pass() -> None:
    posing.comparisons += 1


def refusal(error: Exception) -> str | None:
    """What our engine refused, if that is what was raised."""
    for pattern, reason in REFUSED.items():
        if match := re.match(pattern, str(error), re.DOTALL):
            return match.expand(reason)
    return None


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Iterator[Any]:
    before, serial, calls = posing.comparisons, Tensor(0.0).serial, posing.calls
    try:
        return (yield)
    except (TypeError, AttributeError) as error:
        if reason := refusal(error):
            pytest.skip(reason)
        raise
    finally:
        made = Tensor(0.0).serial - serial - 1 + posing.calls - calls
        pyfuncitem.user_properties.append(("count", (posing.comparisons - before) if made else 0))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if reason := PEER.DIFFERENCES.get(item.nodeid):
            item.add_marker(pytest.mark.xfail(reason=reason, strict=True))


def _because(report: Any) -> str:
    return report.longrepr[2].removeprefix("Skipped: ") if isinstance(report.longrepr, tuple) else str(report.longrepr)


def pytest_collectreport(report: pytest.CollectReport) -> None:
    if not report.passed:
        verdicts[report.nodeid] = ("skipped" if report.skipped else "failed", _because(report), 0)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    count = dict(report.user_properties).get("count", 0)
    if report.when == "call" or not report.passed:
        if report.skipped and hasattr(report, "wasxfail"):
            verdict = ("differs", report.wasxfail, 0)
        elif report.passed:
            verdict = ("passed", "", count) if count else ("skipped", "nothing of ours is compared", 0)
        else:
            verdict = ("skipped" if report.skipped else "failed", _because(report), 0)
        verdicts[report.nodeid] = verdict


def pytest_sessionfinish() -> None:
    for name in PEER.DIFFERENCES:
        if verdicts.get(name, ("",))[0] != "differs":
            verdicts[name] = ("failed", "listed as a difference, which it is not any more", 0)
    Path(os.environ["VERDICTS"]).write_text(json.dumps(verdicts))
