"""Makes the tables out of what pytest-benchmark measured: prints them, and keeps them in `bench/table.md` for the book."""

import json
import platform
import re
import sys
from importlib import metadata
from pathlib import Path

TABLE = Path(__file__).with_name("table.md")
PACKAGES = ("numpy", "numba", "torch", "autograd", "mygrad", "micrograd")
TORCH_RUNS = [f"six_runs_in_torch[{layers}-{width}]" for layers in ("output", "all") for width in (10, 20, 40)]
STEPS = 150_000

# What is compared: ours, theirs, the unit of the figure that comes of the two medians, and what it should be.
# fmt: off
ROWS: list[tuple[str, str | None, list[str] | str | None, str, float]] = [
    ("six runs of 150,000 steps: eager PyTorch",        "six_runs",             TORCH_RUNS,                     "times faster",  1000),
    ("a step, width 40: the plain loop in C",           "step[40-40-200]",      "step_in_c",                    "times faster",  4),
    ("a step, width 40: the plain loop, by Numba",      "step[40-40-200]",      "step_in_a_loop",               "times faster",  1),
    ("a step, width 1,000: width 40",                   "step[1000-40-200]",    "step[40-40-200]",              "times as long", 20),
    ("a step, batches of 200: of 5",                    "step[40-200-200]",     "step[40-5-200]",               "times as long", 1.2),
    ("2(d), d = 3: PyTorch",                            "problem_2d[3-ours]",   "problem_2d[3-torch]",          "times faster",  3),
    ("2(d), d = 3: autograd",                           "problem_2d[3-ours]",   "problem_2d[3-autograd]",       "times faster",  8),
    ("2(d), d = 3: MyGrad",                             "problem_2d[3-ours]",   "problem_2d[3-mygrad]",         "times faster",  4),
    ("2(d), d = 500: NumPy by hand",                    "problem_2d[500-ours]", "problem_2d[500-hand]",         "times as long", 1.1),
    ("a chain of 500 operations: micrograd",            "chain[500-ours]",      "chain[500-micrograd]",         "times as long", 1),
    ("an operation of 1,000,000: micrograd's of 500",   "chain[1000000-ours]",  "chain[500-micrograd]",         "times as long", 1),
    ("cold build, everything executed",                 "whole_process[cold]",  None,                           "seconds",       30),
    ("build with nothing changed",                      "whole_process[nothing-changed]", None,                 "seconds",       2),
    ("build with one page edited",                      "whole_process[page-edited]", None,                     "seconds",       6),
    ("all tests but the browser's",                     "whole_process[tests]", None,                           "seconds",       90),
]
# fmt: on


def processor() -> str:
    """The processor's name, as Linux tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    found = re.search(r"model name\s*:\s*(.*)", cpuinfo.read_text()) if cpuinfo.exists() else None
    return found[1] if found else platform.processor()


def version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def seconds(time: float) -> str:
    """A time in the unit that leaves one to three digits before the point."""
    for factor, unit in ((1, "s"), (1e3, "ms"), (1e6, "µs")):
        if time * factor >= 1:
            return f"{time * factor:.3g} {unit}"
    return f"{time * 1e9:.3g} ns"


def compared(medians: dict[str, float]) -> list[str]:
    """The lines of the table of ROWS, as far as they were measured."""
    lines = ["| what, against what | here | there | figure | aim | verdict |", "|---|---|---|---|---|---|"]
    for what, ours, theirs, unit, aim in ROWS:
        names = theirs if isinstance(theirs, list) else [theirs] if theirs else []
        if ours not in medians or any(name not in medians for name in names):
            print(f"not measured: {what}")
            continue
        mine, other = medians[ours], sum(medians[name] for name in names) * (STEPS if isinstance(theirs, list) else 1)
        figure = mine if unit == "seconds" else other / mine if unit == "times faster" else mine / other
        gap = aim / figure if unit == "times faster" else figure / aim
        verdict = "met" if gap <= 1 else f"short by a factor of {gap:.2f}"
        bound = "at least" if unit == "times faster" else "at most"
        there = seconds(other) if names else ""
        lines.append(f"| {what} | {seconds(mine)} | {there} | {figure:,.3g} {unit} | {bound} {aim:,g} | {verdict} |")
    return lines


def grown(medians: dict[str, float]) -> list[str]:
    """The lines of the table of a step's time by width, size of the minibatch and number of points."""
    lines = ["| width $H$ | minibatch $B$ | points $n$ | a step |", "|---|---|---|---|"]
    for name, time in medians.items():
        if sizes := re.fullmatch(r"step\[(\d+)-(\d+)-(\d+)\]", name):
            lines.append(f"| {int(sizes[1]):,} | {sizes[2]} | {int(sizes[3]):,} | {seconds(time)} |")
    return lines


def main() -> None:
    """Read the report that is named, print the tables, keep them."""
    report = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    # In seconds, of one operation where a benchmark says how many it made.
    medians = {
        each["name"].removeprefix("test_"): each["stats"]["median"] / each["extra_info"].get("per", 1)
        for each in report["benchmarks"]
    }
    packages = ", ".join(f"{package} {found}" for package in PACKAGES if (found := version(package)))
    machine = (
        f"Measured on {report['datetime'][:10]} with {report['machine_info']['cpu']['count']} cores of a processor that calls "
        f"itself {processor()}; Python {platform.python_version()}, {packages}. Each time is the median of its rounds."
    )
    text = "\n".join(
        [machine, "", *compared(medians), "", "And a step of training, by sizes:", "", *grown(medians), ""]
    )
    print(text)
    TABLE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
