"""Breakout local search, as a kernel."""

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel
from worker.qap.random_kernel import draw
from worker.qap.walk_kernel import (
    BEST,
    CURRENT,
    NEVER,
    best_allowed,
    delta_of,
    keep,
    oldest,
    rest,
    swap,
    take_if_better,
    tick,
    weigh,
)

# How a breakout stands: perturbing swaps left and of what kind, how many at the next
# local optimum, local optima without a new incumbent; and the objectives of the last
# local optimum and of the incumbent then.
LEFT, KIND, JUMP, FRUITLESS = 0, 1, 2, 3
DIRECTED, OLD, RANDOM = 0, 1, 2


@kernel
def _break_out(
    stand: IntVector,
    seen: AnyArray,
    values: AnyArray,
    random: AnyArray,
    n: int,
    tolerance: float,
    least_jump: int,
    patience: int,
    least_share: float,
    old_share: float,
) -> None:
    # At a local optimum: decide how, and how far, to leave it.
    stand[FRUITLESS] = 0 if values[BEST] < seen[1] else stand[FRUITLESS] + 1
    is_back = abs(values[CURRENT] - seen[0]) <= tolerance
    stand[JUMP] = min(n, stand[JUMP] + 1) if is_back else least_jump
    seen[0], seen[1] = values[CURRENT], values[BEST]
    if stand[FRUITLESS] > patience:
        stand[FRUITLESS], stand[LEFT], stand[KIND] = 0, n, RANDOM
        return
    stand[LEFT] = stand[JUMP]
    share = max(np.exp(-stand[FRUITLESS] / patience), least_share)
    if draw(random) < share:
        stand[KIND] = DIRECTED
    else:
        stand[KIND] = OLD if draw(random) < old_share else RANDOM


@kernel
def run_breakout(
    flow: AnyArray,
    distance: AnyArray,
    linear: AnyArray,
    kinds: IntVector,
    product: AnyArray,
    deltas: AnyArray,
    free: AnyArray,
    taboo: AnyArray,
    taboo_at: AnyArray,
    p: IntVector,
    located: IntVector,
    best: IntVector,
    placed: AnyArray,
    columns: AnyArray,
    lines: AnyArray,
    least: AnyArray,
    fresh: AnyArray,
    fresh_free: AnyArray,
    threshold: AnyArray,
    counters: IntVector,
    values: AnyArray,
    random: AnyArray,
    trace: IntVector,
    trace_values: AnyArray,
    is_symmetric: bool,
    scale: int,
    tolerance: float,
    stand: IntVector,
    seen: AnyArray,
    least_jump: int,
    patience: int,
    least_share: float,
    old_share: float,
    iterations: int,
) -> None:
    """Do so many iterations of breakout local search; what is no input changes."""
    n = p.size
    for _ in range(iterations):
        now = tick(counters, values, threshold, scale, tolerance)
        descends = stand[LEFT] == 0
        until = NEVER - 1 if descends else now
        weigh(deltas, free, lines, least, threshold, until, is_symmetric)
        shift = int(draw(random) * n)
        u, v = best_allowed(deltas, free, least, threshold, until, n, shift)
        if not descends:
            stand[LEFT] -= 1
            if stand[KIND] == OLD:
                _, u, location = oldest(taboo, kinds, p, located, now)
                v = located[location]
            elif stand[KIND] == RANDOM or u < 0:
                u = int(draw(random) * n)
                v = (u + 1 + int(draw(random) * (n - 1))) % n
        elif u < 0 or not delta_of(deltas, u, v, n) < -tolerance:
            _break_out(
                stand,
                seen,
                values,
                random,
                n,
                tolerance,
                least_jump,
                patience,
                least_share,
                old_share,
            )
            u = -1
        if u < 0:
            rest(lines)
            continue
        values[CURRENT] += scale * delta_of(deltas, u, v, n)
        keep(taboo, taboo_at, p, u, now + 1 + int((0.9 + 0.2 * draw(random)) * n))
        keep(taboo, taboo_at, p, v, now + 1 + int((0.9 + 0.2 * draw(random)) * n))
        swap(
            flow,
            distance,
            linear,
            kinds,
            product,
            deltas,
            free,
            taboo,
            taboo_at,
            p,
            located,
            placed,
            columns,
            lines,
            fresh,
            fresh_free,
            u,
            v,
            is_symmetric,
        )
        take_if_better(p, best, counters, values, trace, trace_values, tolerance)
