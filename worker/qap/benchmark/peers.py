"""What others offer, under the same clock: best of as many restarts as fit."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.optimize import quadratic_assignment

from worker.qap.arrays import IntVector
from worker.qap.benchmark.plan import Budget
from worker.qap.benchmark.table import Number
from worker.qap.instance import Instance
from worker.qap.objective import objective

Attempt = Callable[[Instance, np.random.Generator, int], IntVector]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A way to search that is not ours.

    Parameters
    ----------
    name
        Its key in `PEERS`.
    title
        How people write it.
    attempt
        One restart: from the instance, a generator and the number of the restart,
        from 0, to a permutation.
    largest_order
        Instances above are skipped by all but patient runs: a restart takes minutes.
    """

    name: str
    title: str
    attempt: Attempt
    largest_order: float = math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class Restarts:
    """What a peer reached.

    Parameters
    ----------
    permutation, objective
        The best of all restarts.
    count
        How many were done: one at least.
    elapsed_s
        How long all took.
    longest_s
        How long the longest took: none is cut short.
    trajectory
        Time and objective of each incumbent.
    """

    permutation: IntVector
    objective: Number
    count: int
    elapsed_s: float
    longest_s: float
    trajectory: tuple[tuple[float, Number], ...]


def restart(
    peer: Peer,
    instance: Instance,
    rng: np.random.Generator,
    *,
    budget: Budget,
    target: Number | None,
    clock: Callable[[], float],
) -> Restarts:
    """Let a peer restart until its budget is used, and keep the best.

    Parameters
    ----------
    peer
        Who searches.
    instance
        Without linear costs: `supports` says so.
    rng
        The source of all randomness.
    budget
        A restart that began within it is finished and counts, in the peer's favour.
    target
        The objective at which to end early, or None.
    clock
        Returns seconds that never fall.

    Returns
    -------
    Restarts
        Of one at least.
    """
    begun = clock()
    best: IntVector | None = None
    least: Number = math.inf
    count, now, longest = 0, 0.0, 0.0
    trajectory: list[tuple[float, Number]] = []
    while best is None or (
        now < (math.inf if budget.seconds is None else budget.seconds)
        and count < (math.inf if budget.iterations is None else budget.iterations)
        and (target is None or least > target)
    ):
        permutation = peer.attempt(instance, rng, count)
        value = objective(instance, permutation)
        count += 1
        before, now = now, clock() - begun
        longest = max(longest, now - before)
        if best is None or value < least:
            best, least = permutation, value
            trajectory.append((now, value))
    return Restarts(
        permutation=best,
        objective=least,
        count=count,
        elapsed_s=now,
        longest_s=longest,
        trajectory=tuple(trajectory),
    )


def supports(instance: Instance) -> str | None:
    """Return why no peer can be asked, or None.

    Parameters
    ----------
    instance
        What is to be solved.

    Returns
    -------
    str or None
        A reason.
    """
    if instance.linear is None:
        return None
    return "the peers know no linear costs"


def _random(instance: Instance, rng: np.random.Generator, _: int) -> IntVector:
    return rng.permutation(instance.order)


def _faq(instance: Instance, rng: np.random.Generator, number: int) -> IntVector:
    # The barycentre first: it is scipy's default, and often its best start.
    start = "barycenter" if number == 0 else "randomized"
    return _scipy(instance, "faq", {"rng": rng, "P0": start})


def _two_opt(instance: Instance, rng: np.random.Generator, _: int) -> IntVector:
    return _scipy(instance, "2opt", {"rng": rng})


def _scipy(instance: Instance, method: str, options: dict[str, Any]) -> IntVector:
    found = quadratic_assignment(
        instance.flow, instance.distance, method=method, options=options
    )
    return np.asarray(found.col_ind, dtype=np.int64)


PEERS: Final = {
    peer.name: peer
    for peer in (
        Peer(name="scipy:faq", title="scipy's FAQ", attempt=_faq),
        Peer(
            name="scipy:2opt",
            title="scipy's 2-opt",
            attempt=_two_opt,
            largest_order=149,
        ),
        Peer(name="random:permutations", title="random permutations", attempt=_random),
    )
}
"""The peers by name.

FAQ is J. T. Vogelstein et al., "Fast approximate quadratic programming for graph
matching," *PLoS ONE* 10(4) (2015) e0121002, doi:10.1371/journal.pone.0121002. The
2-opt computes the whole objective for every swap: :math:`O(n^4)` a round.
"""
