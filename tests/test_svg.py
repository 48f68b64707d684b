"""The fragment of a page that is made of an SVG document: what it keeps, what it drops, and that it leaks nothing."""

import io
import re
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.figure import Figure

from chainrule._svg import PALETTE, inline

DOCUMENT = """<?xml version="1.0"?>
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<!-- a comment -->
<svg width="90pt" height="30pt" viewBox="0.00 0.00 90.00 30.00" version="1.1"
 xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">
<metadata><note>who made it</note></metadata>
<defs><style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style></defs>
<g id="unused" class="node"><title>n1</title>{content}</g>
</svg>"""


def fragment(content: str, **options: str) -> str:
    return inline(DOCUMENT.replace("{content}", content), **{"description": "a description", **options})


def body(content: str) -> str:
    """What comes out below the title and the description."""
    return fragment(content).partition("</desc>")[2].removesuffix("</svg>")


def matplotlib_svg(figure: Figure) -> str:
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "test"}), io.StringIO() as file:
        figure.savefig(file, format="svg", metadata={"Date": None}, transparent=True)
        return file.getvalue()


def plot() -> str:
    figure = Figure(figsize=(3, 2))
    ax = figure.subplots()
    ax.plot([0, 1], [0, 1], color=PALETTE["cr-1"], marker="o")
    ax.set_title("a < b & c")
    ax.set_ylabel("up")
    return matplotlib_svg(figure)


def ids(html: str) -> list[str]:
    return re.findall(r' id="([^"]*)"', html)


def references(html: str) -> set[str]:
    pointed = re.findall(r'href="#([^"]*)"|url\(#([^)]*)\)', html)
    named = re.findall(r'aria-(?:labelledby|describedby)="([^"]*)"', html)
    return {a or b for a, b in pointed} | set(named)


# The frame


def test_a_fragment_is_an_image_with_a_title_and_a_description_that_come_first() -> None:
    root = ET.fromstring(fragment("<path d='M0 0'/>", title="a title"))
    title, description = list(root)[:2]
    assert (root.tag, root.get("role"), root.get("class")) == ("svg", "img", "cr-figure")
    assert (title.tag, title.text, title.get("id")) == ("title", "a title", root.get("aria-labelledby"))
    assert (description.tag, description.text) == ("desc", "a description")
    assert description.get("id") == root.get("aria-describedby")


def test_without_a_title_the_description_is_the_name() -> None:
    root = ET.fromstring(fragment("<path d='M0 0'/>"))
    assert root[0].tag == "desc"
    assert root.get("aria-labelledby") == root[0].get("id")
    assert root.get("aria-describedby") is None


def test_texts_are_escaped() -> None:
    html = fragment("<text>x &lt; y &amp; z</text>", title='<b> & "q"', description="</desc><script>")
    root = ET.fromstring(html)
    assert [e.text for e in root] == ['<b> & "q"', "</desc><script>", "x < y & z"]
    assert "<script>" not in html


def test_the_size_follows_the_page() -> None:
    root = ET.fromstring(fragment("<path d='M0 0'/>"))
    assert root.get("viewBox") == "0 0 90 30"
    assert root.get("width") == "120"  # 90 pt in px
    assert root.get("height") is None
    assert root.get("style") == "max-width:100%;height:auto"


def test_what_is_too_wide_for_a_phone_scrolls_inside_itself_and_can_be_reached_by_keyboard() -> None:
    wide = DOCUMENT.replace("90.00 30.00", "900.00 30.00").replace("{content}", "<path d='M0 0'/>")
    box = ET.fromstring(inline(wide, description='see "here"'))
    assert (box.tag, box.get("class"), box.get("tabindex"), box.get("role")) == ("div", "cr-scroll", "0", "group")
    assert box.get("aria-label") == 'see "here"'
    assert "overflow-x:auto" in (box.get("style") or "")
    assert "min-width:675px" in (box[0].get("style") or "")  # 12 pt of 1200 px are 9 px at 675


# What is dropped


def test_prolog_metadata_styles_and_unused_ids_are_gone() -> None:
    html = fragment("<path d='M0 0' style='stroke: #123456'/>")
    for word in (
        "<?xml",
        "DOCTYPE",
        "<!--",
        "metadata",
        "who made it",
        "<style",
        "xmlns",
        "xlink",
        "unused",
        "node",
        "n1",
    ):
        assert word not in html
    assert "*{" not in html


def test_a_rule_for_everything_becomes_attributes_of_the_figure() -> None:
    root = ET.fromstring(fragment("<path d='M0 0'/>"))
    assert (root.get("stroke-linejoin"), root.get("stroke-linecap")) == ("round", "butt")


def test_groups_without_a_purpose_are_dissolved_and_others_kept() -> None:
    assert body("<g><g/><path d='M0 0'/></g><g/><defs/>") == '<path d="M0 0"/>'
    assert body('<g opacity="0.5"><path d="M0 0"/></g>') == '<g opacity="0.5"><path d="M0 0"/></g>'


def test_invisible_backgrounds_are_gone_and_visible_areas_kept() -> None:
    assert body('<path d="M0 0" style="fill: none"/>') == ""
    assert "stroke:red" in body('<path d="M0 0" style="fill: none; stroke: red"/>')


# What is changed


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<path fill="none" stroke="black" d="M0 0"/>', '<path fill="none" stroke="currentColor" d="M0 0"/>'),
        ('<path d="M0 0" style="stroke: #000000"/>', '<path d="M0 0" style="stroke:currentColor"/>'),
        ('<path stroke="#0B3A94" d="M0 0"/>', '<path d="M0 0" style="stroke:var(--cr-1,#0b3a94)"/>'),
        ('<path d="M0 0" style="fill: #c06a00"/>', '<path d="M0 0" style="fill:var(--cr-2,#c06a00)"/>'),
        ('<path fill="#d4e5f6" d="M0 0"/>', '<path fill="#d4e5f6" d="M0 0"/>'),
        ('<text style="font: italic bold 10px \'A B\', c; color: red">x</text>',
         '<text style="font-size:10px;font-style:italic;font-weight:bold;color:red">x</text>'),
        ('<text font-family="Arial" style="font-family: B" font-size="11.00">x</text>', '<text font-size="11">x</text>'),
        ('<text transform="rotate(-0 1 2)">x</text>', "<text>x</text>"),
        ('<text transform="rotate(-90 1.23456 2)">x</text>', '<text transform="rotate(-90 1.235 2)">x</text>'),
        ('<text>a<tspan x="1.26">b</tspan> c</text>', '<text>a<tspan x="1.3">b</tspan> c</text>'),
        ('<path d="M 10.04 20.96 \nL -0.04 1 \nz"/>', '<path d="M10 21l-10-20z"/>'),
        ('<path d="M1.23 2L1.23 2M5 6L5 66"/>', '<path d="M1.2 2h0m3.8 4l0 60"/>'),
        ('<path d="M1 2L1.5 2.5L0.04 3M1 1M2 2"/>', '<path d="M1 2l.5 .5-1.5 .5m1-2m1 1"/>'),
        ('<path d="M0 0C1,1 2,1 3,0.5 4,0 5,0 6,0Q7 1 8 0"/>', '<path d="M0 0c1 1 2 1 3 .5 1-.5 2-.5 3-.5q1 1 2 0"/>'),
        ('<path d="M5 5L6 6ZM1 1L2 2"/>', '<path d="M5 5l1 1Zm-4-4l1 1"/>'),
        ('<path d="M5 5 6 6L7 7"/>', '<path d="M5 5 6 6L7 7"/>'),
        ('<path d="M5 5A6 6 0 0 1 7 7"/>', '<path d="M5 5A6 6 0 0 1 7 7"/>'),
        ('<polygon points="1.26,2 3,4.04"/>', '<polygon points="1.3,2 3,4"/>'),
    ],
)  # fmt: skip
def test_elements(before: str, after: str) -> None:
    assert body(before) == after


def test_the_data_of_an_image_are_left_alone() -> None:
    assert 'href="data:image/png;base64,AAAA"' in body('<image xlink:href="data:image/png;base64,AAAA"/>')


def test_ids_that_are_referred_to_are_renamed_together_with_what_refers_to_them() -> None:
    html = body(
        '<clipPath id="c"><rect width="1" height="2"/></clipPath><path id="m" d="M0 0"/><path id="h" d="M1 1"/>'
        '<use xlink:href="#m"/><path clip-path="url(#c)" d="M0 0" style="fill: url(#h)"/>'
    )
    (clip, mark, hatch), (used, clipped, filled) = re.findall(r' id="([^"]*)"', html), re.findall(r"#([\w-]+)", html)
    assert (mark, clip, hatch) == (used, clipped, filled)
    assert len({clip, mark, hatch}) == 3
    assert 'height="2"' in html


# Marks

MARK = '<defs><path id="m" d="M 0 -1 C 0.5 -1 1 -0.5 1 0 z" style="stroke: #0b3a94"/></defs>'
PIECE = "c.5 0 1 .5 1 1z"


def stamped(style: str, between: str = "") -> list[tuple[str | None, str | None]]:
    """What becomes of two marks in this style: the paths and their styles."""
    uses = [f'<use xlink:href="#m" x="{x}" y="30.25" style="{style}"/>' for x in (10, 20)]
    found = ET.fromstring(fragment(MARK + f"<g>{between.join(uses)}</g>"))
    assert found.find(".//defs") is None, "nothing refers to the mark any more"
    return [(path.get("d"), path.get("style")) for path in found.iter("path")]


def test_equal_marks_are_one_path_with_the_mark_at_every_place() -> None:
    look = "fill:var(--cr-1,#0b3a94);stroke:var(--cr-1,#0b3a94)"
    assert stamped("fill: #0b3a94; stroke: #0b3a94") == [(f"M10 29.2{PIECE}M20 29.2{PIECE}", look)]


@pytest.mark.parametrize(
    "style",
    ["fill: #c06a00", "fill: #0b3a94; opacity: 0.5", "fill: #0b3a94; fill-opacity: 0.5"],
    ids=["edge", "all", "fill"],
)
def test_marks_that_would_look_different_where_they_overlap_stay_apart(style: str) -> None:
    assert [d for d, _ in stamped(style)] == [f"M10 29.2{PIECE}", f"M20 29.2{PIECE}"]


def test_marks_with_something_between_them_stay_in_their_order() -> None:
    assert [d for d, _ in stamped("fill: #0b3a94", '<path d="M5 5L6 6"/>')] == [
        f"M10 29.2{PIECE}",
        "M5 5l1 1",
        f"M20 29.2{PIECE}",
    ]


def test_a_mark_that_cannot_be_moved_stays_where_it_is_referred_to() -> None:
    html = body('<defs><path id="m" d="M0 0A1 1 0 0 0 2 2"/></defs><use xlink:href="#m" x="1" y="2"/>')
    assert html.count("<use ") == html.count("<path ") == 1


def test_the_marks_of_a_figure_are_where_matplotlib_put_them() -> None:
    document = plot()
    line = next(
        path
        for path in ET.fromstring(inline(document, description="a line")).iter("path")
        if "fill:none" not in path.get("style", "") and "c" in path.get("d", "")
    )
    starts = [[float(number) for number in start] for start in re.findall(r"M([\d.]+) ([\d.]+)", line.get("d", ""))]
    places = [
        [float(x), float(y) + 3]
        for x, y in re.findall(r'<use [^>]*x="([\d.]+)" y="([\d.]+)" style="fill: #0b3a94', document)
    ]
    assert len(places) == 2
    assert starts == [[pytest.approx(place, abs=0.051) for place in pair] for pair in places]


# On a page


def test_two_figures_on_a_page_never_share_an_id_even_if_they_are_the_same() -> None:
    page = [inline(plot(), description="one"), inline(plot(), description="one"), inline(plot(), description="two")]
    found = [name for html in page for name in ids(html)]
    assert len(found) == len(set(found))
    for html in page:
        assert references(html) == set(ids(html)), "every id is used and every reference leads somewhere"


def test_the_same_figure_has_the_same_bytes() -> None:
    first, second = (re.sub(r"cr-[0-9a-f]{8}(-\d+)?-", "", inline(plot(), description="same")) for _ in range(2))
    assert first == second


def test_a_figure_of_matplotlib_is_well_formed_light_and_in_the_colours_of_the_page() -> None:
    document = plot()
    html = inline(document, description="a line", title="a < b & c")
    assert ET.fromstring(html).find("title") is not None
    assert "a &lt; b &amp; c</text>" in html
    assert "var(--cr-1,#0b3a94)" in html
    assert "DejaVu" not in html
    assert len(html) < len(document) / 2


# The colours


def contrast(a: str, b: str) -> float:
    """The contrast ratio of WCAG 2."""

    def luminance(colour: str) -> float:
        channels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        return float(linear @ [0.2126, 0.7152, 0.0722])

    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("name", [name for name in PALETTE if name != "cr-soft"])
def test_the_colours_are_seen_on_white(name: str) -> None:
    assert contrast(PALETTE[name], "#ffffff") >= 3


def test_no_two_names_share_a_colour() -> None:
    assert len(set(PALETTE.values())) == len(PALETTE)
