"""The report of the benchmarks: what it makes of measurements, and that the two files it keeps say the same."""

import json
from typing import Any

import pytest

from bench import report
from bench.report import ROWS, TABLE, TORCH_RUNS, compared, measured, seconds, text


def row(medians: dict[str, float], what: str) -> dict[str, Any]:
    """The row of the table that compares `what`."""
    (found,) = [each for each in compared(medians) if each["what"].startswith(what)]
    return found


def test_the_medians_are_of_one_operation_and_of_all_turns() -> None:
    run = {
        "datetime": "2026-11-24T15:00:00",
        "machine_info": {"cpu": {"count": 2}},
        "benchmarks": [
            *({"name": "test_draws", "stats": {"median": m}, "extra_info": {"per": 1000}} for m in (3.0, 9.0, 1.0)),
            {"name": "test_step_in_c", "stats": {"median": 2.0}, "extra_info": {"compiler": "cc 1"}},
        ],
    }
    table = measured(run)
    assert table["medians"] == {"draws": 0.003, "step_in_c": 2.0}
    assert table["machine"]["compiler"] == "cc 1"
    assert table["machine"]["date"] == "2026-11-24"


def test_faster_is_theirs_over_ours() -> None:
    found = row({"problem_2d[3-ours]": 2.0, "problem_2d[3-torch]": 8.0}, "2(d), d = 3: PyTorch")
    assert (found["figure"], found["short"]) == (4.0, 3 / 4)


def test_as_long_is_ours_over_theirs() -> None:
    found = row({"problem_2d[500-ours]": 2.2, "problem_2d[500-hand]": 1.0}, "2(d), d = 500")
    assert found["figure"] == 2.2
    assert found["short"] == pytest.approx(2)


def test_a_time_alone_is_held_to_its_aim() -> None:
    found = row({"whole_process[cold]": 60.0}, "cold build")
    assert (found["figure"], found["there"], found["short"]) == (60.0, None, 2.0)


def test_six_runs_of_pytorch_are_reckoned_from_one_step_of_each() -> None:
    medians = {"six_runs": 1.0} | dict.fromkeys(TORCH_RUNS, 1e-3)
    assert row(medians, "six runs")["there"] == pytest.approx(6 * 150_000 * 1e-3)
    del medians[TORCH_RUNS[0]]
    assert row(medians, "six runs")["short"] is None


def test_every_row_has_its_verdict() -> None:
    medians = {"whole_process[cold]": 45.0, "whole_process_of_tests": 60.0}
    machine = {"date": "", "processor": "", "cores": 2, "compiler": None, "versions": {}}
    lines = text({"machine": machine, "medians": medians, "rows": compared(medians)}).splitlines()
    verdicts = [line.split(" | ")[-1].rstrip(" |") for line in lines if " at least " in line or " at most " in line]
    assert len(verdicts) == len(ROWS)
    assert verdicts[-4:] == ["short by a factor of 1.50", "not measured", "not measured", "met"]
    assert "no C compiler" in lines[0]


@pytest.mark.parametrize(
    ("time", "written"), [(2.5, "2.5 s"), (0.0025, "2.5 ms"), (2.5e-6, "2.5 µs"), (2.5e-9, "2.5 ns"), (None, "")]
)
def test_a_time_is_written_in_a_unit_that_fits_it(time: float | None, written: str) -> None:
    assert seconds(time) == written


@pytest.mark.parametrize(("figure", "written"), [(3.1141, "3.11"), (978.6, "979"), (999.6, "1,000"), (1234.4, "1,234")])
def test_a_figure_is_written_without_powers_of_ten(figure: float, written: str) -> None:
    assert f" {written} times faster " in report.row("", 1.0, 1.0, figure, "times faster", 1000, 1.0)


def test_the_kept_files_say_the_same() -> None:
    table = json.loads(TABLE.read_text("utf-8"))
    assert TABLE.with_suffix(".md").read_text("utf-8") == text(table)
    assert table["rows"] == compared(table["medians"])
