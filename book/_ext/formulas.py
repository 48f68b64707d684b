"""The role `{formula}`: a formula's name, linked to where the formula stands, so that the search finds it by its name.

`` {formula}`normal equations <eq-normal>` `` reads *normal equations (21)*, and the search leads from either word to (21).
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import Any, ClassVar

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.domains import Domain, ObjType
from sphinx.environment import BuildEnvironment
from sphinx.roles import XRefRole

DOMAIN = "formula"


class NameRole(XRefRole):
    """Notes the name; what number the formula has is known when all pages are read."""

    def process_link(
        self, env: BuildEnvironment, refnode: nodes.Element, has_explicit_title: bool, title: str, target: str
    ) -> tuple[str, str]:
        refnode["refdomain"] = DOMAIN
        env.get_domain(DOMAIN).data["names"].setdefault(env.docname, {})[title] = target
        return super().process_link(env, refnode, has_explicit_title, title, target)


class FormulaDomain(Domain):
    """The names that each page has noted, with the labels of their formulas."""

    name, label = DOMAIN, "Named"
    object_types: ClassVar = {"formula": ObjType("formula")}  # the search calls it "Named formula"
    initial_data: ClassVar = {"names": {}}
    dangling_warnings: ClassVar = {"formula": "no formula has the label %(target)s"}

    def clear_doc(self, docname: str) -> None:
        self.data["names"].pop(docname, None)

    def merge_domaindata(self, docnames: Set[str], otherdata: dict[str, Any]) -> None:
        self.data["names"] |= {page: names for page, names in otherdata["names"].items() if page in docnames}

    def get_objects(self) -> Iterable[tuple[str, str, str, str, str, int]]:
        """For the search: each name with the page and the place of its formula."""
        equations = self.env.domains.math_domain.equations
        for name, label in (pair for names in self.data["names"].values() for pair in names.items()):
            if label in equations:
                yield name, name, "formula", equations[label][0], nodes.make_id(f"equation-{label}"), 0

    def resolve_xref(
        self, env: BuildEnvironment, fromdocname: str, builder: Builder, typ: str, target: str,
        node: pending_xref, contnode: nodes.Element,
    ) -> nodes.reference | None:  # fmt: skip
        """The name and the number in one link."""
        link = env.domains.math_domain.resolve_xref(env, fromdocname, builder, "eq", target, node, contnode)
        if link is not None:
            link.insert(0, [nodes.Text(f"{contnode.astext()} ")])
        return link

    def resolve_any_xref(self, *_: Any) -> list[tuple[str, nodes.reference]]:
        return []  # a formula is meant only where the role says so


def setup(app: Sphinx) -> dict[str, bool]:
    """Registers the domain, and the role without the domain's name."""
    app.add_domain(FormulaDomain)
    app.add_role("formula", NameRole())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
