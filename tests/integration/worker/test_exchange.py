"""A log that several islands write to: whatever they do in whatever order, it is one.

The log is the real one. Islands overtake each other between hearing and telling.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from db.acceptance import accept
from db.backplane import Backplane
from db.contracts.event import EventType, Progress
from db.contracts.identifier import new_id
from db.contracts.kinds.islands import ISLANDS, IslandsRequest
from db.repositories import jobs
from tests.sample_jobs import REQUEST
from worker.coordination import lead_on
from worker.exchange import Exchange
from worker.team import Heard, News, Team

ISLAND_COUNT = 4
LARGE = 2**62
"""Near it two neighbours are one double."""


@dataclass(frozen=True)
class Step:
    """An island gets better, or proves more, and meets the others."""

    island: int
    lower: int
    higher: int
    overtakers: tuple[int, ...]
    """Islands that meet after it has heard and before it tells."""


STEPS = st.lists(
    st.one_of(
        st.just("flush"),
        st.builds(
            Step,
            island=st.integers(0, ISLAND_COUNT - 1),
            lower=st.integers(0, 3),
            higher=st.integers(0, 3),
            overtakers=st.lists(
                st.integers(0, ISLAND_COUNT - 1), max_size=3, unique=True
            ).map(tuple),
        ),
    ),
    max_size=20,
)


class SlowTeam(Team):
    """Lets others go first whenever it has heard."""

    def __init__(self, backplane: Backplane, parent_id: str, sea: "Sea") -> None:
        super().__init__(backplane, parent_id)
        self._sea = sea

    def hear(self) -> Heard:
        heard = super().hear()
        self._sea.let_overtake()
        return heard


class Sea:
    """Some islands, what each holds, and the log that they share."""

    def __init__(self, backplane: Backplane, redis: Redis) -> None:
        self.backplane, self.redis = backplane, redis
        request = IslandsRequest(islands=ISLAND_COUNT, solve=REQUEST)
        new = jobs.describe(ISLANDS, request, job_id=new_id("job"))
        with backplane.database.transaction() as connection:
            accept(connection, new)
        lead_on(backplane, new.id)
        self.job_id = new.id
        self.held = [self.start(island) for island in range(ISLAND_COUNT)]
        self.slow = self.exchanges(SlowTeam(backplane, new.id, self))
        self.quick = self.exchanges(Team(backplane, new.id))
        self.overtakers: list[int] = []

    def start(self, island: int) -> Progress:
        return Progress(
            attempt=1,
            method="memetic",
            objective=LARGE + 20,
            bound=LARGE - 99,
            bound_name="trivial",
            iterations=0,
            elapsed_s=0.0,
            permutation=[1, 0, 3, 2],
            island=island,
        )

    def exchanges(self, team: Team) -> list[Exchange]:
        return [
            Exchange(team, island=island, method="memetic")
            for island in range(ISLAND_COUNT)
        ]

    def do(self, step: Step | str) -> None:
        if isinstance(step, str):
            self.redis.flushall()
            return
        self.advance(step.island, step.lower, step.higher)
        self.overtakers = [each for each in step.overtakers if each != step.island]
        self.meet(self.slow, step.island)

    def advance(self, island: int, lower: int, higher: int) -> None:
        held = self.held[island]
        assert held.objective is not None
        assert held.bound is not None
        found = {"objective": held.objective - lower, "bound": held.bound + higher}
        self.held[island] = held.model_copy(
            update={**found, **({"island": island} if lower else {})}
        )

    def let_overtake(self) -> None:
        if self.overtakers:
            island = self.overtakers.pop()
            self.advance(island, 2, 2)
            self.meet(self.quick, island)

    def meet(self, exchanges: Sequence[Exchange], island: int) -> None:
        heard = exchanges[island].meet(self.held[island])
        if heard is not None:
            found = {"objective": heard.objective, "island": heard.island}
            self.held[island] = self.held[island].model_copy(update=found)

    def log(self) -> list[dict[str, Any]]:
        page = self.backplane.log.read(self.job_id)
        return [json.loads(event.body) for event in page.events]

    def check(self) -> None:
        for island in range(ISLAND_COUNT):
            self.meet(self.quick, island)
        for island in range(ISLAND_COUNT):
            self.meet(self.quick, island)
        log = self.log()
        numbers = [int(event["sequence"]) for event in log]
        assert numbers == list(range(1, len(log) + 1))
        told = [e["data"] for e in log if "objective" in e["data"]]
        assert all(a["objective"] >= b["objective"] for a, b in pairwise(told))
        bounds = [data["bound"] for data in told if "bound" in data]
        assert all(a <= b for a, b in pairwise(bounds))
        assert len(bounds) == sum("bound" in each for each in told)
        incumbents = [e["data"] for e in log if e["type"] == "job.incumbent"]
        assert all(a["objective"] > b["objective"] for a, b in pairwise(incumbents))
        best = min(held.objective or 0 for held in self.held)
        assert {held.objective for held in self.held} == {best}
        assert incumbents[-1]["objective"] == best
        assert told[-1]["bound"] == max(held.bound or 0 for held in self.held)


@pytest.fixture
def parts(sqlite_backplane: Backplane, redis: Redis) -> tuple[Backplane, Redis]:
    return sqlite_backplane, redis


@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=STEPS)
def test_a_merged_log_is_that_of_one_run(
    parts: tuple[Backplane, Redis], steps: list[Step | str]
) -> None:
    sea = Sea(*parts)
    for step in steps:
        sea.do(step)
    sea.check()


def test_what_is_worse_is_refused_to_the_last_digit(
    sqlite_backplane: Backplane, redis: Redis
) -> None:
    sea = Sea(sqlite_backplane, redis)
    team = Team(sqlite_backplane, sea.job_id)

    def tell(type_: EventType, objective: int, bound: int | None) -> bool:
        told = {"objective": objective, "bound": bound}
        news: News = (type_, sea.held[0].model_copy(update=told))
        return team.tell([news])

    assert tell(EventType.JOB_INCUMBENT, LARGE, -LARGE)
    assert not tell(EventType.JOB_INCUMBENT, LARGE, -LARGE)
    assert not tell(EventType.JOB_PROGRESS, LARGE + 1, -LARGE)
    assert not tell(EventType.JOB_PROGRESS, LARGE, -LARGE - 1)
    assert not tell(EventType.JOB_PROGRESS, LARGE, None)
    assert not tell(EventType.JOB_BOUND, LARGE, -LARGE)
    assert tell(EventType.JOB_PROGRESS, LARGE, -LARGE)
    assert tell(EventType.JOB_BOUND, LARGE, -LARGE + 1)
    assert tell(EventType.JOB_INCUMBENT, LARGE - 1, -LARGE + 1)
    assert not tell(EventType.JOB_INCUMBENT, LARGE - 2, -LARGE)
    assert [event["type"] for event in sea.log()][2:] == [
        "job.incumbent",
        "job.progress",
        "job.bound",
        "job.incumbent",
    ]
