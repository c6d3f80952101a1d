"""Robust taboo search, as a kernel."""

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel
from worker.qap.random_kernel import draw
from worker.qap.walk_kernel import (
    CURRENT,
    OLDEST,
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


@kernel
def run_taboo(
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
    tenure: float,
    aspiration: int,
    iterations: int,
) -> None:
    """Do so many iterations of robust taboo search; what is no input changes."""
    n = p.size
    for _ in range(iterations):
        now = tick(counters, values, threshold, scale, tolerance)
        weigh(deltas, free, lines, least, threshold, now, is_symmetric)
        shift = int(draw(random) * n)
        u, v = best_allowed(deltas, free, least, threshold, now, n, shift)
        improves = u >= 0 and delta_of(deltas, u, v, n) < threshold[0]
        if now - aspiration > counters[OLDEST] and not improves:
            moment, facility, location = oldest(taboo, kinds, p, located, now)
            counters[OLDEST] = moment
            if facility >= 0 and moment < now - aspiration:
                u, v = facility, located[location]
        if u < 0:
            rest(lines)
            continue
        values[CURRENT] += scale * delta_of(deltas, u, v, n)
        keep(taboo, taboo_at, p, u, now + 1 + int(tenure * draw(random) ** 3))
        keep(taboo, taboo_at, p, v, now + 1 + int(tenure * draw(random) ** 3))
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
