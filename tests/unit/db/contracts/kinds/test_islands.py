"""What each island is asked to do, and whose end is the end of all."""

from typing import Any

import pytest

from db.contracts.job_kind import JobResult
from db.contracts.kinds.islands import (
    ISLANDS,
    PORTFOLIO_METHODS,
    IslandsRequest,
    ends_race,
)
from db.contracts.kinds.solve import SOLVE, Limits, SolveRequest
from db.contracts.termination import Termination


def request(**changes: Any) -> IslandsRequest:
    solve = SolveRequest(
        instance="0" * 64,
        order=12,
        method="memetic",
        seed=7,
        limits=Limits(time_s=5, target_objective=578),
    )
    return IslandsRequest(**{"islands": 4, "solve": solve, **changes})


def test_the_first_island_does_what_one_search_would() -> None:
    wanted = request()
    told = wanted.island(0).model_dump(exclude={"island", "cache"})
    assert told == wanted.solve.model_dump(exclude={"island", "cache"})


def test_each_island_has_a_seed_of_its_own_and_always_the_same() -> None:
    seeds = [request(islands=64).island(n).seed for n in range(64)]
    assert len(set(seeds)) == 64
    assert seeds == [request(islands=64).island(n).seed for n in range(64)]
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_islands_take_the_methods_of_a_portfolio_in_turn() -> None:
    wanted = request(islands=5, portfolio=("memetic", "breakout"))
    methods = [wanted.island(n).method for n in range(5)]
    assert methods == ["memetic", "breakout", "memetic", "breakout", "memetic"]


def test_a_portfolio_needs_an_island_for_each_method() -> None:
    with pytest.raises(ValueError, match="more methods than islands"):
        request(islands=2, portfolio=PORTFOLIO_METHODS)


def test_no_work_of_an_island_is_shared_with_equal_jobs() -> None:
    wanted = request()
    assert SOLVE.facets(wanted.island(1)).fingerprint is None
    assert ISLANDS.facets(wanted).fingerprint is None


@pytest.mark.parametrize("termination", Termination)
def test_any_end_but_a_stall_ends_the_race(termination: Termination) -> None:
    result = JobResult(termination=termination)
    assert ends_race(result) == (termination is not Termination.STALLED)


def test_another_seed_is_another_for_every_island() -> None:
    one, other = request(), ISLANDS.seeded(request(), 8)
    assert IslandsRequest.model_validate_json(other.model_dump_json()) == other
    assert [other.island(n).seed for n in (0, 1)] != [
        one.island(n).seed for n in (0, 1)
    ]
    assert other.island(0).seed == 8
