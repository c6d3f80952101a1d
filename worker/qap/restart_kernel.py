"""The first swap that improves, made; then the next, looked for from the beginning."""

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel
from worker.qap.swap_kernel import FIRST, SECOND, WEIGHED, placed_swap_delta, swap


@kernel
def passed_before(a: int, b: int, n: int) -> int:
    """Return how many pairs come before (a, b), pairs of one and the same included."""
    return a * n - a * (a - 1) // 2 + b - a


@kernel
def descend_anew(
    flow: AnyArray,
    flow_t: AnyArray,
    placed: AnyArray,
    placed_t: AnyArray,
    linear: AnyArray,
    p: IntVector,
    state: IntVector,
    is_symmetric: bool,
    margin: float,
    swaps: int,
) -> bool:
    """Weigh so many swaps; return whether the last one's sign is within `margin`.

    The pairs come in lexicographic order, and again from the first after every swap
    that was made. A swap whose sign is in doubt is neither made nor passed.
    """
    n, weighed, is_unsure = p.size, 0, False
    a, b = state[FIRST], state[SECOND]
    while weighed < swaps and a < n - 1 and not is_unsure:
        z = placed_swap_delta(
            flow, flow_t, placed, placed_t, linear, p, a, b, is_symmetric
        )
        weighed += 1
        if z < -margin:
            swap(placed, placed_t, p, a, b, is_symmetric)
            state[WEIGHED] += passed_before(a, b, n) + 1
            a, b = 0, 1
        elif margin > 0 and z <= margin:
            is_unsure = True
        else:
            b += 1
            if b == n:
                a += 1
                b = a + 1
    state[FIRST], state[SECOND] = a, b
    return is_unsure
