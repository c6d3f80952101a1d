"""The path of swaps between two permutations, walked from both ends."""

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel


@kernel
def looked_up_delta(
    flow: AnyArray,
    distance: AnyArray,
    linear: AnyArray,
    p: IntVector,
    r: int,
    s: int,
    is_symmetric: bool,
) -> float:
    """Return the delta of swapping `r` and `s`, looking distances up through `p`.

    For permutations that are visited once, where placing a matrix would not pay.
    """
    n, here, there = p.size, p[r], p[s]
    flow_r, flow_s = flow[r], flow[s]
    from_r, from_s = distance[here], distance[there]
    z = 0.0
    for k in range(n):
        z += (flow_r[k] - flow_s[k]) * (from_s[p[k]] - from_r[p[k]])
    if is_symmetric:
        z += 2 * flow_r[s] * from_r[there]
    else:
        for k in range(n):
            away = distance[p[k], there] - distance[p[k], here]
            z += (flow[k, r] - flow[k, s]) * away
        z += (flow_r[s] + flow_s[r]) * (from_r[there] + from_s[here])
    if linear.size > 0:
        z += linear[r, there] - linear[r, here]
        z += linear[s, here] - linear[s, there]
    return z


@kernel
def swap_path(
    flow: AnyArray,
    distance: AnyArray,
    linear: AnyArray,
    a: IntVector,
    b: IntVector,
    ahead: float,
    order: IntVector,
    is_symmetric: bool,
    swaps: int,
) -> float:
    """Bring `a` and `b` together by so many swaps; return how much `a` is ahead.

    `ahead` says that at first. Facilities are visited in `order`; where the two
    differ, the one that ends lower is swapped until it agrees with the other.
    """
    n = a.size
    in_a, in_b = np.empty(n, np.int64), np.empty(n, np.int64)
    for i in range(n):
        in_a[a[i]], in_b[b[i]] = i, i
    value_a, value_b, left = 0.0, ahead, swaps
    for i in order:
        if left == 0:
            break
        if a[i] == b[i]:
            continue
        left -= 1
        j, k = in_a[b[i]], in_b[a[i]]
        # float() because float32 does not hold every sum.
        next_a = value_a + float(
            looked_up_delta(flow, distance, linear, a, i, j, is_symmetric)
        )
        next_b = value_b + float(
            looked_up_delta(flow, distance, linear, b, i, k, is_symmetric)
        )
        if next_a <= next_b:
            value_a = next_a
            a[i], a[j] = a[j], a[i]
            in_a[a[i]], in_a[a[j]] = i, j
        else:
            value_b = next_b
            b[i], b[k] = b[k], b[i]
            in_b[b[i]], in_b[b[k]] = i, k
    return value_b - value_a
