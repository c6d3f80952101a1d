"""Placing facilities one by one, the costs of what may follow kept up to date."""

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.compile import kernel


@kernel
def put(
    flow: AnyArray,
    distance: AnyArray,
    costs: AnyArray,
    facilities: IntVector,
    locations: IntVector,
    line: AnyArray,
    p: IntVector,
    left: int,
    a: int,
    b: int,
    is_symmetric: bool,
) -> float:
    """Place the a-th facility left at the b-th location left; return its cost.

    Of `costs`, `facilities` and `locations` the first `left` rows, columns and entries
    count; the last of them fills the gap.
    """
    i, k, last = facilities[a], locations[b], left - 1
    cost = costs[a, b]
    p[i] = k
    facilities[a], locations[b] = facilities[last], locations[last]
    for c in range(left):
        costs[a, c] = costs[last, c]
    for c in range(last):
        costs[c, b] = costs[c, last]
    for c in range(last):
        line[c] = distance[locations[c], k]
    for c in range(last):
        row, factor = costs[c], flow[facilities[c], i]
        if factor != 0:
            for e in range(last):
                row[e] += factor * line[e]
    if not is_symmetric:
        for c in range(last):
            line[c] = distance[k, locations[c]]
        for c in range(last):
            row, factor = costs[c], flow[i, facilities[c]]
            if factor != 0:
                for e in range(last):
                    row[e] += factor * line[e]
    return cost


@kernel
def _choose(costs: AnyArray, left: int, greed: float, draw: float) -> tuple[int, int]:
    # The restricted candidate list: pairs whose cost is near the least.
    least = largest = costs[0, 0]
    for a in range(left):
        row = costs[a]
        for b in range(left):
            least = min(least, row[b])
            largest = max(largest, row[b])
    limit = least + (1.0 - greed) * (largest - least)
    listed = 0
    for a in range(left):
        row = costs[a]
        for b in range(left):
            listed += row[b] <= limit
    wanted = int(draw * listed)
    for a in range(left):
        row = costs[a]
        for b in range(left):
            if row[b] <= limit:
                if wanted == 0:
                    return a, b
                wanted -= 1
    return 0, 0


@kernel
def grow(
    flow: AnyArray,
    distance: AnyArray,
    costs: AnyArray,
    facilities: IntVector,
    locations: IntVector,
    line: AnyArray,
    p: IntVector,
    draws: AnyArray,
    left: int,
    greed: float,
    is_symmetric: bool,
    count: int,
) -> float:
    """Place so many facilities, each pair drawn from the list; return their cost."""
    total = 0.0
    for _ in range(count):
        a, b = _choose(costs, left, greed, draws[left - 1])
        total += put(
            flow,
            distance,
            costs,
            facilities,
            locations,
            line,
            p,
            left,
            a,
            b,
            is_symmetric,
        )
        left -= 1
    return total
