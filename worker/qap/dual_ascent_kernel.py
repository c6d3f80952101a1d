"""Dual ascent on the pairs of a partial permutation: how a node raises its bound.

A node has placed some facilities; ``m`` facilities and locations are left, counted
from 0. Its problem is kept in reduced form: whoever completes the permutation ``p``
pays at least

    bound + sum of leaders[i, p_i] + sum over i < j of pairs[t, p_i, p_j],

where ``t`` counts the pairs row by row and no leader or pair is negative. So `bound`
is a lower bound, and a placement or a pair of placements that costs more than the
slack, which is what separates `bound` from the limit, can be forbidden. Three moves
keep every sum and may raise the bound; a round makes all of them:

- spread each leader evenly over its pairs, where other placements can use it;
- for each placement, solve the assignment problem of half of its pairs: its value
  joins the leader;
- solve that of the leaders: its value joins the bound.

All numbers are integers, so that nothing is rounded.
"""

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel

# Where the numbers of a node's state stand.
BOUND, PHASE, ROW, ROUND, BEFORE, WORK = range(6)
# What it is about to do, or what became of it.
ENTERED, BOUNDING, PROBING, PROBED, FATHOMED = range(5)
OVER = -1


@kernel
def raise_bound(
    pairs: AnyArray,
    leaders: IntVector,
    gains: IntVector,
    shares: IntVector,
    block: IntVector,
    w: IntVector,
    lines: IntVector,
    partners: IntVector,
    state: IntVector,
    m: int,
    limit: int,
    forbidden: int,
    patience: int,
    most_rounds: int,
    until: int,
) -> None:
    """Raise the bound in rounds, then probe; or fathom the node, or pause.

    It goes on until `until` units of work are done. Rounds end when as many gains as
    the last, times `patience`, would not fathom the node. What probing leaves in
    `gains` is by how much the bound would rise if ``i`` were placed at ``k``.
    """
    while state[WORK] < until and state[PHASE] < PROBED:
        slack = limit - state[BOUND]
        if slack < 0:
            state[PHASE] = FATHOMED
            break
        i = state[ROW]
        if state[PHASE] == PROBING:
            state[WORK] += m * m * m
            state[ROW] += 1
            _probe(
                pairs, leaders, gains, i, m, slack, forbidden,
                block, lines, partners,
            )  # fmt: skip
            if state[ROW] == m:
                state[PHASE] = PROBED
            continue
        if state[PHASE] == BOUNDING:
            if i == 0:
                state[BEFORE] = state[BOUND]
                _share_out(leaders, shares, m, forbidden)
            # Forth and back in turn.
            is_forward = state[ROUND] % 2 == 0
            state[WORK] += m * m * m
            state[ROW] += 1
            _ascend(
                pairs, leaders, shares, i if is_forward else m - 1 - i, m,
                is_forward, slack, forbidden, block, w, lines, partners,
            )  # fmt: skip
            if state[ROW] < m:
                continue
            state[ROUND] += 1
        state[WORK] += m * m
        value = _settle(leaders, m, slack, forbidden, lines, partners)
        if value == OVER:
            state[PHASE] = FATHOMED
            break
        state[BOUND] += value
        state[ROW] = 0
        if m == 1:
            state[PHASE] = PROBED
        elif state[PHASE] == ENTERED:
            state[PHASE] = BOUNDING
        elif (state[BOUND] - state[BEFORE]) * patience < limit - state[BOUND] or state[
            ROUND
        ] == most_rounds:
            state[PHASE] = PROBING


@kernel
def _share_out(leaders: IntVector, shares: IntVector, m: int, forbidden: int) -> None:
    for i in range(m):
        for k in range(m):
            shares[i, k] = 0
            if leaders[i, k] < forbidden:
                shares[i, k] = leaders[i, k] // (m - 1)
                leaders[i, k] -= shares[i, k] * (m - 1)


@kernel
def _assign(
    w: IntVector,
    rows: int,
    columns: int,
    cap: int,
    forbidden: int,
    lines: IntVector,
    partners: IntVector,
) -> int:
    """Return the least cost of placing all rows, or OVER if that exceeds `cap`.

    Leaves in the first two of `lines` by how much rows and columns may be lowered. If
    there is one row less than columns, one column must be forbidden throughout.
    """
    u, v, distance, waiting, blocked = (
        lines[0], lines[1], lines[2], lines[3], lines[4],
    )  # fmt: skip
    row_of, column_of, before = partners[0], partners[1], partners[2]
    total = 0
    for h in range(columns):
        v[h] = forbidden
        row_of[h] = -1
    for j in range(rows):
        row = w[j]
        least = row[0]
        for h in range(1, columns):
            least = min(least, row[h])
        u[j] = least
        total += least
        # At once: many rows that are forbidden throughout would overflow.
        if total > cap:
            return OVER
        for h in range(columns):
            v[h] = min(v[h], row[h] - least)
    for h in range(columns):
        if v[h] >= forbidden >> 1:
            v[h] = 0
        total += v[h]
    if total > cap:
        return OVER
    for j in range(rows):
        row = w[j]
        u_j = u[j]
        column_of[j] = -1
        for h in range(columns):
            if row[h] - v[h] == u_j and row_of[h] < 0:
                row_of[h], column_of[j] = j, h
                break
    for start in range(rows):
        if column_of[start] >= 0:
            continue
        # A shortest path from this row to a free column; `blocked` ones lie behind.
        row = w[start]
        u_j = u[start]
        step = forbidden
        for h in range(columns):
            c = row[h] - v[h] - u_j
            waiting[h] = c
            step = min(step, c)
            blocked[h] = 0
            before[h] = start
        while True:
            if total + step > cap:
                return OVER
            end = 0
            while waiting[end] != step:
                end += 1
            j = row_of[end]
            if j < 0:
                break
            waiting[end] = forbidden
            blocked[end] = forbidden
            distance[end] = step
            row = w[j]
            offset = step - u[j]
            step = forbidden
            for h in range(columns):
                c = max(row[h] - v[h] + offset, blocked[h])
                old = waiting[h]
                before[h] = j if c < old else before[h]
                c = min(c, old)
                waiting[h] = c
                step = min(step, c)
        if step > 0:
            for h in range(columns):
                if blocked[h] > 0:
                    v[h] -= step - distance[h]
                    u[row_of[h]] += step - distance[h]
            u[start] += step
            total += step
        j = -1
        while j != start:
            j = before[end]
            row_of[end] = j
            end, column_of[j] = column_of[j], end
    return total


@kernel
def _pair(i: int, j: int, m: int) -> int:
    # The place of the pair i < j among all pairs of m.
    return i * (2 * m - i - 1) // 2 + j - i - 1


@kernel
def _gather(pairs: AnyArray, i: int, m: int, block: IntVector) -> None:
    # block[k, r, h]: facility i at k, the r-th other at h.
    for j in range(i):
        source = pairs[_pair(j, i, m)]
        for k in range(m):
            row = block[k, j]
            for h in range(m):
                row[h] = source[h, k]
    for j in range(i + 1, m):
        source = pairs[_pair(i, j, m)]
        for k in range(m):
            row = block[k, j - 1]
            other = source[k]
            for h in range(m):
                row[h] = other[h]


@kernel
def _scatter(pairs: AnyArray, i: int, m: int, block: IntVector) -> None:
    for j in range(i):
        source = pairs[_pair(j, i, m)]
        for h in range(m):
            row = source[h]
            for k in range(m):
                row[k] = block[k, j, h]
    for j in range(i + 1, m):
        source = pairs[_pair(i, j, m)]
        for k in range(m):
            row = source[k]
            other = block[k, j - 1]
            for h in range(m):
                row[h] = other[h]


@kernel
def _ascend(
    pairs: AnyArray,
    leaders: IntVector,
    shares: IntVector,
    i: int,
    m: int,
    is_forward: bool,
    slack: int,
    forbidden: int,
    block: IntVector,
    w: IntVector,
    lines: IntVector,
    partners: IntVector,
) -> None:
    """Raise the leaders of facility `i` by what half of its pairs cost."""
    _gather(pairs, i, m, block)
    for k in range(m):
        if leaders[i, k] >= forbidden:
            continue
        share, whole = shares[i, k], block[k]
        for r in range(m - 1):
            j = r if r < i else r + 1
            # A pair receives both shares when the first of the two is at work.
            is_first = (i < j) == is_forward
            row, half, leader, other = whole[r], w[r], leaders[j], shares[j]
            for h in range(m):
                c = row[h]
                if is_first:
                    c += share + other[h]
                c = forbidden if row[h] >= forbidden else c
                c = forbidden if leader[h] >= forbidden else c
                row[h] = c
                half[h] = c >> 1 if c < forbidden else forbidden
        cap = slack - leaders[i, k]
        value = _assign(w, m - 1, m, cap, forbidden, lines, partners)
        if value == OVER:
            leaders[i, k] = forbidden
            continue
        leaders[i, k] += value
        left = slack - leaders[i, k]
        for r in range(m - 1):
            row, leader = whole[r], leaders[r if r < i else r + 1]
            u_r = lines[0, r]
            for h in range(m):
                c = row[h] - u_r - lines[1, h]
                row[h] = c if c + leader[h] <= left else forbidden
    _scatter(pairs, i, m, block)


@kernel
def _settle(
    leaders: IntVector,
    m: int,
    slack: int,
    forbidden: int,
    lines: IntVector,
    partners: IntVector,
) -> int:
    """Take the least cost of placing all out of the leaders; return it, or OVER."""
    value = _assign(leaders, m, m, slack, forbidden, lines, partners)
    if value != OVER:
        for i in range(m):
            for k in range(m):
                c = leaders[i, k] - lines[0, i] - lines[1, k]
                leaders[i, k] = c if c <= slack - value else forbidden
    return value


@kernel
def _probe(
    pairs: AnyArray,
    leaders: IntVector,
    gains: IntVector,
    i: int,
    m: int,
    slack: int,
    forbidden: int,
    block: IntVector,
    lines: IntVector,
    partners: IntVector,
) -> None:
    """Compute by how much each placement of facility `i` would raise the bound."""
    _gather(pairs, i, m, block)
    for k in range(m):
        gains[i, k] = forbidden
        if leaders[i, k] >= forbidden:
            continue
        for r in range(m - 1):
            row, leader = block[k, r], leaders[r if r < i else r + 1]
            for h in range(m):
                row[h] = min(row[h] + leader[h], forbidden)
        cap = slack - leaders[i, k]
        value = _assign(block[k], m - 1, m, cap, forbidden, lines, partners)
        if value == OVER:
            leaders[i, k] = forbidden
        else:
            gains[i, k] = leaders[i, k] + value


@kernel
def place(
    pairs: AnyArray,
    leaders: IntVector,
    i: int,
    k: int,
    m: int,
    forbidden: int,
    child_pairs: AnyArray,
    child_leaders: IntVector,
) -> None:
    """Write the problem that is left once facility `i` stands at location `k`."""
    t = 0
    for r in range(m - 1):
        j = r if r < i else r + 1
        for c in range(m - 1):
            h = c if c < k else c + 1
            s = pairs[_pair(i, j, m), k, h] if i < j else pairs[_pair(j, i, m), h, k]
            child_leaders[r, c] = min(s + leaders[j, h], forbidden)
        for g in range(j + 1, m):
            if g == i:
                continue
            block, child = pairs[_pair(j, g, m)], child_pairs[t]
            for c in range(m - 1):
                row, child_row = block[c if c < k else c + 1], child[c]
                for h in range(k):
                    child_row[h] = row[h]
                for h in range(k, m - 1):
                    child_row[h] = row[h + 1]
            t += 1
