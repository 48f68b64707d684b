"""Two compiled ways to take the same SGD steps on a `ReluNet`.

`loop_steps` is Problem 2(d) as it stands: for every point of the minibatch, every unit. `prefix_steps` takes the same
steps from prefix sums over the sorted points, in O(N + H) operations instead of O(B H); the page *A step without the
inner loop* derives it. Both change the parameters w, b, v, c, packed into one vector (3H + 1,), in place.
"""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from chainrule.relu_net import FloatArray

IntArray = NDArray[np.int64]

# A running sum is exact to the last digits of the largest part in it. So where the parts are larger than this many times
# the targets, as when training diverges, `prefix_steps` leaves the rest to `loop_steps`, which adds only what is active.
_FAR = 1e5


@njit(cache=True, nogil=True)
def loop_steps(
    parameters: FloatArray,
    x: FloatArray,
    y: FloatArray,
    batches: IntArray,
    learning_rate: float,
    all_layers: bool,
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


@njit(cache=True, nogil=True)
def prefix_steps(  # noqa: C901  # two passes that share their running sums; apart, they would be harder to follow
    parameters: FloatArray,
    x: FloatArray,
    y: FloatArray,
    batches: IntArray,
    learning_rate: float,
    all_layers: bool,
) -> int:
    """Take the steps of `loop_steps`, each in one pass over the sorted points and one over the units.

    A unit with w ≥ 0 is active on the points p, p + 1, …, one with w < 0 on those before p, where p = place[j]. So
    the line that f follows changes at the places only, and what a unit sees is a difference of two running sums.
    Where these would lose digits (see `_FAR`) the rest of the steps are those of `loop_steps`.
    """
    width, n, batch_size = len(parameters) // 3, len(x), batches.shape[1]
    w, b, v = parameters[:width], parameters[width : 2 * width], parameters[2 * width : -1]
    order = np.argsort(x)
    xs, ys = x[order], y[order]
    rank = np.empty_like(order)  # where each point is in that order
    rank[order] = np.arange(n)
    place = np.zeros(width, np.int64)
    for j in range(width):
        place[j] = _moved(place[j], w[j], b[j], xs)
    reach, limit = np.max(np.abs(x)), _FAR * np.max(np.abs(y))
    times = np.zeros(n)  # how often each point is in the minibatch
    bend, lift = np.zeros(n + 1), np.zeros(n + 1)  # by how much the line's slope and height change before each point
    sum_g, sum_gx = np.zeros(n + 1), np.zeros(n + 1)  # of g, and of g x, over the points before each

    for step in range(len(batches)):
        for i in batches[step]:
            times[rank[i]] += 1.0
        slope, height, size = 0.0, parameters[-1], 0.0
        for j in range(width):
            p, bent, lifted = place[j], v[j] * w[j], v[j] * b[j]
            size += abs(bent) * reach + abs(lifted)
            if w[j] < 0.0:  # active from the first point on, until its place
                slope += bent
                height += lifted
                bent, lifted = -bent, -lifted
            bend[p] += bent
            lift[p] += lifted

        if not size <= limit:
            return step + loop_steps(parameters, x, y, batches[step:], learning_rate, all_layers)
        loss, g_all, gx_all = 0.0, 0.0, 0.0
        for i in range(n):
            slope += bend[i]
            height += lift[i]
            x4 = slope * xs[i] + height - ys[i]
            g = times[i] * x4  # the adjoint of x4, but for the factor 2 / B
            loss += g * x4
            g_all += g
            gx_all += g * xs[i]
            sum_g[i + 1], sum_gx[i + 1] = g_all, gx_all
            times[i] = bend[i] = lift[i] = 0.0
        bend[n] = lift[n] = 0.0

        rate = learning_rate * (2.0 / batch_size)
        parameters[-1] -= rate * g_all
        finite = np.isfinite(loss) and np.isfinite(parameters[-1])
        for j in range(width):
            w_j, b_j, v_j = w[j], b[j], v[j]
            g_j, gx_j = sum_g[place[j]], sum_gx[place[j]]  # the sums over the points before the elbow,
            if w_j >= 0.0:
                g_j, gx_j = g_all - g_j, gx_all - gx_j  # and over those after it
            v[j] = v_j - rate * (w_j * gx_j + b_j * g_j)
            if all_layers:
                w[j] = w_j - rate * (v_j * gx_j)
                b[j] = b_j - rate * (v_j * g_j)
                place[j] = _moved(place[j], w[j], b[j], xs)
            finite = finite and np.isfinite(w[j]) and np.isfinite(b[j]) and np.isfinite(v[j])
        if not finite:
            return step
    return len(batches)


@njit(cache=True, nogil=True, inline="always")
def _moved(p: int, w: float, b: float, x: FloatArray) -> int:
    """Move a unit's place: to the number of points before its elbow, starting from where it was."""
    right = w >= 0.0  # the side on which the unit is active; with w = 0 it is active everywhere, or nowhere
    while p < len(x) and (w * x[p] + b > 0.0) != right:
        p += 1
    while p > 0 and (w * x[p - 1] + b > 0.0) == right:
        p -= 1
    return p
