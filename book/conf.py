"""How Sphinx builds the book."""

import os
import sys
from pathlib import Path

BOOK = Path(__file__).parent
sys.path.insert(0, str(BOOK.parent))

from book._ext import bytecode  # noqa: E402  # it is found only now that its place is on the path

bytecode.distrust(bytecode.package(), BOOK / "_ext")

from chainrule import PALETTE  # noqa: E402  # not before its bytecode can be trusted

project = "The Chain Rule, Executed"
author = "The Chain Rule, Executed contributors"
project_copyright = "2026, the contributors. Text: CC BY 4.0. Code: BSD-3-Clause"
language = "en"

extensions = [
    "book._ext.lean",  # before MyST-NB
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinxcontrib.bibtex",
    "book._ext.katex_build",
    "book._ext.rhythm",
    "book._ext.value",
    "book._ext.execution",
    "book._ext.expected",
    "book._ext.described",
    "book._ext.lines",
    "book._ext.kernels",
    "book._ext.parallel",
    "book._ext.beforehand",
    "book._ext.stale",
    "book._ext.notebooks",
    "book._ext.head",
    "book._ext.combine",
    "book._ext.plain_code",
    "book._ext.card",
    "book._ext.mending",
    "book._ext.glue",
    "book._ext.notes",
    "book._ext.lab",
    "book._ext.shipped",
    "book._ext.definitions",
    "book._ext.formulas",
    "book._ext.index_entries",
]
nitpicky = True
nitpick_ignore_regex = [
    (r"py:.*", r"(collections|graphviz|numpy)\..*"),  # their inventories would need a network
    (r"py:class", r"callable|array_like"),  # numpydoc's words for types that are no classes
]
exclude_patterns = ["_build", "_ext", "_static", "_templates", "**/node_modules", "node_modules"]
templates_path = ["_templates"]

# Markdown
myst_enable_extensions = ["attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_dmath_double_inline = False
myst_heading_anchors = 3

# Cells. Inline: the kernel stays alive while a page is rendered, which {value} needs.
nb_execution_mode = "inline"
nb_execution_in_temp = True  # a page may read nothing that a downloaded notebook would not find
nb_execution_timeout = 300
nb_output_stderr = "error"
nb_merge_streams = True
nb_ipywidgets_js = {}
suppress_warnings = ["mystnb.exec"]  # execution.py says it with the line

# Numbers and references
numfig = True
numfig_secnum_depth = 0
numfig_format = {"figure": "Figure %s", "table": "Table %s", "code-block": "Listing %s", "section": "Section %s"}
math_eqref_format = "({number})"
bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "alpha"

# The package's reference. The docstrings say shapes and units, which types do not; backticks in them are code.
autodoc_member_order = "bysource"
autodoc_typehints = "none"
default_role = "code"
napoleon_google_docstring = False
napoleon_use_param = False
napoleon_use_rtype = False

# HTML
html_theme = "furo"
html_title = project
# Where the site will be, if that is known: cards need it, and so does the page for what is not there.
site_url = os.environ.get("SITE_URL", "").rstrip("/")
html_baseurl = site_url and f"{site_url}/"
html_context = {"html_baseurl": html_baseurl}
html_math_renderer = "katex_build"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_js_files = ["book.js"]
html_copy_source = True
html_show_sphinx = False
html_domain_indices = False  # the package has one page, and its modules need no index
html_additional_pages = {"404": "404.html"}
html_show_search_summary = False  # it fetches every page found, which no browser does from disk
html_permalinks_icon = "#"
pygments_style = "a11y-high-contrast-light"
pygments_dark_style = "a11y-high-contrast-dark"
plain_code_styles = [pygments_style, pygments_dark_style]

# The colours of figures and blocks. --cr-1 to --cr-6 are for series: at least 3:1 on the page and on --cr-soft, and
# told apart under protanopia, deuteranopia and tritanopia. --cr-muted is for text beside the main text.
LIGHT = PALETTE | {"cr-line": PALETTE["cr-6"], "color-code-background": PALETTE["cr-soft"]}
DARK = {
    "cr-1": "#3f8cff",
    "cr-2": "#ff5f33",
    "cr-3": "#31d583",
    "cr-4": "#d8509f",
    "cr-5": "#ffdb4d",
    "cr-6": "#c9ced8",
    "cr-muted": "#9aa2ae",
    "cr-soft": "#1f2225",
    "cr-line": "#767d88",
}
html_theme_options = {
    "navigation_with_keys": False,
    "top_of_page_buttons": [],
    "light_css_variables": LIGHT,
    "dark_css_variables": DARK,
}
