"""Write the paths of an SVG document shortly: few digits, steps from point to point, and equal marks in one path."""

import re
from xml.etree import ElementTree as ET

_SVG = "http://www.w3.org/2000/svg"
_NUMBER = re.compile(r"-?\d+\.\d+")
_NUMBERS = {"M": 2, "L": 2, "Q": 4, "C": 6}  # of each step in a path


def rounded(numbers: str, digits: int) -> str:
    """Coordinates to so many digits after the point, and no blanks that are not needed."""
    short = _NUMBER.sub(lambda found: f"{float(found[0]):.{digits}f}".rstrip("0").rstrip("."), numbers)
    short = re.sub(r"(?<![\d.])-0(?![\d.])", "0", short)
    if not re.match(r"\s*M", short):
        return short
    path = re.sub(r"\s*([a-zA-Z])\s*", r"\1", short.strip())
    return _relative(re.sub(r"M(\S+ [\d.-]+)L\1(?=[A-Z]|$)", r"M\1h0", path))  # h0: a dot


def _relative(path: str) -> str:
    """The same path as steps from point to point, which are shorter than places; of another kind than here, it stays."""
    if not re.fullmatch(r"(M[-\d.]+[, ][-\d.]+|[LQC][-\d., ]+|h0|[Zz])*", path):
        return path
    at, start, before, short = [0, 0], [0, 0], "", ""  # in tenths, so that no error adds up
    for command, text in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", path):
        if command in "Zzh":
            at, before, short = start if command in "Zz" else at, "", short + command + text
            continue
        numbers = [round(10 * float(number)) for number in re.findall(r"-?[\d.]+", text)]
        for k in range(0, len(numbers), _NUMBERS[command]):
            places = numbers[k : k + _NUMBERS[command]]
            steps = " ".join(f"{(place - at[axis % 2]) / 10:g}" for axis, place in enumerate(places))
            steps = re.sub(r"\b0\.", ".", steps)
            at = places[-2:]
            start = at if command == "M" else start
            # What follows a letter's numbers goes on with it, except that what follows a move is a line.
            short += f" {steps}" if before == command != "M" else command.lower() + steps
            before = command
    return "M" + short[1:].replace(" -", "-")


def stamp(root: ET.Element) -> None:
    """Draw each mark of a document where it is used, and a run of equal ones as one path.

    A browser makes a copy of a mark for each `<use>`, with a style of its own: a few hundred are most of a figure's cost.
    """
    marks = _marks(root)
    for parent in root.iter():
        run: ET.Element | None = None
        for use in list(parent):
            mark = marks.get(next((value for name, value in use.items() if name.endswith("href")), ""))
            if mark is None:
                run = None
                continue
            x, y, steps, look = mark
            style = f"{use.get('style', '')};{look}".strip("; ")
            path = f"M{float(use.get('x', 0)) + x:.1f} {float(use.get('y', 0)) + y:.1f}{steps}"
            if run is not None and run.get("style") == style and _flat(style):
                run.set("d", run.attrib["d"] + path)
                parent.remove(use)
            else:
                use.tag, run = f"{{{_SVG}}}path", use
                use.attrib.clear()
                use.attrib.update(d=path, style=style)


def _marks(root: ET.Element) -> dict[str, tuple[float, float, str, str]]:
    """Take the marks out of a document: by reference where each begins, its steps from there, and its style."""
    marks = {}
    for defs in root.iter(f"{{{_SVG}}}defs"):
        for mark in defs.findall(f"{{{_SVG}}}path"):
            path = re.fullmatch(r"M(-?[\d.]+) ?(-?[\d.]+)([a-z][^A-Z]*)", rounded(mark.attrib["d"], 1))
            if path:
                marks[f"#{mark.get('id')}"] = float(path[1]), float(path[2]), path[3], mark.get("style", "")
                defs.remove(mark)
    return marks


def _flat(style: str) -> bool:
    """Whether what overlaps in this style looks the same painted at once and one after another: all of it in one opaque colour."""
    paints = {key.strip(): value.strip() for key, _, value in (part.partition(":") for part in style.split(";"))}
    return "opacity" not in style and paints.get("stroke", "none") in ("none", paints.get("fill"))
