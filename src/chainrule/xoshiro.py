"""Random numbers that Python and a browser draw alike, to the last bit: those of the book's lab.

`Xoshiro128` goes wherever the package takes a NumPy Generator. It is xoshiro128** of Blackman and Vigna (2021), *Scrambled
linear pseudorandom number generators*, https://prng.di.unimi.it/xoshiro128starstar.c, with a state of four 32-bit words.
What is made of its outputs is made with + - × / √ alone, which every machine rounds alike; a logarithm is not.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from chainrule._checks import _checked_count, _checked_number

_MASK = 0xFFFFFFFF


class Xoshiro128:
    """A generator with the methods of NumPy's that the package uses; stream k of a seed is independent of the others.

    Stream k starts from the outputs 2k and 2k + 1 of SplitMix64 (https://prng.di.unimi.it/splitmix64.c) for the seed,
    the low word of each first.

    Parameters
    ----------
    seed : int
        At least 0, below 2**64.
    stream : int
        At least 0, below 2**64.

    Raises
    ------
    TypeError, ValueError
        If `seed` or `stream` is no such number; from a method, if `n`, `size`, `low` or `high` is none.

    Examples
    --------
    >>> Xoshiro128(1).integers(200, size=5)
    array([78, 66, 29, 49, 33])
    >>> Xoshiro128(1, stream=2).integers(200, size=5)
    array([192,  91,  26, 134,  71])
    """

    def __init__(self, seed: int, stream: int = 0) -> None:
        seed = _checked_count("seed", seed, at_least=0, at_most=2**64 - 1)
        stream = _checked_count("stream", stream, at_least=0, at_most=2**64 - 1)
        first, second = (_splitmix64(seed, 2 * stream + i) for i in range(2))
        self.state = first & _MASK, first >> 32, second & _MASK, second >> 32

    def u32(self, size: int | tuple[int, ...]) -> NDArray[np.int64]:
        """Draw the outputs themselves, whole numbers from 0 to 2**32 - 1."""
        out = np.empty(_checked_size(size), np.int64)
        self.state = _fill_u32(self.state, out.reshape(-1))
        return out

    def random(self, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Draw uniformly from [0, 1): multiples of 2**-53, of 27 bits of one output, then 26 of the next."""
        out = np.empty(_checked_size(size))
        self.state = _fill_random(self.state, out.reshape(-1))
        return out

    def uniform(self, low: float = 0.0, high: float = 1.0, *, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Draw uniformly from [low, high)."""
        low, high = _checked_number("low", low), _checked_number("high", high)
        if not 0 <= high - low < math.inf:
            raise ValueError(f"high must be at least low, and not too far from it; got low {low}, high {high}")
        return low + (high - low) * self.random(size)

    def integers(self, n: int, *, size: int | tuple[int, ...]) -> NDArray[np.int64]:
        """Draw from 0 to n - 1, n at most 2**21, every number as likely as any other.

        It is the high word of `output · n`, drawn again where the low word is below 2**32 mod n: Lemire (2019), *Fast
        random integer generation in an interval*, https://doi.org/10.1145/3230636.
        """
        n = _checked_count("n", n, at_most=2**21)  # beyond that, the product is not exact in a browser
        out = np.empty(_checked_size(size), np.int64)
        self.state = _fill_integers(self.state, out.reshape(-1), n)
        return out

    def standard_normal(self, size: int | tuple[int, ...]) -> NDArray[np.float64]:
        """Draw by Box and Muller's method in Marsaglia's polar form: of the two values that it makes, the first."""
        out = np.empty(_checked_size(size))
        self.state = _fill_normal(self.state, out.reshape(-1))
        return out


def _checked_size(size: object) -> tuple[int, ...]:
    """Convert a length, or a tuple of them, to a tuple."""
    lengths = size if isinstance(size, tuple) else (size,)
    shape = tuple(_checked_count("size", length, at_least=0) for length in lengths)
    _checked_count("size", math.prod(shape), at_least=0)
    return shape


def _splitmix64(seed: int, i: int) -> int:
    """Output i = 0, 1, … of SplitMix64."""
    z = (seed + (i + 1) * 0x9E3779B97F4A7C15) % 2**64
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
    return z ^ (z >> 31)


# Words are kept in int64: Numba makes a float of the sum of a uint64 and a number. The state is a tuple, which the
# compiled loops keep in registers; each returns the state that it leaves.
Words = tuple[int, int, int, int]


@njit(cache=True, nogil=True, inline="always")
def _next(state: Words) -> tuple[int, Words]:
    """Make the next output and the next state."""
    a, b, c, d = state
    r = b * 5 & _MASK
    output = (r << 7 | r >> 25) * 9 & _MASK
    c, d = c ^ a, d ^ b
    e = d ^ a
    return output, (e, b ^ c, c ^ (b << 9 & _MASK), (d << 11 | d >> 21) & _MASK)


@njit(cache=True, nogil=True, inline="always")
def _next_random(state: Words) -> tuple[float, Words]:
    """Make a number in [0, 1) of two outputs."""
    high, state = _next(state)
    low, state = _next(state)
    return ((high >> 5) * 2**26 + (low >> 6)) / 2**53, state


@njit(cache=True, nogil=True)
def _fill_u32(state: Words, out: NDArray[np.int64]) -> Words:
    for i in range(len(out)):
        out[i], state = _next(state)
    return state


@njit(cache=True, nogil=True)
def _fill_random(state: Words, out: NDArray[np.float64]) -> Words:
    for i in range(len(out)):
        out[i], state = _next_random(state)
    return state


@njit(cache=True, nogil=True)
def _fill_integers(state: Words, out: NDArray[np.int64], n: int) -> Words:
    refused = 2**32 % n
    for i in range(len(out)):
        low = -1
        while low < refused:
            output, state = _next(state)
            low = output * n & _MASK
        out[i] = output * n >> 32
    return state


@njit(cache=True, nogil=True)
def _log(x: float) -> float:
    """Natural logarithm of 0 < x < 1: `k log 2 + 2 artanh((m - 1) / (m + 1))` with `x = 2^k m`, 3/4 ≤ m < 3/2."""
    k, m = 0, x
    while m < 0.75:
        k, m = k - 1, 2.0 * m
    s = (m - 1.0) / (m + 1.0)  # |s| ≤ 1/5
    total = 0.0
    for n in range(25, 0, -2):
        total = total * (s * s) + 1.0 / n
    return k * math.log(2.0) + 2.0 * s * total


@njit(cache=True, nogil=True)
def _fill_normal(state: Words, out: NDArray[np.float64]) -> Words:
    for i in range(len(out)):
        s = 0.0
        while not 0.0 < s < 1.0:
            u, state = _next_random(state)
            v, state = _next_random(state)
            u, v = 2.0 * u - 1.0, 2.0 * v - 1.0
            s = u * u + v * v
        out[i] = u * math.sqrt(-2.0 * _log(s) / s)
    return state
