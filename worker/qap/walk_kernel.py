"""Walks over all swaps, in a layout that streams through memory.

Four ideas make them fast; the names are those of the arrays in `Walk`:

- ``placed[i, j]`` is the distance between the locations of facilities i and j, kept
  up to date, so that no inner loop looks anything up through the permutation.
- ``deltas[d, i]`` belongs to the swap of i and i+d+1 (mod n). Along such a circular
  diagonal both facilities advance together, so that an update reads and writes
  neighbouring numbers only. Rows are padded to a multiple of 16.
- One pass updates a delta, tests whether its swap is taboo and keeps the least
  allowed of every column; ``free[d, i]``, the iteration from which that swap is
  allowed, lies beside it.
- ``product``, flow times placed, is kept up to date by a sum of rank one; the deltas
  of swaps that touch a facility just moved follow from it in constant time.
"""

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import inlined_kernel, kernel

# Where the whole numbers and the objectives of a state stand.
CLOCK, OLDEST, IMPROVEMENTS, DONE = 0, 1, 2, 3
CURRENT, BEST = 0, 1
NEVER = 2**31 - 1
_CLOCK_LIMIT = 2**30


@kernel
def fill_deltas(
    flow: AnyArray,
    placed: AnyArray,
    linear: AnyArray,
    product: AnyArray,
    deltas: AnyArray,
    p: IntVector,
    is_symmetric: bool,
) -> None:
    """Compute the delta of every swap from the product."""
    n = p.size
    for d in range(n // 2):
        for i in range(n):
            j = (i + d + 1) % n
            z = product[i, j] + product[j, i] - product[i, i] - product[j, j]
            if is_symmetric:
                z += flow[i, j] * placed[i, j] * 2
            else:
                z += (flow[i, j] + flow[j, i]) * (placed[i, j] + placed[j, i])
            if linear.size > 0:
                z += linear[i, p[j]] - linear[i, p[i]]
                z += linear[j, p[i]] - linear[j, p[j]]
            deltas[d, i] = z


@kernel
def fill_free(taboo: AnyArray, free: AnyArray, kinds: IntVector, p: IntVector) -> None:
    """Compute from when on every swap is allowed."""
    n = p.size
    for d in range(n // 2):
        for i in range(n):
            j = (i + d + 1) % n
            free[d, i] = min(taboo[i, p[j]], taboo[j, p[i]])
            if kinds[i] == kinds[j]:
                free[d, i] = NEVER


@kernel
def _scan(
    deltas: AnyArray,
    free: AnyArray,
    x: AnyArray,
    y: AnyArray,
    xs: AnyArray,
    ys: AnyArray,
    least: AnyArray,
    now: int,
    threshold: AnyArray,
) -> None:
    # One circular diagonal: xs[i], ys[i] belong to the partner of i.
    low, big = threshold[0], threshold[1]
    for i in range(deltas.size):
        z = deltas[i] + (x[i] - xs[i]) * (ys[i] - y[i])
        deltas[i] = z
        allowed = (free[i] <= now) | (z < low)
        c = z if allowed else big
        least[i] = c if c < least[i] else least[i]


@kernel
def _add(
    deltas: AnyArray, x: AnyArray, y: AnyArray, xs: AnyArray, ys: AnyArray
) -> None:
    # The second product that asymmetric instances need.
    for i in range(deltas.size):
        deltas[i] += (x[i] - xs[i]) * (ys[i] - y[i])


@inlined_kernel
def weigh(
    deltas: AnyArray,
    free: AnyArray,
    lines: AnyArray,
    least: AnyArray,
    threshold: AnyArray,
    now: int,
    is_symmetric: bool,
) -> None:
    """Bring every delta up to date; find the least allowed of every column."""
    width, big = least.size, threshold[1]
    x, y = lines[0], lines[1]
    for i in range(width):
        least[i] = big
    for d in range(deltas.shape[0]):
        e = d + 1
        if not is_symmetric:
            x2, y2, f = lines[2], lines[3], e + width
            _add(deltas[d], x2[:width], y2[:width], x2[e:f], y2[e:f])
        _scan(
            deltas[d],
            free[d],
            x[:width],
            y[:width],
            x[e : e + width],
            y[e : e + width],
            least,
            now,
            threshold,
        )


@inlined_kernel
def best_allowed(
    deltas: AnyArray,
    free: AnyArray,
    least: AnyArray,
    threshold: AnyArray,
    now: int,
    n: int,
    shift: int,
) -> tuple[int, int]:
    """Return the best swap, of equals the first from column `shift` on, or -1, -1."""
    z, u = threshold[1], -1
    for i in range(shift, n):
        if least[i] < z:
            z, u = least[i], i
    for i in range(shift):
        if least[i] < z:
            z, u = least[i], i
    if u >= 0:
        for d in range(n // 2):
            if deltas[d, u] == z and (free[d, u] <= now or z < threshold[0]):
                return u, (u + d + 1) % n
    return -1, -1


@inlined_kernel
def delta_of(deltas: AnyArray, u: int, v: int, n: int) -> float:
    """Return the delta of one swap, wherever it is stored."""
    d = (v - u + n) % n
    return deltas[d - 1, u] if d <= n // 2 else deltas[n - d - 1, v]


@inlined_kernel
def _add_outer(product: AnyArray, x: AnyArray, y: AnyArray) -> None:
    for i in range(product.shape[0]):
        row, factor = product[i], x[i]
        if factor != 0:
            for j in range(row.size):
                row[j] += factor * y[j]


@kernel
def _move(
    flow: AnyArray,
    placed: AnyArray,
    product: AnyArray,
    p: IntVector,
    located: IntVector,
    lines: AnyArray,
    u: int,
    v: int,
    is_symmetric: bool,
) -> None:
    # Swap u and v; leave in `lines` the factors of the update of all deltas.
    n = p.size
    p[u], p[v] = p[v], p[u]
    located[p[u]], located[p[v]] = u, v
    row_u, row_v = placed[u], placed[v]
    for k in range(n):
        row_u[k], row_v[k] = row_v[k], row_u[k]
    for k in range(n):
        placed[k, u], placed[k, v] = placed[k, v], placed[k, u]
        product[k, u], product[k, v] = product[k, v], product[k, u]
    x, y, x2, y2 = lines[0], lines[1], lines[2], lines[3]
    if is_symmetric:
        flow_u, flow_v = flow[u], flow[v]
        for k in range(n):
            x[k] = flow_u[k] - flow_v[k]
            y[k] = row_u[k] - row_v[k]
    else:
        for k in range(n):
            x[k] = flow[k, u] - flow[k, v]
            y[k] = placed[k, u] - placed[k, v]
            x2[k] = flow[u, k] - flow[v, k]
            y2[k] = row_u[k] - row_v[k]
    _add_outer(product, x, y)
    if not is_symmetric:
        _add_outer(product, x2, y2)
    # Circular diagonals run past the end: repeat.
    for k in range(n, lines.shape[1]):
        x[k], y[k] = x[k - n], y[k - n]
        if not is_symmetric:
            x2[k], y2[k] = x2[k - n], y2[k - n]


@kernel
def _touch(
    flow: AnyArray,
    placed: AnyArray,
    linear: AnyArray,
    product: AnyArray,
    deltas: AnyArray,
    free: AnyArray,
    taboo: AnyArray,
    taboo_at: AnyArray,
    kinds: IntVector,
    p: IntVector,
    lines: AnyArray,
    fresh: AnyArray,
    fresh_free: AnyArray,
    t: int,
    is_symmetric: bool,
) -> None:
    # The swaps of facility t, which has just moved. The coming scan will add its
    # update to every delta, so that here it is taken off beforehand.
    n = p.size
    x, y, x2, y2 = lines[0], lines[1], lines[2], lines[3]
    flow_t, placed_t, product_t = flow[t], placed[t], product[t]
    taboo_t, taboo_here, here = taboo[t], taboo_at[p[t]], p[t]
    for k in range(n):
        z = product_t[k] + product[k, t] - product_t[t] - product[k, k]
        if is_symmetric:
            z += flow_t[k] * placed_t[k] * 2
        else:
            z += (flow_t[k] + flow[k, t]) * (placed_t[k] + placed[k, t])
            z -= (x2[t] - x2[k]) * (y2[k] - y2[t])
        fresh[k] = z - (x[t] - x[k]) * (y[k] - y[t])
        fresh_free[k] = min(taboo_t[p[k]], taboo_here[k])
    if linear.size > 0:
        for k in range(n):
            fresh[k] += linear[t, p[k]] - linear[t, here]
            fresh[k] += linear[k, here] - linear[k, p[k]]
    for k in range(n):
        if kinds[k] == kinds[t]:
            fresh_free[k] = NEVER
    for d in range(n // 2):
        k = t + d + 1
        if k >= n:
            k -= n
        deltas[d, t] = fresh[k]
        free[d, t] = fresh_free[k]
        k = t - d - 1
        if k < 0:
            k += n
        deltas[d, k] = fresh[k]
        free[d, k] = fresh_free[k]


@kernel
def oldest(
    taboo: AnyArray, kinds: IntVector, p: IntVector, located: IntVector, now: int
) -> tuple[int, int, int]:
    """Return when a placement was left longest ago, and which; -1, -1 if none was."""
    low, facility, location = now, -1, -1
    for i in range(p.size):
        row = taboo[i]
        for k in range(p.size):
            if row[k] < low and k != p[i] and kinds[located[k]] != kinds[i]:
                low, facility, location = row[k], i, k
    return low, facility, location


@inlined_kernel
def keep(taboo: AnyArray, taboo_at: AnyArray, p: IntVector, u: int, until: int) -> None:
    """Keep `u` from where it is now, once it has left."""
    taboo[u, p[u]] = until
    taboo_at[p[u], u] = until


@inlined_kernel
def take_if_better(
    p: IntVector,
    best: IntVector,
    counters: IntVector,
    values: AnyArray,
    trace: IntVector,
    trace_values: AnyArray,
    tolerance: float,
) -> None:
    """Take the permutation for the incumbent if it is better."""
    if values[CURRENT] < values[BEST] - tolerance:
        values[BEST] = values[CURRENT]
        best[:] = p
        k = min(counters[IMPROVEMENTS], trace.size - 1)
        trace[k], trace_values[k] = counters[DONE], values[CURRENT]
        counters[IMPROVEMENTS] = k + 1


@kernel
def _rewind(
    taboo: AnyArray, taboo_at: AnyArray, free: AnyArray, counters: IntVector
) -> None:
    # Iterations are kept in 32 bits: now and then all of them move back.
    for i in range(taboo.shape[0]):
        for k in range(taboo.shape[1]):
            taboo[i, k] = max(taboo[i, k] - _CLOCK_LIMIT, -_CLOCK_LIMIT)
            taboo_at[k, i] = taboo[i, k]
    for d in range(free.shape[0]):
        for i in range(free.shape[1]):
            if free[d, i] != NEVER:
                free[d, i] = max(free[d, i] - _CLOCK_LIMIT, -_CLOCK_LIMIT)
    counters[CLOCK] -= _CLOCK_LIMIT
    counters[OLDEST] = max(counters[OLDEST] - _CLOCK_LIMIT, -_CLOCK_LIMIT)


@inlined_kernel
def tick(
    taboo: AnyArray,
    taboo_at: AnyArray,
    free: AnyArray,
    counters: IntVector,
    values: AnyArray,
    threshold: AnyArray,
    scale: int,
    tolerance: float,
) -> int:
    """Begin an iteration; return its number."""
    if counters[CLOCK] >= _CLOCK_LIMIT:
        _rewind(taboo, taboo_at, free, counters)
    counters[CLOCK] += 1
    counters[DONE] += 1
    # A swap below this makes a new incumbent. Never lower than any delta is.
    low = (values[BEST] - values[CURRENT] - tolerance) / scale
    threshold[0] = max(low, -threshold[1])
    return counters[CLOCK]


@inlined_kernel
def swap(
    flow: AnyArray,
    placed: AnyArray,
    linear: AnyArray,
    kinds: IntVector,
    product: AnyArray,
    deltas: AnyArray,
    free: AnyArray,
    taboo: AnyArray,
    taboo_at: AnyArray,
    p: IntVector,
    located: IntVector,
    lines: AnyArray,
    fresh: AnyArray,
    fresh_free: AnyArray,
    u: int,
    v: int,
    is_symmetric: bool,
) -> None:
    """Swap `u` and `v`, whose deltas are up to date."""
    _move(flow, placed, product, p, located, lines, u, v, is_symmetric)
    for t in (u, v):
        _touch(
            flow,
            placed,
            linear,
            product,
            deltas,
            free,
            taboo,
            taboo_at,
            kinds,
            p,
            lines,
            fresh,
            fresh_free,
            t,
            is_symmetric,
        )
