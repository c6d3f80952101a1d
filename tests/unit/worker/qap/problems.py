"""Random problems of every combination of conditions, and the slow truth."""

from collections.abc import Iterator
from itertools import permutations

import numpy as np
from hypothesis import strategies as st

from worker.qap import InfeasibleProblemError, Problem


def random_problem(
    *,
    facilities: int,
    locations: int,
    seed: int,
    maximise: bool,
    fixed: int,
    forbidden: int,
    linear: bool,
    symmetric: bool,
    fractional: bool,
) -> Problem | None:
    """Return a problem with so many fixed and forbidden pairs; None if infeasible."""
    rng = np.random.default_rng(seed)
    flow = rng.integers(-9, 10, (facilities, facilities))
    distance = rng.integers(-9, 10, (locations, locations))
    if symmetric:
        flow, distance = flow + flow.T, distance + distance.T
    costs = rng.integers(-99, 100, (facilities, locations)) if linear else None
    if fractional:
        flow, distance = flow / 7, distance / 3
    places = rng.permutation(locations)[:facilities]
    chosen = rng.permutation(facilities)[:fixed]
    pairs = {(int(i), int(places[i])) for i in chosen}
    every = rng.permutation(facilities * locations)[:forbidden]
    banned = {(int(x) // locations, int(x) % locations) for x in every} - pairs
    try:
        return Problem(
            flow,
            distance,
            costs,
            maximise=maximise,
            partial_match=sorted(pairs),
            forbidden=sorted(banned),
        )
    except InfeasibleProblemError:
        return None


def problems(*, most: int = 6) -> st.SearchStrategy[Problem | None]:
    """Return a strategy over all combinations with at most so many locations."""
    return st.integers(1, most).flatmap(
        lambda locations: st.integers(1, locations).flatmap(
            lambda facilities: st.builds(
                random_problem,
                facilities=st.just(facilities),
                locations=st.just(locations),
                seed=st.integers(0, 2**32 - 1),
                maximise=st.booleans(),
                fixed=st.integers(0, facilities),
                forbidden=st.integers(0, facilities * locations // 2),
                linear=st.booleans(),
                symmetric=st.booleans(),
                fractional=st.booleans(),
            )
        )
    )


def answers(problem: Problem) -> Iterator[tuple[int, ...]]:
    """Yield every permutation that meets the conditions, by trying all."""
    fixed = set(map(tuple, problem.partial_match.tolist()))
    banned = set(map(tuple, problem.forbidden.tolist()))
    for places in permutations(range(problem.locations), problem.facilities):
        pairs = set(enumerate(places))
        if fixed <= pairs and not banned & pairs:
            yield places
