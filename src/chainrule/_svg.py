"""Turn an SVG document of Matplotlib or Graphviz into a fragment of a page: accessible, light, in the page's colours.

`inline` does it; `PALETTE` has the colours that it hands over to the page's stylesheet.
"""

import re
from collections import Counter
from hashlib import sha256
from html import escape
from xml.etree import ElementTree as ET

from chainrule._paths import rounded, stamp

#: The book's colours by the name of their CSS property. 1 to 6 are for series; a page may set the properties.
PALETTE = {
    "cr-1": "#0b3a94",  # blue
    "cr-2": "#c06a00",  # orange
    "cr-3": "#078a5a",  # green
    "cr-4": "#d41fc0",  # magenta
    "cr-5": "#33291a",  # brown
    "cr-6": "#868b95",  # grey
    "cr-muted": "#5b6270",
    "cr-soft": "#f4f6f9",
    "cr-line": "#868b96",
}
_PROPERTIES = {colour: f"var(--{name},{colour})" for name, colour in PALETTE.items()}
_INK = {"black": "currentColor", "#000000": "currentColor"}
_PAINTED = ("fill", "stroke")
_DROPPED = {"class", "font-family"}  # a class would meet the rules of the page, whose font is used
_DIGITS = dict.fromkeys(("d", "font-size", "height", "points", "r", "viewBox", "width", "x", "y"), 1) | {"transform": 3}
_REFERENCE = re.compile(r"(?<=url\(#)[^)]+")

_PT = 4 / 3  # px
#: A phone's column in px, and the part of its size to which a figure may shrink there: 12 pt text stays above 9 px.
_PHONE, _LEAST = 328, 0.5625

_shown: Counter[str] = Counter()


def inline(svg: str, *, description: str, title: str = "") -> str:
    """Make an SVG document a part of a page.

    What would leak into the page is gone (`<style>`, ids that nobody refers to) or made unique (ids that somebody
    does: they depend on the content alone, and on how often it has been shown). Colours of the palette become
    `var(--cr-…, #…)`, black becomes `currentColor`, and the page's font is used. A document so wide that a phone could
    not show it legibly scrolls inside itself.

    Parameters
    ----------
    svg : str
        The document, with a `viewBox` in pt.
    description : str
        What is seen, for a reader who does not see it.
    title : str
        A short name, also seen when the pointer rests on the figure.

    Returns
    -------
    str
        An `<svg>` element, or a `<div>` with one inside.
    """
    root = ET.fromstring(svg)
    rules = re.findall(r"\*\s*{([^}]*)}", "".join(style.text or "" for style in root.iter() if _tag(style) == "style"))
    stamp(root)
    digest = sha256("\0".join((svg, title, description)).encode()).hexdigest()[:8]
    _shown[digest] += 1
    prefix = f"cr-{digest}-" if _shown[digest] == 1 else f"cr-{digest}-{_shown[digest]}-"
    ids = {name: f"{prefix}{k}" for k, name in enumerate(_referred(root))}
    content = [part for child in root for part in _clean(child, ids)]

    box = rounded(root.attrib["viewBox"], _DIGITS["viewBox"])
    width = round(float(box.split()[2]) * _PT)
    least = round(width * _LEAST)
    name, text = f"{prefix}title", f"{prefix}desc"
    described = {"aria-labelledby": name, "aria-describedby": text} if title else {"aria-labelledby": text}
    limits = "max-width:100%;height:auto" + (f";min-width:{least}px" if least > _PHONE else "")
    look = {key: value for rule in rules for key, value in _declarations(rule).items()} | {"fill": "currentColor"}
    size = {"viewBox": box, "width": str(width), "style": limits}
    fragment = ET.Element("svg", {"class": "cr-figure", "role": "img"} | described | size | look)
    if title:
        ET.SubElement(fragment, "title", id=name).text = title
    ET.SubElement(fragment, "desc", id=text).text = description
    fragment.extend(content)
    result = ET.tostring(fragment, encoding="unicode").replace(" />", "/>")
    if least <= _PHONE:
        return result
    reachable = f'tabindex="0" role="group" aria-label="{escape(title or description)}"'
    return f'<div class="cr-scroll" style="overflow-x:auto" {reachable}>{result}</div>'


def _referred(root: ET.Element) -> dict[str, None]:
    """The ids to which something refers, by `href` or by `url()`."""
    attributes = [attribute for element in root.iter() for attribute in element.attrib.items()]
    by_url = [name for _, value in attributes for name in _REFERENCE.findall(value)]
    return dict.fromkeys(by_url + [value[1:] for key, value in attributes if key.endswith("href") and value[0] == "#"])


def _clean(element: ET.Element, ids: dict[str, str]) -> list[ET.Element]:
    """The element as the page needs it: nothing, itself, or its children where it has nothing of its own to say."""
    tag = _tag(element)
    if tag in ("metadata", "style", "title"):  # the title of a part would be a tooltip full of node numbers
        return []
    clean = ET.Element(tag, _attributes(element, ids))
    if tag == "path" and clean.attrib.keys() == {"d", "style"} and clean.get("style") == "fill:none":
        return []  # the invisible background of a figure
    if tag in ("text", "tspan"):
        clean.text, clean.tail = element.text, element.tail if tag == "tspan" else None
    clean.extend(part for child in element for part in _clean(child, ids))
    if tag in ("g", "defs") and not len(clean):
        return []
    return list(clean) if tag == "g" and not clean.attrib else [clean]


def _attributes(element: ET.Element, ids: dict[str, str]) -> dict[str, str]:
    """The attributes without namespaces, with few digits, ids made unique, and colours that the page decides."""
    kept, style = {}, _declarations(element.attrib.get("style", ""))
    for name, value in element.attrib.items():
        key = name.rpartition("}")[2]
        if "namespace" in name or key in _DROPPED | {"style"} or (key == "id" and value not in ids):
            continue
        if key == "id":
            value = ids[value]
        elif key in _DIGITS:
            value = rounded(value, _DIGITS[key])
        elif key in _PAINTED and value.lower() in _PROPERTIES:
            style[key] = _PROPERTIES[value.lower()]
            continue
        elif key == "href" and value[0] == "#":  # not the data of an image
            value = f"#{ids[value[1:]]}"
        kept[key] = _INK.get(value, value)
    if kept.get("transform", "").startswith("rotate(0 "):
        del kept["transform"]
    if style:
        kept["style"] = ";".join(f"{key}:{value}" for key, value in style.items())
    return {key: _REFERENCE.sub(lambda found: ids[found[0]], value) for key, value in kept.items()}


def _declarations(style: str) -> dict[str, str]:
    """The declarations of a style, with the page's colours and its font."""
    declared = {}
    for name, _, value in (part.partition(":") for part in style.split(";") if part.strip()):
        key, value = name.strip(), value.strip()
        if key == "font":  # Matplotlib writes the shorthand: [style] [weight] 12px 'Family', 'Family'
            before, size = re.match(r"(.*?)([\d.]+px)", value).groups()  # type: ignore[union-attr] # it always has a size
            declared["font-size"] = size
            declared |= {"font-style" if word == "italic" else "font-weight": word for word in before.split()}
        elif key != "font-family":
            declared[key] = _PROPERTIES.get(value, _INK.get(value, value)) if key in _PAINTED else value
    return declared


def _tag(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]
