"""The directive `shipped`: a table of what the site ships that others have made, with releases and licences.

Nothing of it is typed. Every file under `_static` is traced to the installed package that it comes from; one that is
nobody's, or has no licence, fails the build. The licences' texts go into the site, as most of them ask.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distributions
from pathlib import Path, PurePosixPath
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive
from pygments.styles import get_style_by_name
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

from book._ext.card import PICTURES
from book._ext.combine import COMBINED
from book._ext.lab import BUNDLES, LAB, metafile

logger = logging.getLogger(__name__)
LICENCES = "licences"
TEXT = re.compile(r"(LICEN[CS]E|COPYING)[^/]*$")
BANNER = re.compile(r"/\*!(.*?)\*/", re.DOTALL)  # what a minifier leaves of a file that another has taken in
HEADS = ("package", "release", "licence", "what of it")


class Shipped(nodes.General, nodes.Element):
    """Where the table comes to stand when the files are there."""


@dataclass(frozen=True)
class Package:
    """What the metadata of an installed package say, and the texts of its licence."""

    name: str
    release: str
    licence: str
    texts: tuple[Path, ...]


@cache
def of_python(found: Distribution) -> Package:
    """A distribution; its licence is an expression where it has one, else what stood for it before there were any."""
    about = found.metadata
    classified = [
        line.rpartition(" :: ")[2] for line in about.get_all("Classifier") or () if line.startswith("License")
    ]
    said = [line for name in ("License-Expression", "License") for line in about.get_all(name) or () if line]
    licence = said[0] if said else ", ".join(classified)
    texts = [
        Path(str(file.locate())) for file in found.files or () if "dist-info" in str(file) and TEXT.search(file.name)
    ]
    return Package(about["Name"], found.version, licence, tuple(sorted(texts)))


@cache
def of_npm(folder: Path) -> Package:
    """A folder of `node_modules`."""
    about = json.loads((folder / "package.json").read_text(encoding="utf-8"))
    texts = [file for file in folder.iterdir() if TEXT.search(file.name)]
    return Package(about["name"], about["version"], about.get("license", ""), tuple(sorted(texts)))


@cache
def installed() -> tuple[dict[str, Distribution], dict[str, Distribution]]:
    """The distributions by the hashes of their files, and by the names that their templates' output has.

    From their records, line by line: `Distribution.files` looks for each of twenty thousand files.
    """
    by_hash, by_name = {}, {}
    for found in sorted(distributions(), key=lambda each: each.name):
        for name, value, _ in csv.reader((found.read_text("RECORD") or "").splitlines()):
            if value:
                by_hash[value.removeprefix("sha256=")] = found
            if name.endswith(".jinja"):
                by_name[PurePosixPath(name).stem] = found
    return by_hash, by_name


def hash_of(content: bytes) -> str:
    """As records have it."""
    return base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")


def packages(app: Sphinx, file: Path) -> Iterator[Package]:
    """What a file under `_static` comes from; nothing where it is the book's own, or made of others. Raises LookupError."""
    content = (Path(app.outdir, "_static") / file).read_bytes()
    own = [Path(app.confdir, folder) / file for folder in app.config.html_static_path]
    if (
        not content
        or file.name in (*PICTURES, *COMBINED)
        or any(path.is_file() and path.read_bytes() == content for path in own)
    ):
        return
    if file.parts[0] == "katex":
        yield of_npm(Path(app.config.katex_package))
    elif file.stem in BUNDLES:
        for name in sorted(set(re.findall(r"node_modules/((?:@[^/]+/)?[^/]+)", metafile(app).read_text("utf-8")))):
            yield of_npm(LAB / "node_modules" / name)
    elif file.name == "pygments.css":
        styles = (app.config.pygments_style, app.config.pygments_dark_style)
        modules = {get_style_by_name(style).__module__ for style in styles} | {get_style_by_name.__module__}
        sources = {Path(str(sys.modules[module].__file__)).read_bytes() for module in modules}
        yield from {of_python(installed()[0][hash_of(source)]) for source in sources}
    else:
        by_hash, by_name = installed()
        yield of_python(by_hash.get(hash_of(content)) or by_name[file.name])


def shipped(app: Sphinx) -> dict[Package, list[Path]]:
    """The packages and the files that come from them. Raises LookupError for a file that comes from nowhere."""
    static = Path(app.outdir, "_static")
    found: dict[Package, list[Path]] = {}
    for path in sorted(path for path in static.rglob("*") if path.is_file()):
        file = path.relative_to(static)
        if file.parts[0] == LICENCES:
            continue
        try:
            for package in packages(app, file):
                found.setdefault(package, []).append(file)
        except KeyError:
            raise LookupError(
                f"_static/{file} is of no installed package and not the book's; is it of an old build?"
            ) from None
    for package in found:
        if not package.licence or not package.texts:
            raise LookupError(f"{package.name} {package.release} says nothing of its licence, or has no text of it")
    return dict(sorted(found.items(), key=lambda item: item[0].name.lower()))


def what(static: Path, files: list[Path]) -> str:
    """The files, those of a folder with many by their number; and what their banners say that they have taken in."""
    names = []
    for folder in dict.fromkeys(file.parent for file in files):
        here = [file for file in files if file.parent == folder]
        names += [f"{len(here)} files in {folder.as_posix()}"] if len(here) > 15 else [file.as_posix() for file in here]
    banners = [
        " ".join(banner.replace("*", " ").split())
        for file in files
        if file.suffix in {".css", ".js", ".txt"}
        for banner in BANNER.findall((static / file).read_text(encoding="utf-8"))
    ]
    taken = [banner for banner in dict.fromkeys(banners) if "license" in banner.lower() and "please see" not in banner]
    return ", ".join(names) + "".join(f"; in it: {banner}" for banner in taken)


def row(*cells: nodes.Node) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", cell)) for cell in cells))


class Fill(SphinxPostTransform):
    """Puts the table where the directive stands, and the licences where it links to them."""

    default_priority = 400  # before Furo puts tables into boxes
    formats = ("html",)

    def run(self, **_: Any) -> None:
        for place in list(self.document.findall(Shipped)):
            try:
                place.replace_self(self.table())
            except LookupError as error:
                logger.error("%s", error.args[0], location=place, type="shipped")
                place.parent.remove(place)

    def table(self) -> nodes.table:
        static = Path(self.app.outdir, "_static")
        root = "../" * self.env.docname.count("/")
        body = nodes.tbody()
        for package, files in shipped(self.app).items():
            target = f"_static/{LICENCES}/{package.name.lower()}.txt"
            text = "\n\n".join(path.read_text(encoding="utf-8").strip() for path in package.texts)
            (static / LICENCES).mkdir(exist_ok=True)
            Path(self.app.outdir, target).write_text(text + "\n", encoding="utf-8")
            link = nodes.reference("", package.licence, refuri=root + target, internal=True)
            body += row(nodes.Text(package.name), nodes.Text(package.release), link, nodes.Text(what(static, files)))
        head = nodes.thead("", row(*map(nodes.Text, HEADS)))
        group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in HEADS), head, body, cols=len(HEADS))
        return nodes.table("", group)


class ShippedDirective(Directive):
    """Marks the place of the table."""

    def run(self) -> list[nodes.Node]:
        place = Shipped()
        place.source, place.line = self.state_machine.get_source_and_line(self.lineno)
        return [place]


def leave_out(app: Sphinx, _error: Exception | None) -> None:
    """Takes away the stylesheet that MyST-NB leaves at the end of a build: head.py has no page load it."""
    for path in Path(app.outdir, "_static").glob("mystnb.*.css"):
        path.unlink()


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the directive and what fills it."""
    app.add_node(Shipped)
    app.add_directive("shipped", ShippedDirective)
    app.add_post_transform(Fill)
    app.connect("build-finished", leave_out, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
