"""Makes the table out of what pytest-benchmark measured: prints it, and keeps it for the book if asked to.

`measured` condenses a report to what `bench/table.json` keeps, from which cells take their numbers; `text` writes that
out as `bench/table.md`, which the book shows.
"""

import json
import platform
import re
import sys
from importlib import metadata
from pathlib import Path
from statistics import median
from typing import Any

TABLE = Path(__file__).with_name("table.json")
PACKAGES = ("numpy", "numba", "torch", "autograd", "mygrad", "micrograd")
TORCH_RUNS = [f"six_runs_in_torch[{layers}-{width}]" for layers in ("output", "all") for width in (10, 20, 40)]
STEPS = 150_000

# What is compared: ours, theirs, the unit of the figure that comes of the two medians, and what it should be.
# fmt: off
ROWS: list[tuple[str, str, list[str] | str | None, str, float]] = [
    ("six runs of 150,000 steps: eager PyTorch",        "six_runs",             TORCH_RUNS,                     "times faster",  1000),
    ("a step, width 40: the plain loop in C",           "step[40-40-200]",      "step_in_c",                    "times faster",  4),
    ("a step, width 40: the plain loop, by Numba",      "step[40-40-200]",      "step_in_a_loop",               "times faster",  1),
    ("a step, width 1,000: width 40",                   "step[1000-40-200]",    "step[40-40-200]",              "times as long", 20),
    ("a step, point by point, batches of 200: of 5",    "step_by_point[200]",   "step_by_point[5]",             "times as long", 1.2),
    ("2(d), d = 3: PyTorch",                            "problem_2d[3-ours]",   "problem_2d[3-torch]",          "times faster",  3),
    ("2(d), d = 3: autograd",                           "problem_2d[3-ours]",   "problem_2d[3-autograd]",       "times faster",  8),
    ("2(d), d = 3: MyGrad",                             "problem_2d[3-ours]",   "problem_2d[3-mygrad]",         "times faster",  4),
    ("2(d), d = 500: NumPy by hand",                    "problem_2d[500-ours]", "problem_2d[500-hand]",         "times as long", 1.1),
    ("a chain of 500 operations: micrograd",            "chain[500-ours]",      "chain[500-micrograd]",         "times as long", 1),
    ("an operation of 1,000,000: micrograd's of 500",   "chain[1000000-ours]",  "chain[500-micrograd]",         "times as long", 1),
    ("cold build, everything executed",                 "whole_process[cold]",  None,                           "seconds",       30),
    ("build with nothing changed",                      "whole_process[nothing-changed]", None,                 "seconds",       2),
    ("build with one page edited",                      "whole_process[page-edited]", None,                     "seconds",       6),
    ("all tests but the browser's",                     "whole_process_of_tests", None,                           "seconds",       90),
]
# fmt: on


def processor() -> str:
    """The processor's name, as Linux tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.*)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return found[1] if found else platform.processor()


def versions() -> dict[str, str]:
    """The releases of those packages that are installed."""
    installed = {each.name.lower(): each.version for each in metadata.distributions()}
    return {package: installed[package] for package in PACKAGES if package in installed}


def compared(medians: dict[str, float]) -> list[dict[str, Any]]:
    """The rows of the table: two times, their figure, and by what factor it falls short; None where not measured."""
    rows = []
    for what, ours, theirs, unit, aim in ROWS:
        names = theirs if isinstance(theirs, list) else [theirs] if theirs else []
        here = there = figure = short = None
        if all(name in medians for name in [ours, *names]):
            here = medians[ours]
            there = sum(medians[name] for name in names) * (STEPS if isinstance(theirs, list) else 1) or None
            figure = here if there is None else there / here if unit == "times faster" else here / there
            short = aim / figure if unit == "times faster" else figure / aim
        rows.append(
            {"what": what, "here": here, "there": there, "figure": figure, "unit": unit, "aim": aim, "short": short}
        )
    return rows


def measured(report: dict[str, Any]) -> dict[str, Any]:
    """What is kept of a report: the machine, every median in seconds of one operation, the rows of the table."""
    benchmarks = report["benchmarks"]
    turns: dict[str, list[float]] = {}
    for each in benchmarks:
        time = each["stats"]["median"] / each["extra_info"].get("per", 1)
        turns.setdefault(each["name"].removeprefix("test_"), []).append(time)
    medians = {name: median(times) for name, times in turns.items()}
    compilers = [each["extra_info"]["compiler"] for each in benchmarks if "compiler" in each["extra_info"]]
    machine = {
        "date": report["datetime"][:10],
        "processor": processor(),
        "cores": report["machine_info"]["cpu"]["count"],
        "compiler": compilers[0] if compilers else None,
        "versions": {"Python": platform.python_version(), **versions()},
    }
    return {"machine": machine, "medians": medians, "rows": compared(medians)}


def seconds(time: float | None) -> str:
    """A time in the unit that leaves one to three digits before the point; nothing for None."""
    if time is None:
        return ""
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if time * factor >= 1:
            return f"{time * factor:.3g} {unit}"
    return f"{time * 1e9:.3g} ns"


def row(
    what: str, here: float | None, there: float | None, figure: float | None, unit: str, aim: float, short: float | None
) -> str:
    """A line of the table."""
    bound = "at least" if unit == "times faster" else "at most"
    verdict = "not measured" if short is None else "met" if short <= 1 else f"short by a factor of {short:.2f}"
    result = "" if figure is None else f"{figure:{',.0f' if figure >= 999.5 else '.3g'}} {unit}"
    return f"| {what} | {seconds(here)} | {seconds(there)} | {result} | {bound} {aim:,g} | {verdict} |"


def text(table: dict[str, Any]) -> str:
    """The table, in Markdown; then a step's time by width, size of the minibatch and number of points."""
    machine = table["machine"]
    packages = ", ".join(f"{package} {version}" for package, version in machine["versions"].items())
    compiler = machine["compiler"] or "no C compiler, so that no loop in C was measured"
    steps = [
        f"| {int(sizes[1]):,} | {sizes[2]} | {int(sizes[3]):,} | {seconds(time)} |"
        for name, time in table["medians"].items()
        if (sizes := re.fullmatch(r"step\[(\d+)-(\d+)-(\d+)\]", name))
    ]
    lines = [
        f"Measured on {machine['date']} with {machine['cores']} cores of a processor that calls itself "
        f"{machine['processor']}; {packages}; {compiler}. Each time is the median of its turns' medians.",
        "",
        "| what, against what | here | there | figure | aim | verdict |",
        "|---|---|---|---|---|---|",
        *(row(**each) for each in table["rows"]),
        "",
        "And a step of training, by sizes:",
        "",
        "| width $H$ | minibatch $B$ | points $n$ | a step |",
        "|---|---|---|---|",
        *steps,
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Print the table of the report that is named; keep it, too, if `--keep` follows."""
    table = measured(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    print(text(table))
    if "--keep" in sys.argv:
        TABLE.write_text(json.dumps(table, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        TABLE.with_suffix(".md").write_text(text(table), encoding="utf-8")


if __name__ == "__main__":
    main()
