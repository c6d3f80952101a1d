"""Single swaps, each weighed in linear time: what walks over them is made of.

``placed[i, j]`` is the distance between the locations of facilities i and j. Kept up to
date it spares every look through the permutation, so that to weigh a swap is to read
four rows from end to end. Asymmetric instances need the transposes as well, for the
columns; the arguments of that name are not looked at in symmetric ones.
"""

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel, summing_kernel
from worker.qap.random_kernel import draw

# Where the numbers in the state of a descent or an annealing stand,
FIRST, SECOND, BARREN, WEIGHED = 0, 1, 2, 3
CURRENT, BEST, TEMPERATURE, COOLING, BEST_TEMPERATURE = 0, 1, 2, 3, 4
# and those in the state of a relinking.
CANDIDATE, CHOSEN, LEFT = 0, 1, 2
LEAST, TOTAL, LOWEST = 0, 1, 2
_HOPELESS = 40.0  # exp(-40) is below one in 2**53, the grain of a draw


@kernel
def place(
    distance: AnyArray,
    p: IntVector,
    placed: AnyArray,
    placed_t: AnyArray,
    is_symmetric: bool,
) -> None:
    """Fill `placed` and, in an asymmetric instance, its transpose."""
    n = p.size
    for i in range(n):
        row, there = placed[i], distance[p[i]]
        for j in range(n):
            row[j] = there[p[j]]
    if not is_symmetric:
        for i in range(n):
            for j in range(n):
                placed_t[j, i] = placed[i, j]


@summing_kernel
def placed_swap_delta(
    flow: AnyArray,
    flow_t: AnyArray,
    placed: AnyArray,
    placed_t: AnyArray,
    linear: AnyArray,
    p: IntVector,
    r: int,
    s: int,
    is_symmetric: bool,
) -> float:
    """Return the delta of swapping `r` and `s`, in units of a `Neighbourhood`."""
    flow_r, flow_s, placed_r, placed_s = flow[r], flow[s], placed[r], placed[s]
    z = flow_r[r]  # zero, of the element type
    for k in range(flow_r.size):
        z += (flow_r[k] - flow_s[k]) * (placed_s[k] - placed_r[k])
    if is_symmetric:
        z += (flow_r[s] + flow_r[s]) * placed_r[s]
    else:
        into_r, into_s = flow_t[r], flow_t[s]
        placed_into_r, placed_into_s = placed_t[r], placed_t[s]
        for k in range(into_r.size):
            z += (into_r[k] - into_s[k]) * (placed_into_s[k] - placed_into_r[k])
        z += (flow_r[s] + flow_s[r]) * (placed_r[s] + placed_s[r])
    if linear.size > 0:
        z += linear[r, p[s]] - linear[r, p[r]]
        z += linear[s, p[r]] - linear[s, p[s]]
    return z


@kernel
def _exchange(placed: AnyArray, r: int, s: int) -> None:
    row_r, row_s = placed[r], placed[s]
    for k in range(row_r.size):
        row_r[k], row_s[k] = row_s[k], row_r[k]
    for k in range(row_r.size):
        row = placed[k]
        row[r], row[s] = row[s], row[r]


@kernel
def swap(
    placed: AnyArray,
    placed_t: AnyArray,
    p: IntVector,
    r: int,
    s: int,
    is_symmetric: bool,
) -> None:
    """Swap `r` and `s`."""
    p[r], p[s] = p[s], p[r]
    _exchange(placed, r, s)
    if not is_symmetric:
        _exchange(placed_t, r, s)


@kernel
def _next_pair(a: int, b: int, n: int) -> tuple[int, int]:
    # In circular order.
    b += 1
    if b == n:
        a += 1
        if a == n - 1:
            a = 0
        b = a + 1
    return a, b


@kernel
def descend(
    flow: AnyArray,
    flow_t: AnyArray,
    placed: AnyArray,
    placed_t: AnyArray,
    linear: AnyArray,
    kinds: IntVector,
    p: IntVector,
    order: IntVector,
    state: IntVector,
    is_symmetric: bool,
    tolerance: float,
    swaps: int,
) -> float:
    """Weigh so many swaps, making each that improves; return the sum of deltas."""
    n, total, weighed = p.size, 0.0, 0
    a, b, barren = state[FIRST], state[SECOND], state[BARREN]
    every = n * (n - 1) // 2
    while weighed < swaps and barren < every:
        r, s = order[a], order[b]
        weighed += 1
        barren += 1
        if kinds[r] != kinds[s]:
            z = placed_swap_delta(
                flow, flow_t, placed, placed_t, linear, p, r, s, is_symmetric
            )
            if z < -tolerance:
                swap(placed, placed_t, p, r, s, is_symmetric)
                total += z
                barren = 0
        a, b = _next_pair(a, b, n)
    state[FIRST], state[SECOND], state[BARREN] = a, b, barren
    state[WEIGHED] += weighed
    return total


@kernel
def sample(
    flow: AnyArray,
    flow_t: AnyArray,
    placed: AnyArray,
    placed_t: AnyArray,
    linear: AnyArray,
    kinds: IntVector,
    p: IntVector,
    extremes: AnyArray,
    random: AnyArray,
    is_symmetric: bool,
    tolerance: float,
    swaps: int,
) -> None:
    """Make so many random swaps; note the least and the largest delta's size."""
    n = p.size
    for _ in range(swaps):
        r = int(draw(random) * n)
        s = int(draw(random) * (n - 1))
        if s >= r:
            s += 1
        if kinds[r] != kinds[s]:
            z = abs(
                placed_swap_delta(
                    flow, flow_t, placed, placed_t, linear, p, r, s, is_symmetric
                )
            )
            swap(placed, placed_t, p, r, s, is_symmetric)
            if z > tolerance:
                extremes[0] = min(extremes[0], z)
                extremes[1] = max(extremes[1], z)


@kernel
def anneal(
    flow: AnyArray,
    flow_t: AnyArray,
    placed: AnyArray,
    placed_t: AnyArray,
    linear: AnyArray,
    kinds: IntVector,
    p: IntVector,
    order: IntVector,
    best: IntVector,
    state: IntVector,
    values: AnyArray,
    random: AnyArray,
    is_symmetric: bool,
    tolerance: float,
    swaps: int,
) -> None:
    """Weigh so many swaps, each at a temperature a little lower than the last."""
    n = p.size
    a, b, barren = state[FIRST], state[SECOND], state[BARREN]
    current, temperature = values[CURRENT], values[TEMPERATURE]
    every = n * (n - 1) // 2
    for _ in range(swaps):
        r, s = order[a], order[b]
        barren += 1
        temperature /= 1.0 + values[COOLING] * temperature
        if kinds[r] != kinds[s]:
            z = np.float64(
                placed_swap_delta(
                    flow, flow_t, placed, placed_t, linear, p, r, s, is_symmetric
                )
            )
            if (
                z <= 0
                or barren > every
                or (
                    z < _HOPELESS * temperature
                    and draw(random) < np.exp(-z / temperature)
                )
            ):
                swap(placed, placed_t, p, r, s, is_symmetric)
                current += z
                barren = 0
                if current < values[BEST] - tolerance:
                    values[BEST] = current
                    values[BEST_TEMPERATURE] = temperature
                    best[:] = p
        if barren == every:
            # Frozen: go on, for the rest, where the best was found.
            values[COOLING] = 0.0
            temperature = values[BEST_TEMPERATURE]
        a, b = _next_pair(a, b, n)
    state[FIRST], state[SECOND], state[BARREN] = a, b, barren
    state[WEIGHED] += swaps
    values[CURRENT], values[TEMPERATURE] = current, temperature


@kernel
def relink(
    flow: AnyArray,
    flow_t: AnyArray,
    placed: AnyArray,
    placed_t: AnyArray,
    linear: AnyArray,
    p: IntVector,
    located: IntVector,
    guide: IntVector,
    lowest: IntVector,
    state: IntVector,
    values: AnyArray,
    is_symmetric: bool,
    swaps: int,
) -> None:
    """Weigh so many swaps that bring a facility to its place in `guide`.

    After each round of them the best is made, until `p` is `guide`.
    """
    n, weighed = p.size, 0
    while weighed < swaps and state[LEFT] > 0:
        r = state[CANDIDATE]
        if r < n:
            state[CANDIDATE] += 1
            if p[r] != guide[r]:
                s = located[guide[r]]
                z = placed_swap_delta(
                    flow, flow_t, placed, placed_t, linear, p, r, s, is_symmetric
                )
                weighed += 1
                if z < values[LEAST]:
                    values[LEAST], state[CHOSEN] = z, r
            continue
        r = state[CHOSEN]
        s = located[guide[r]]
        swap(placed, placed_t, p, r, s, is_symmetric)
        located[p[r]], located[p[s]] = r, s
        state[LEFT] -= 2 if p[s] == guide[s] else 1
        values[TOTAL] += values[LEAST]
        if state[LEFT] > 0 and values[TOTAL] < values[LOWEST]:
            values[LOWEST] = values[TOTAL]
            lowest[:] = p
        values[LEAST], state[CANDIDATE] = np.inf, 0
    state[WEIGHED] += weighed
