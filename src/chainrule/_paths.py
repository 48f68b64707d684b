"""Write the paths of an SVG document shortly: few digits, and steps from point to point."""

import re

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
