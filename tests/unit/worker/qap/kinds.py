"""Random instances of every kind, and the slow truth about them."""

from itertools import permutations

import numpy as np
from hypothesis import strategies as st

from worker.qap import Instance, certify

KINDS = (
    "symmetric",
    "flow symmetric",
    "distance symmetric",
    "asymmetric",
    "diagonal",
    "negative",
    "linear",
    "asymmetric linear",
    "sparse",
    "large",
    "float",
    "float asymmetric linear",
    "constant",
)


def random_instance(kind: str, order: int, seed: int) -> Instance:
    """Return an instance of this kind; every kind stresses one thing."""
    rng = np.random.default_rng(seed)
    low = -20 if kind == "negative" else 0
    high = 10**6 if kind == "large" else 30
    flow, distance, linear = rng.integers(low, high, (3, order, order))
    if kind == "constant":
        flow[:], distance[:] = 3, 2
    if kind == "sparse":
        flow[rng.random((order, order)) < 0.8] = 0
    if kind not in {"diagonal", "negative"}:
        np.fill_diagonal(flow, 0)
        np.fill_diagonal(distance, 0)
    if "asymmetric" not in kind and kind != "distance symmetric":
        flow = np.triu(flow) + np.triu(flow, 1).T
    if "asymmetric" not in kind and kind != "flow symmetric":
        distance = np.triu(distance) + np.triu(distance, 1).T
    used = linear if "linear" in kind else None
    if "float" in kind:
        return Instance(
            flow / 7, distance / 3, None if used is None else used * 1.1 - 9.3
        )
    return Instance(flow, distance, used)


def certified(instance: Instance, permutation: np.ndarray) -> int | float:
    """Return the objective by the independent evaluator."""
    return certify(instance.flow, instance.distance, instance.linear, permutation)


def optimum(instance: Instance) -> int | float:
    """Return the least objective of all permutations, by trying each."""
    every = permutations(range(instance.order))
    return min(certified(instance, np.array(p)) for p in every)


def instances(
    min_order: int = 2, max_order: int = 9, kinds: tuple[str, ...] = KINDS
) -> st.SearchStrategy[Instance]:
    """Return a strategy over all kinds, orders and seeds."""
    return st.builds(
        random_instance,
        kind=st.sampled_from(kinds),
        order=st.integers(min_order, max_order),
        seed=st.integers(0, 2**32 - 1),
    )
