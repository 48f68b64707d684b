"""The key frames of a training run, and the data that a page's player gets."""

import json
import re
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from chainrule import Data, History, ReluNet, make_data, play, train
from chainrule.player import BOTTOM, LEFT, RIGHT, TOP, _key_frames, _short

DATA = make_data(np.random.default_rng(0), n=50)


def run(steps: int = 5000, test: bool = True, width: int = 4) -> History:
    net = ReluNet.random(width, np.random.default_rng(1))
    tests: dict[str, Any] = {"x_test": DATA.x_test, "y_test": DATA.y_test} if test else {}
    return train(
        net, DATA.x, DATA.y, learning_rate=0.02, steps=steps, batch_size=10, rng=np.random.default_rng(2), **tests
    )


def parts(history: History, **options: Any) -> tuple[ET.Element, list[ET.Element], dict[str, Any]]:
    """The player's box, its key frames and its data."""
    box = ET.fromstring(play(history, DATA, description="How it learns", **options)._repr_html_())
    frames, script = box
    assert script.get("type") == "application/json"
    return box, list(frames), json.loads(script.text or "")


# The key frames


def test_key_frames_lie_at_equal_ratios_from_the_first_snapshot_to_the_last() -> None:
    steps = np.array([1, *range(1000, 151_000, 1000)])
    assert [int(steps[k]) for k in _key_frames(steps, 6)] == [1, 1000, 4000, 12_000, 43_000, 150_000]
    assert [int(steps[k]) for k in _key_frames(steps, 2)] == [1, 150_000]


@pytest.mark.parametrize("steps", [[1], [1, 2], [5, 7, 9]])
def test_a_short_history_has_fewer_key_frames_and_each_once(steps: list[int]) -> None:
    frames = _key_frames(np.array(steps), 6)
    assert frames == list(range(len(steps)))


def test_every_frame_says_what_it_shows() -> None:
    history = run()
    box, frames, _ = parts(history)
    assert (box.get("class"), box.get("role"), box.get("aria-label")) == ("cr-player", "group", "How it learns")
    assert all((frame.get("class"), frame.get("role")) == ("cr-figure", "img") for frame in frames)
    assert frames[0].get("aria-label") == f"After 1 step: training error {history.train_error[0]:.2g}"
    assert frames[-1].get("aria-label") == f"After 5,000 steps: training error {history.train_error[-1]:.2g}"
    texts = [text.text for text in frames[0].iter("text")]
    assert texts == ["1 step", f"error {history.train_error[0]:.2g}", "2.5", "−2.5", "0", "1"]


def test_a_frame_draws_the_network_of_its_snapshot() -> None:
    history = run()
    _, frames, _ = parts(history, ylim=(-2, 2))
    net = history[-1]
    drawing = frames[-1].find("svg")
    assert drawing is not None
    curve = next(path.get("d", "") for path in drawing if "--cr-1" in path.get("style", ""))
    x, y = np.array(re.findall(r"-?[\d.]+", curve), float).reshape(-1, 2).T
    np.testing.assert_allclose(net(x / (RIGHT - LEFT)), 2 - 4 * y / (BOTTOM - TOP), atol=0.02)  # rounded to 0.1 px
    inside = (net.elbows > 0) & (net.elbows < 1)
    assert len(x) == inside.sum() + 2
    elbows = next(path.get("d", "") for path in drawing if "--cr-2" in path.get("style", ""))
    assert elbows.count("z") == inside.sum()
    dots = next(path.get("d", "") for path in drawing if "--cr-line" in path.get("style", ""))
    assert dots.count("h0") == 50


def test_the_true_function_is_drawn_through_its_bends_alone() -> None:
    _, frames, _ = parts(run())
    truth = next(path.get("d", "") for path in frames[0].iter("path") if "--cr-3" in path.get("style", ""))
    assert len(re.findall("[ML]", truth)) == 11  # the knots at 0, 0.1, … 1


# The data


def test_the_data_are_the_history_to_four_digits() -> None:
    history = run()
    *_, values = parts(history)
    assert values["steps"] == [int(step) for step in history.steps]
    for name in ("w", "b", "v", "c", "train_error", "test_error"):
        np.testing.assert_allclose(values[name], getattr(history, name), rtol=5.1e-4)
    np.testing.assert_allclose(values["x"], DATA.x, rtol=5.1e-4)
    np.testing.assert_allclose(values["y"], DATA.y, rtol=5.1e-4)
    np.testing.assert_allclose(values["truth"], DATA.truth(np.linspace(0, 1, 201)), rtol=5.1e-4)
    assert (values["xlim"], values["ylim"]) == ([0, 1], [-2.5, 2.5])
    assert list(values) == [
        "steps", "w", "b", "v", "c", "train_error", "test_error", "x", "y", "truth", "xlim", "ylim"
    ]  # fmt: skip


def test_a_missing_test_error_is_null() -> None:
    *_, values = parts(run(test=False))
    assert values["test_error"] is None


def test_numbers_are_short() -> None:
    assert json.dumps(_short(np.array([1.0, 0.123456, -2.5e-7, 150_000]))) == "[1, 0.1235, -2.5e-07, 150000]"
    assert _short(np.array([[1.5, 2.0]])) == [[1.5, 2]]


def test_a_run_at_full_length_is_light() -> None:
    html = play(run(steps=150_000, width=10), make_data(np.random.default_rng(0)), description="x")._repr_html_()
    frames, script = html.split("<script")
    assert len(frames) < 6 * 6000
    assert len(script) < 47_000


# On a page


def test_it_holds_no_ids_and_its_texts_are_escaped() -> None:
    html = play(run(), DATA, description='<b> & "q"')._repr_html_()
    assert " id=" not in html
    assert 'aria-label="&lt;b&gt; &amp; &quot;q&quot;"' in html


def test_the_same_run_has_the_same_bytes_and_who_reads_text_gets_the_description() -> None:
    first, second = (play(run(), DATA, description="Text") for _ in range(2))
    assert first._repr_html_() == second._repr_html_()
    assert repr(first) == "Text"


def test_a_function_without_straight_pieces_is_drawn_too() -> None:
    curved = Data(DATA.x, DATA.y, DATA.x_test, DATA.y_test, lambda x: np.sin(20 * x))
    html = play(run(steps=1), curved, description="x")._repr_html_()
    truth = next(path for path in re.findall("<path[^>]*>", html) if "--cr-3" in path)
    assert len(re.findall("[ML]", truth)) == 201
