"""Two compiled ways to take the same SGD steps on a `ReluNet`, and the errors at many snapshots.

`loop_steps` is Problem 2(d) as it stands: for every point of the minibatch, every unit. `prefix_steps` takes the same
steps from running sums over the pieces of f, in O(B + H) operations instead of O(B H), and keeps what is sorted from
call to call; the page *A step without the inner loop* derives it. Both change the parameters w, b, v, c, packed into
one vector (3H + 1,), in place.
"""

from collections.abc import Callable

import numpy as np
from numba import njit
from numpy.typing import NDArray

from chainrule.relu_net import FloatArray

IntArray = NDArray[np.int64]
# Of a signed index Numba asks whether it counts from the end.
Indices = NDArray[np.uint64]
# The place of each unit, (H,); the units in the order of their places, (H,); the piece of each point, (N,).
Sorted = tuple[IntArray, Indices, Indices]

# A running sum is exact to the last digits of the largest part in it. So where the parts are larger than this many times
# the targets, as when training diverges, `prefix_steps` leaves the rest to `loop_steps`, which adds only what is active.
_FAR = 1e5


@njit(cache=True, nogil=True)
def loop_steps(
    parameters: FloatArray,
    x: FloatArray,
    y: FloatArray,
    learning_rate: float,
    all_layers: bool,
    batches: IntArray,
) -> int:
    """Take one step for each row of `batches`, (steps, B), point by point and unit by unit.

    Stops at the first step that does not stay finite; returns the number of steps before it. This is Problem
    2(d) with W⁽¹⁾ = w (H, 1) and W⁽²⁾ = vᵀ (1, H): x1 = W⁽¹⁾x + b, x2 = max(0, x1), x4 = W⁽²⁾x2 + c - y. The
    loss is the mean of x4², not ½ x4², hence the factor 2 / B.
    """
    width, batch_size = len(parameters) // 3, batches.shape[1]
    w, b, v = parameters[:width], parameters[width : 2 * width], parameters[2 * width : -1]
    gradient, x2 = np.empty_like(parameters), np.empty(width)
    grad_w, grad_b, grad_v = gradient[:width], gradient[width : 2 * width], gradient[2 * width : -1]

    for step in range(len(batches)):
        c, loss, grad_c = parameters[-1], 0.0, 0.0
        gradient[:] = 0.0
        for i in batches[step]:
            x4 = c - y[i]
            for j in range(width):
                x2[j] = max(0.0, w[j] * x[i] + b[j])
                x4 += v[j] * x2[j]
            loss += x4 * x4

            g = 2.0 / batch_size * x4  # the adjoint of x4
            grad_c += g
            for j in range(width):
                grad_v[j] += g * x2[j]
                if all_layers:
                    g_x1 = g * v[j] if x2[j] > 0.0 else 0.0  # the adjoint of x1
                    grad_w[j] += g_x1 * x[i]
                    grad_b[j] += g_x1
        gradient[-1] = grad_c

        # Only now, with every gradient taken at the old parameters, do the parameters change.
        finite = np.isfinite(loss)
        for k in range(len(parameters)):
            parameters[k] -= learning_rate * gradient[k]
            finite = finite and np.isfinite(parameters[k])
        if not finite:
            return step
    return len(batches)


def prefix_steps(
    parameters: FloatArray,
    x: FloatArray,
    y: FloatArray,
    learning_rate: float,
    all_layers: bool,
    by_draw: bool,
) -> Callable[[IntArray], int]:
    """Sort the points and the units, and return what takes the steps of `loop_steps` for `batches`, call after call.

    Each step is one pass over the minibatch and a few over the units. A unit with w ≥ 0 is active on the sorted points p,
    p + 1, …, one with w < 0 on those before p; p is its place. The units are kept in the order of their places. Between
    two neighbours f is a straight line, a piece of f, and what a unit sees is the sum over the pieces before its elbow, or
    over all others. The pass over the minibatch goes draw by draw, or, if that is less, point by point with how often each
    was drawn: counting takes less than a visit. Where running sums would lose digits (see `_FAR`) the rest of the steps
    are those of `loop_steps`.
    """
    order = np.argsort(x)
    xs = x[order]
    ends = np.concatenate([[-np.inf], xs, [np.inf]])
    far = np.max(np.abs(x)), _FAR * np.max(np.abs(y))
    kept = _sorted(parameters, xs, order)

    def take(batches: IntArray) -> int:
        nonlocal kept
        rate, drawn = learning_rate * (2.0 / batches.shape[1]), batches.view(np.uint64)
        taken, near = _prefix_loop(parameters, kept, x, y, order, ends, drawn, rate, far, all_layers, by_draw)
        if near:
            return taken
        if not np.isfinite(parameters).all():
            return taken - 1
        taken += loop_steps(parameters, x, y, learning_rate, all_layers, batches[taken:])
        kept = _sorted(parameters, xs, order)
        return taken

    return take


def _sorted(parameters: FloatArray, xs: FloatArray, order: IntArray) -> Sorted:
    """Find the units' places among the sorted points, sort the units by them, and find the piece of each point."""
    w, b, _ = parameters[:-1].reshape(3, -1)
    place = _places(w, b, xs)
    ranked = np.argsort(place, kind="stable")
    piece = np.empty(len(xs), np.uint64)  # so many units have their place at the point or before it
    piece[order] = np.searchsorted(place[ranked], np.arange(len(xs)), side="right")
    return place, ranked.view(np.uint64), piece


@njit(cache=True, nogil=True)
def _prefix_loop(  # noqa: C901  # one pass after another over the same few arrays; apart, they would be harder to follow
    parameters: FloatArray,
    kept: Sorted,
    x: FloatArray,
    y: FloatArray,
    order: IntArray,
    ends: FloatArray,
    batches: Indices,
    rate: float,
    far: tuple[float, float],
    all_layers: bool,
    by_draw: bool,
) -> tuple[int, bool]:
    """Take the steps, with what is kept sorted, in place: how many were taken, and whether the parts are not too large.

    They are too large, too, where a parameter is not finite after the last step. ends (N + 2,) are the sorted points between
    -∞ and ∞: ends[p] and ends[p + 1] stand on either side of place p. What NumPy does as well is done before, by
    `prefix_steps` and `_sorted`: to compile a sort, or to put an array into another, takes as long as to compile all this.
    """
    place, ranked, piece = kept
    width, n, xs = len(place), len(x), ends[1:-1]
    w, b, v, c = parameters[:width], parameters[width : 2 * width], parameters[2 * width : -1], parameters[-1]
    bend, lift, part = np.empty(width), np.empty(width), np.empty(width)  # of each unit, at its elbow
    slope, height = np.empty(width + 1), np.empty(width + 1)  # of each piece
    sum_g, sum_gx = np.zeros(width + 1), np.zeros(width + 1)  # of g, and of g x, over each piece,
    until_g, until_gx = np.empty(width), np.empty(width)  # and over all pieces before each unit's elbow
    times = np.zeros(n)  # how often each point is in the minibatch
    below, above = np.empty(width), np.empty(width)  # the points on either side of each unit's place
    for j in range(width):
        below[j], above[j] = ends[place[j]], ends[place[j] + 1]
    strayed, movers, one = np.empty(width, np.bool_), np.empty(width, np.uint64), np.uint64(1)
    reach, limit = far

    taken = 0
    while True:
        # By how much slope and height change at a unit's elbow, and how large its part of f may be. What needs no sum and no
        # order is a loop of its own: the compiler takes several units at a time.
        for j in range(width):
            bent, lifted = v[j] * w[j], v[j] * b[j]
            left = w[j] < 0.0  # active from the first point on, until its place
            bend[j] = -bent if left else bent
            lift[j] = -lifted if left else lifted
            part[j] = abs(bent) * reach + abs(lifted)
        piece_slope, piece_height, size = 0.0, c, 0.0
        for j in range(width):
            size += part[j]
            piece_slope -= bend[j] if w[j] < 0.0 else 0.0
            piece_height -= lift[j] if w[j] < 0.0 else 0.0
        slope[0], height[0] = piece_slope, piece_height
        for k in range(width):
            j = ranked[k]
            piece_slope += bend[j]
            piece_height += lift[j]
            slope[k + 1], height[k + 1] = piece_slope, piece_height
        near = size <= limit
        if taken == len(batches) or not near:
            break

        loss = 0.0
        if by_draw:
            for d in range(batches.shape[1]):
                i = batches[taken, d]
                k = piece[i]
                # x4, and its adjoint but for the factor 2 / B
                g = slope[k] * x[i] + height[k] - y[i]
                loss += g * g
                sum_g[k] += g
                sum_gx[k] += g * x[i]
        else:
            for d in range(batches.shape[1]):
                times[batches[taken, d]] += 1.0
            for i in range(n):
                k = piece[i]
                x4 = slope[k] * x[i] + height[k] - y[i]
                g = times[i] * x4
                loss += g * x4
                sum_g[k] += g
                sum_gx[k] += g * x[i]
                times[i] = 0.0
        g_all, gx_all = 0.0, 0.0
        for k in range(width):
            j = ranked[k]
            g_all += sum_g[k]
            gx_all += sum_gx[k]
            until_g[j], until_gx[j] = g_all, gx_all
            sum_g[k], sum_gx[k] = 0.0, 0.0
        g_all += sum_g[width]
        gx_all += sum_gx[width]
        sum_g[width], sum_gx[width] = 0.0, 0.0

        c -= rate * g_all
        if not (np.isfinite(loss) and np.isfinite(c)):
            break
        if all_layers:  # asked once: with the question inside, the compiler would take the units one at a time
            for j in range(width):
                w_j, b_j, v_j = w[j], b[j], v[j]
                right = w_j >= 0.0
                g = g_all - until_g[j] if right else until_g[j]  # over the points after the elbow, or before it
                gx = gx_all - until_gx[j] if right else until_gx[j]
                v[j] = v_j - rate * (w_j * gx + b_j * g)
                w[j] = w_j - rate * (v_j * gx)
                b[j] = b_j - rate * (v_j * g)
        else:
            for j in range(width):
                right = w[j] >= 0.0
                g = g_all - until_g[j] if right else until_g[j]
                gx = gx_all - until_gx[j] if right else until_gx[j]
                v[j] -= rate * (w[j] * gx + b[j] * g)
        taken += 1

        if all_layers:
            for j in range(width):
                right = w[j] >= 0.0
                before, after = w[j] * below[j] + b[j] > 0.0, w[j] * above[j] + b[j] > 0.0
                strayed[j] = (before == right) | (after != right)
            # Several of many units move in most steps, and which ones cannot be foreseen: so they are noted without a branch.
            moving = 0
            for j in range(width):
                movers[moving] = j
                moving += strayed[j]
            for m in range(moving):
                j = movers[m]
                p = place[j]
                # As a rule it moves by one point, and for one there need be no loop.
                if p > 0 and (w[j] * below[j] + b[j] > 0.0) == (w[j] >= 0.0):
                    q = p - 1
                    piece[order[q]] += one
                elif p < n:
                    q = p + 1
                    piece[order[p]] -= one
                else:  # w is 0: at infinity that says nothing
                    q = p
                place[j] = p = _moved(q, w[j], b[j], xs)
                below[j], above[j] = ends[p], ends[p + 1]
                for i in range(p, q):
                    piece[order[i]] += one
                for i in range(q, p):
                    piece[order[i]] -= one
            # By insertion into those before it, as most are where they belong.
            for last in range(1, width if moving else 1):
                k, j = last, ranked[last]
                while k > 0 and place[ranked[k - 1]] > place[j]:
                    ranked[k] = ranked[k - 1]
                    k -= 1
                ranked[k] = j

    parameters[-1] = c
    return taken, near


@njit(cache=True, nogil=True)
def _places(w: FloatArray, b: FloatArray, x: FloatArray) -> IntArray:
    """Find the place of every unit among the sorted points; w b (H,), x (N,) -> (H,)."""
    places = np.empty(len(w), np.int64)
    for j in range(len(w)):
        places[j] = _moved(0, w[j], b[j], x)
    return places


@njit(cache=True, nogil=True, inline="always")
def _moved(p: int, w: float, b: float, x: FloatArray) -> int:
    """Move a unit's place: to the number of points before its elbow, starting from where it was."""
    right = w >= 0.0  # the side on which the unit is active; with w = 0 it is active everywhere, or nowhere
    while p < len(x) and (w * x[p] + b > 0.0) != right:
        p += 1
    while p > 0 and (w * x[p - 1] + b > 0.0) == right:
        p -= 1
    return p


@njit(cache=True, nogil=True)
def squared_errors(snapshots: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Compute the mean of (f(x_i) - y_i)² for each row of parameters; snapshots (S, 3H + 1), x y (N,) -> (S,)."""
    width, means = snapshots.shape[1] // 3, np.empty(len(snapshots))
    for s in range(len(snapshots)):
        residuals = snapshots[s, -1] - y
        for j in range(width):
            w, b, v = snapshots[s, j], snapshots[s, width + j], snapshots[s, 2 * width + j]
            for i in range(len(x)):  # inside, as no sum runs through it: several points at a time
                x1 = w * x[i] + b
                residuals[i] += v * x1 if x1 > 0.0 else 0.0
        total = 0.0
        for residual in residuals:
            total += residual * residual
        means[s] = total / len(x)
    return means
