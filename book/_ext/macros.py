"""Writes the book's TeX macros out, for programs that show formulas without knowing them."""

from __future__ import annotations

import re
from collections.abc import Mapping

COMMAND = re.compile(r"\\(?:[A-Za-z]+|.)", re.DOTALL)


def expand(tex: str, macros: Mapping[str, str]) -> str:
    """`tex` with every macro replaced by its definition, as often as it takes."""
    written, position = [], 0
    while found := COMMAND.search(tex, position):
        written.append(tex[position : found.start()])
        position = found.end()
        if found[0] not in macros:
            written.append(found[0])
            continue
        definition = macros[found[0]]
        for number in range(1, max((int(n) for n in re.findall(r"#(\d)", definition)), default=0) + 1):
            argument, position = read_argument(tex, position)
            definition = definition.replace(f"#{number}", argument)
        expanded = expand(definition, macros)
        # A command's name ends where no letter follows; the space that ended the macro's is gone by now.
        glued = re.search(r"\\[A-Za-z]+$", expanded) and tex[position : position + 1].isalpha()
        written.append(expanded + " " * bool(glued))
    return "".join(written) + tex[position:]


def read_argument(tex: str, position: int) -> tuple[str, int]:
    """The argument that begins at `position`, without its braces, and where it ends."""
    while tex[position : position + 1].isspace():
        position += 1
    if tex[position : position + 1] != "{":
        token = COMMAND.match(tex, position)
        end = token.end() if token else position + 1
        return tex[position:end], end
    depth, end = 0, position
    while True:
        if tex[end] == "\\":
            end += 1
        elif tex[end] in "{}":
            depth += 1 if tex[end] == "{" else -1
        end += 1
        if depth == 0:
            return tex[position + 1 : end - 1], end
