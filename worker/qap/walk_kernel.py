"""Walks over all swaps, in a layout that streams through memory.

Four ideas make them fast; the names are those of the arrays in `Walk`:

- Where facilities are is looked up for the two that swap only, into ``placed``, so
  that no inner loop looks anything up through the permutation.
- ``deltas[d, i]`` belongs to the swap of i and i+d+1 (mod n). Along such a circular
  diagonal both facilities advance together, so that an update reads and writes
  neighbouring numbers only. Rows are padded to a multiple of 8.
- One pass updates a delta, tests whether its swap is taboo and keeps the least
  allowed of every column; ``free[d, i]``, the iteration from which that swap is
  allowed, lies beside it.
- ``product``, flow times placed, is kept up to date by a sum of rank one; the deltas
  of swaps that touch a facility just moved follow from it in constant time.

Arrays are indexed whole, never sliced: a view costs the counting of a reference, which
locks memory and takes as long as a short row does. ``np.uintp`` makes an index that the
compiler need not test for being negative, which would keep it from vectorising.
"""

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import inlined_kernel, kernel

# Where the whole numbers and the objectives of a state stand.
CLOCK, OLDEST, IMPROVEMENTS, DONE = 0, 1, 2, 3
CURRENT, BEST = 0, 1
NEVER = 2**31 - 1
CLOCK_LIMIT = 2**30


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
    width, low, big, until = least.size, threshold[0], threshold[1], np.int32(now)
    for i in range(width):
        least[i] = big
    for d in range(deltas.shape[0]):
        if not is_symmetric:
            for i in range(width):
                j = np.uintp(i + d + 1)
                x, y = lines[2, i] - lines[2, j], lines[3, j] - lines[3, i]
                deltas[d, i] += x * y
        for i in range(width):
            j = np.uintp(i + d + 1)
            x, y = lines[0, i] - lines[0, j], lines[1, j] - lines[1, i]
            z = deltas[d, i] + x * y
            deltas[d, i] = z
            c = z if (free[d, i] <= until) | (z < low) else big
            least[i] = c if c < least[i] else least[i]


@inlined_kernel
def rest(lines: AnyArray) -> None:
    """Leave nothing to bring up to date."""
    for line in range(lines.shape[0]):
        for i in range(lines.shape[1]):
            lines[line, i] = 0


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
                v = u + d + 1
                return u, v if v < n else v - n
    return -1, -1


@inlined_kernel
def delta_of(deltas: AnyArray, u: int, v: int, n: int) -> float:
    """Return the delta of one swap, wherever it is stored."""
    d = v - u if v > u else v - u + n
    return deltas[d - 1, u] if d <= n // 2 else deltas[n - d - 1, v]


@inlined_kernel
def _describe(
    flow: AnyArray,
    distance: AnyArray,
    placed: AnyArray,
    p: IntVector,
    lines: AnyArray,
    u: int,
    v: int,
    is_symmetric: bool,
) -> None:
    # Look up the distances of u and v, which have just been swapped, and leave in
    # `lines` the factors of the update of all deltas.
    n, at_u, at_v = p.size, p[u], p[v]
    for k in range(n):
        at = np.uintp(p[k])
        placed[0, k], placed[1, k] = distance[at_u, at], distance[at_v, at]
        if is_symmetric:
            lines[0, k] = flow[u, k] - flow[v, k]
            lines[1, k] = placed[0, k] - placed[1, k]
        else:
            placed[2, k], placed[3, k] = distance[at, at_u], distance[at, at_v]
            lines[0, k] = flow[k, u] - flow[k, v]
            lines[1, k] = placed[2, k] - placed[3, k]
            lines[2, k] = flow[u, k] - flow[v, k]
            lines[3, k] = placed[0, k] - placed[1, k]
    # Circular diagonals run past the end: repeat.
    for line in range(2 if is_symmetric else 4):
        for k in range(lines.shape[1] - n):
            lines[line, np.uintp(k + n)] = lines[line, k]


@inlined_kernel
def _multiply(
    product: AnyArray,
    columns: AnyArray,
    lines: AnyArray,
    u: int,
    v: int,
    is_symmetric: bool,
) -> None:
    # Swap columns u and v, add the outer products, and keep copies of these columns
    # and of the diagonal while each row is at hand.
    for i in range(product.shape[0]):
        x, z_u, z_v = lines[0, i], product[i, v], product[i, u]
        if x != 0:
            for j in range(product.shape[1]):
                product[i, j] += x * lines[1, j]
        z_u += x * lines[1, u]
        z_v += x * lines[1, v]
        if not is_symmetric:
            x = lines[2, i]
            if x != 0:
                for j in range(product.shape[1]):
                    product[i, j] += x * lines[3, j]
            z_u += x * lines[3, u]
            z_v += x * lines[3, v]
        product[i, u], product[i, v] = z_u, z_v
        columns[0, i], columns[1, i], columns[2, i] = z_u, z_v, product[i, i]


@inlined_kernel
def _touch(
    flow: AnyArray,
    linear: AnyArray,
    kinds: IntVector,
    product: AnyArray,
    deltas: AnyArray,
    free: AnyArray,
    taboo: AnyArray,
    taboo_at: AnyArray,
    p: IntVector,
    placed: AnyArray,
    columns: AnyArray,
    lines: AnyArray,
    fresh: AnyArray,
    fresh_free: AnyArray,
    t: int,
    which: int,
    is_symmetric: bool,
) -> None:
    # The swaps of facility t, which has just moved. The coming scan will add its
    # update to every delta, so that here it is taken off beforehand.
    n, here, kind, own = p.size, p[t], kinds[t], product[t, t]
    x, y, x2, y2 = lines[0, t], lines[1, t], lines[2, t], lines[3, t]
    for k in range(n):
        z = product[t, k] + columns[which, k] - own - columns[2, k]
        if is_symmetric:
            z += flow[t, k] * placed[which, k] * 2
        else:
            z += (flow[t, k] + flow[k, t]) * (placed[which, k] + placed[which + 2, k])
            z -= (x2 - lines[2, k]) * (lines[3, k] - y2)
        fresh[k] = z - (x - lines[0, k]) * (lines[1, k] - y)
    for k in range(n):
        moment = min(taboo[t, np.uintp(p[k])], taboo_at[here, k])
        fresh_free[k] = NEVER if kinds[k] == kind else moment
    if linear.size > 0:
        for k in range(n):
            fresh[k] += linear[t, p[k]] - linear[t, here]
            fresh[k] += linear[k, here] - linear[k, p[k]]
    for d in range(n // 2):
        k = t + d + 1
        if k >= n:
            k -= n
        j = np.uintp(k)
        deltas[d, t], free[d, t] = fresh[j], fresh_free[j]
        k = t - d - 1
        if k < 0:
            k += n
        j = np.uintp(k)
        deltas[d, j], free[d, j] = fresh[j], fresh_free[j]


@kernel
def oldest(
    taboo: AnyArray, kinds: IntVector, p: IntVector, located: IntVector, now: int
) -> tuple[int, int, int]:
    """Return when a placement was left longest ago, and which; -1, -1 if none was."""
    low, facility, location = now, -1, -1
    for i in range(p.size):
        least = taboo[i, 0]
        for k in range(p.size):
            least = min(least, taboo[i, k])
        if least < low:
            for k in range(p.size):
                t = taboo[i, k]
                if t < low and k != p[i] and kinds[located[k]] != kinds[i]:
                    low, facility, location = t, i, k
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
        for i in range(p.size):
            best[i] = p[i]
        k = min(counters[IMPROVEMENTS], trace.size - 1)
        trace[k], trace_values[k] = counters[DONE], values[CURRENT]
        counters[IMPROVEMENTS] = k + 1


@kernel
def rewind(
    taboo: AnyArray, taboo_at: AnyArray, free: AnyArray, counters: IntVector
) -> None:
    """Move all iterations back; now and then, because 32 bits hold them."""
    for i in range(taboo.shape[0]):
        for k in range(taboo.shape[1]):
            taboo[i, k] = max(taboo[i, k] - CLOCK_LIMIT, -CLOCK_LIMIT)
            taboo_at[k, i] = taboo[i, k]
    for d in range(free.shape[0]):
        for i in range(free.shape[1]):
            if free[d, i] != NEVER:
                free[d, i] = max(free[d, i] - CLOCK_LIMIT, -CLOCK_LIMIT)
    counters[CLOCK] -= CLOCK_LIMIT
    counters[OLDEST] = max(counters[OLDEST] - CLOCK_LIMIT, -CLOCK_LIMIT)


@inlined_kernel
def tick(
    counters: IntVector,
    values: AnyArray,
    threshold: AnyArray,
    scale: int,
    tolerance: float,
) -> int:
    """Begin an iteration; return its number."""
    counters[CLOCK] += 1
    counters[DONE] += 1
    # A swap below this makes a new incumbent. Never lower than any delta is.
    low = (values[BEST] - values[CURRENT] - tolerance) / scale
    threshold[0] = max(low, -threshold[1])
    return counters[CLOCK]


@inlined_kernel
def swap(
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
    placed: AnyArray,
    columns: AnyArray,
    lines: AnyArray,
    fresh: AnyArray,
    fresh_free: AnyArray,
    u: int,
    v: int,
    is_symmetric: bool,
) -> None:
    """Swap `u` and `v`, whose deltas are up to date."""
    p[u], p[v] = p[v], p[u]
    located[p[u]], located[p[v]] = u, v
    _describe(flow, distance, placed, p, lines, u, v, is_symmetric)
    _multiply(product, columns, lines, u, v, is_symmetric)
    for which in range(2):
        _touch(
            flow,
            linear,
            kinds,
            product,
            deltas,
            free,
            taboo,
            taboo_at,
            p,
            placed,
            columns,
            lines,
            fresh,
            fresh_free,
            v if which else u,
            which,
            is_symmetric,
        )
