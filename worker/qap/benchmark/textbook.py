"""Robust taboo search as textbooks write it down: what our layout is measured beside.

An n by n matrix of deltas, each updated in constant time with look-ups through the
permutation. It is no part of any method, and `warm_up` leaves it out.
"""

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel


@kernel
def _delta_afresh(f: AnyArray, d: AnyArray, p: IntVector, r: int, s: int) -> int:
    delta = (f[r, r] - f[s, s]) * (d[p[s], p[s]] - d[p[r], p[r]])
    delta += (f[r, s] - f[s, r]) * (d[p[s], p[r]] - d[p[r], p[s]])
    for k in range(p.size):
        if k not in (r, s):
            delta += (f[k, r] - f[k, s]) * (d[p[k], p[s]] - d[p[k], p[r]])
            delta += (f[r, k] - f[s, k]) * (d[p[s], p[k]] - d[p[r], p[k]])
    return delta


@kernel
def _update(
    f: AnyArray, d: AnyArray, p: IntVector, z: AnyArray, r: int, s: int
) -> None:
    # p has r and s swapped already.
    for i in range(p.size):
        for j in range(i + 1, p.size):
            if i not in (r, s) and j not in (r, s):
                z[i, j] += (f[r, i] - f[r, j] + f[s, j] - f[s, i]) * (
                    d[p[s], p[i]] - d[p[s], p[j]] + d[p[r], p[j]] - d[p[r], p[i]]
                ) + (f[i, r] - f[j, r] + f[j, s] - f[i, s]) * (
                    d[p[i], p[s]] - d[p[j], p[s]] + d[p[j], p[r]] - d[p[i], p[r]]
                )
            else:
                z[i, j] = _delta_afresh(f, d, p, i, j)


@kernel
def _update_symmetric(
    f: AnyArray, d: AnyArray, p: IntVector, z: AnyArray, r: int, s: int
) -> None:
    # p has r and s swapped already.
    for i in range(p.size):
        for j in range(i + 1, p.size):
            if i not in (r, s) and j not in (r, s):
                z[i, j] += (
                    2
                    * (f[r, i] - f[r, j] + f[s, j] - f[s, i])
                    * (d[p[s], p[i]] - d[p[s], p[j]] + d[p[r], p[j]] - d[p[r], p[i]])
                )
            else:
                z[i, j] = _delta_afresh(f, d, p, i, j)


@kernel
def run_textbook(
    f: AnyArray,
    d: AnyArray,
    p: IntVector,
    best: IntVector,
    value: int,
    draws: AnyArray,
    longest: int,
    aspiration: int,
    is_symmetric: bool,
) -> int:
    """Do as many iterations as there are draws, and return the least objective.

    Parameters
    ----------
    f, d
        Shape ``(n, n)``, int64: flow and distance.
    p
        Shape ``(n,)``: where to start; changed.
    best
        Shape ``(n,)``: filled with the incumbent.
    value
        The objective of `p`.
    draws
        Shape ``(iterations, 2)``, in ``[0, 1)``: for the tenures of both facilities.
    longest
        The longest tenure, in iterations.
    aspiration
        After how many iterations a placement is forced.
    is_symmetric
        Whether both matrices are, so that the shorter formula holds.

    Returns
    -------
    int
        Of `best`.

    Notes
    -----
    :math:`O(n^2)` time an iteration [1]_.

    References
    ----------
    .. [1] E. Taillard, "Robust taboo search for the quadratic assignment problem,"
       *Parallel Computing* 17 (1991) 443-455, doi:10.1016/S0167-8191(05)80147-4.
    """
    n = p.size
    best[:] = p
    current, least = value, value
    z = np.zeros((n, n), dtype=np.int64)
    taboo = np.zeros((n, n), dtype=np.int64)
    for i in range(n):
        for j in range(n):
            taboo[i, j] = -(i * n + j)
    for i in range(n):
        for j in range(i + 1, n):
            z[i, j] = _delta_afresh(f, d, p, i, j)
    for now in range(1, draws.shape[0] + 1):
        r, s, lowest, forced = -1, -1, 2**62, False
        for i in range(n):
            for j in range(i + 1, n):
                t_i, t_j = taboo[i, p[j]], taboo[j, p[i]]
                allowed = t_i < now or t_j < now
                aspired = (
                    t_i < now - aspiration
                    or t_j < now - aspiration
                    or current + z[i, j] < least
                )
                if (aspired and not forced) or (
                    z[i, j] < lowest and (aspired or (allowed and not forced))
                ):
                    r, s, lowest, forced = i, j, z[i, j], aspired
        if r < 0:
            continue
        taboo[r, p[r]] = now + 1 + int(longest * draws[now - 1, 0] ** 3)
        taboo[s, p[s]] = now + 1 + int(longest * draws[now - 1, 1] ** 3)
        p[r], p[s] = p[s], p[r]
        current += z[r, s]
        if current < least:
            least = current
            best[:] = p
        if is_symmetric:
            _update_symmetric(f, d, p, z, r, s)
        else:
            _update(f, d, p, z, r, s)
    return least
