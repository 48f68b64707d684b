"""The indices of minibatches are NumPy's own, whatever the generator has done before."""

from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chainrule import Xoshiro128, _draws
from chainrule._draws import _upper_halves, draw_indices


class Counting(np.random.Generator):
    """A generator of the reader's own."""

    def integers(self, low: Any, *args: Any, **keywords: Any) -> Any:
        return np.arange(np.prod(keywords["size"])).reshape(keywords["size"]) % low


@given(
    seed=st.integers(0, 2**64 - 1),
    n=st.one_of(st.integers(1, 300), st.integers(1, 2**40)),
    shape=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    before=st.integers(0, 2),
)
@example(seed=0, n=3 * 2**30, shape=(8, 8), before=0)  # a fourth of all draws is made again
@example(seed=0, n=2**32, shape=(1, 2), before=0)
@example(seed=0, n=2**32 + 1, shape=(1, 2), before=0)
@example(seed=0, n=200, shape=(1, 2), before=1)  # half of 64 bits is kept
def test_they_are_numpys(seed: int, n: int, shape: tuple[int, int], before: int) -> None:
    ours, theirs = np.random.default_rng(seed), np.random.default_rng(seed)
    for rng in (ours, theirs):
        rng.integers(7, size=before)
    for _ in range(2):
        drawn = draw_indices(ours, n, shape)
        np.testing.assert_array_equal(drawn, theirs.integers(n, size=shape))
        assert drawn.dtype == np.int64
        assert drawn.shape == shape
    states: list[Any] = [rng.bit_generator.state for rng in (ours, theirs)]
    for state in states:
        state["uinteger"] *= state["has_uint32"]  # what is kept of a draw, if something is
    assert states[0] == states[1]


@pytest.mark.parametrize("source", [np.random.MT19937, np.random.SFC64, np.random.Philox])
def test_another_generator_draws_for_itself(source: Any) -> None:
    ours, theirs = (np.random.Generator(source(3)) for _ in range(2))
    np.testing.assert_array_equal(draw_indices(ours, 50, (4, 6)), theirs.integers(50, size=(4, 6)))
    assert draw_indices(Counting(np.random.PCG64(1)), 5, (2, 3)).tolist() == [[0, 1, 2], [3, 4, 0]]
    np.testing.assert_array_equal(draw_indices(Xoshiro128(1), 50, (4, 6)), Xoshiro128(1).integers(50, size=(4, 6)))


def test_what_is_fair_need_not_be_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    monkeypatch.setattr(_draws, "_upper_halves", lambda raw, n, least, indices: indices.fill(7) or True)
    assert draw_indices(rng, 200, (1, 2)).tolist() == [[7, 7]]


@pytest.mark.parametrize("function", [_upper_halves, _upper_halves.py_func], ids=["compiled", "plain"])
@pytest.mark.parametrize(
    ("low", "high", "least", "fair"),
    [
        (0, 0, 0, True),
        (0, 1, 3, False),
        (1, 0, 3, False),
        (1, 1, 3, True),
        (1, 1, 4, False),
        (2**32 - 1, 2**31, 0, True),
    ],
)
def test_a_half_is_fair_from_the_least_on(function: Any, low: int, high: int, least: int, fair: bool) -> None:
    raw, indices = np.array([low + 2**32 * high], np.uint64), np.empty(2, np.int64)
    assert function(raw, np.uint64(3), np.uint64(least), indices) == fair
    assert indices.tolist() == [3 * low // 2**32, 3 * high // 2**32]
