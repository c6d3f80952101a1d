"""What jobs cost: each once, at the price that was in force when it ended."""

import threading
from collections import defaultdict
from decimal import Decimal

import pytest
from sqlalchemy import delete, func, select, text, update

from db.backplane import Backplane
from db.contracts.event import JobEnded
from db.contracts.identifier import new_id
from db.contracts.job_state import JobState
from db.contracts.price import PriceList
from db.embedded_valkey import EmbeddedValkey
from db.engine import now
from db.models import Charge, Job, PriceVersion, UsageOfDay, UsageOfMonth
from db.repositories import attempts, charges, equal_work, jobs, prices
from schedules.revenue import PORTION, add_up
from tests import sample_jobs
from tests.conftest import OpenBackplane
from tests.integration.db.test_history import RESULT

DAY = 86_400.0
CHEAP = PriceList.parse("solve=0.10+0.003/s,batch=1,calculate=0.7")
DEAR = PriceList.parse("solve=0.25+0.0007/s,batch=2,calculate=0.7")

Reopen = dict[str, object]


@pytest.fixture
def parts(database_url: str, valkey: EmbeddedValkey) -> Reopen:
    return {"database_url": database_url, "redis_url": valkey.redis_url}


def end(
    backplane: Backplane,
    state: JobState = JobState.SUCCEEDED,
    *,
    elapsed_s: float | None = None,
    **of_the_job: object,
) -> str:
    """Run a job to this end; return its id."""
    claimed = sample_jobs.claim(
        backplane.database, sample_jobs.submit(backplane.database, **of_the_job)
    )
    with backplane.database.transaction() as connection:
        attempts.finish(
            connection,
            claimed.job_id,
            attempt=claimed.attempt,
            state=state,
            payload=JobEnded(attempt=claimed.attempt, elapsed_s=elapsed_s),
            result=RESULT.model_copy(update={"elapsed_s": elapsed_s}).model_dump_json(),
        )
    return claimed.job_id


def charged(backplane: Backplane) -> Decimal:
    """Return what all that was used costs, as the service adds it up."""
    usual = backplane.settings.price_list
    with backplane.database.reading() as connection:
        known = prices.read(connection, usual=usual)
        days, is_whole = charges.by_day(connection, known, since=0)
    assert is_whole
    return sum(
        (
            known.numbered(use.kind, use.price).price.of(use.jobs, use.cpu_ms)
            for found in days.values()
            for use in found
        ),
        Decimal(0),
    )


def recomputed(backplane: Backplane) -> Decimal:
    """Return the same from the jobs and the prices alone, row by row."""
    with backplane.database.reading() as connection:
        rows = connection.execute(text("select * from job")).mappings().all()
        listed = connection.execute(text("select * from price")).mappings().all()
    by_kind: defaultdict[str, list[tuple[float, Decimal, Decimal]]] = defaultdict(list)
    for each in listed:
        price = (Decimal(each["per_job"]), Decimal(each["per_cpu_s"]))
        by_kind[each["kind"]].append((each["in_force_at"], *price))
    total = Decimal(0)
    for job in rows:
        if job["state"] != "succeeded":
            continue
        of_it = [one for one in by_kind[job["kind"]] if one[0] <= job["finished_at"]]
        _, per_job, per_cpu_s = max(of_it)
        total += per_job
        if job["children"] is None and job["cached_from"] is None:
            thousandths = round((job["elapsed_s"] or 0) * 1000)
            total += per_cpu_s * thousandths / 1000
    return total


def test_revenue_is_what_the_jobs_say_with_prices_changed_in_between(
    open_backplane: OpenBackplane, parts: Reopen
) -> None:
    first = open_backplane(**parts, prices=CHEAP)
    end(first, elapsed_s=1.2345)
    add_up(first)
    leader = end(first, elapsed_s=20.0004, caller="key:a", fingerprint="same")
    end(first, kind="batch", caller="key:a")
    for fate in (JobState.FAILED, JobState.CANCELLED):
        end(first, fate, elapsed_s=9.0)
    before = charged(first)

    second = open_backplane(**parts, prices=DEAR)
    # Both before and after the new price is known, and without any adding up between.
    end(second, elapsed_s=0.25)
    add_up(second)
    assert charged(second) == before + CHEAP.by_kind["solve"].of(1, 250)
    end(second, elapsed_s=0.0014, kind="calculate")
    end(second, elapsed_s=2.0)
    shared = sample_jobs.submit(second.database, held=True, caller="key:b")
    with second.database.transaction() as connection:
        equal_work.end_alike(
            connection, shared, jobs.get_job(connection, leader, whole=True)
        )
    expected = recomputed(second)
    assert charged(second) == expected
    add_up(second)
    assert charged(second) == expected == recomputed(second)
    assert (
        expected
        == Decimal("0.10") * 3
        + Decimal("0.003") * Decimal("21.484")
        + 1
        + Decimal("0.7")
        + Decimal("0.25") * 2
        + Decimal("0.0007") * 2
    )
    with second.database.transaction() as connection:
        connection.execute(delete(Job).where(Job.state != JobState.QUEUED.value))
    assert charged(second) == expected


def test_a_price_that_changes_does_so_for_later_jobs_only(
    open_backplane: OpenBackplane, parts: Reopen
) -> None:
    first = open_backplane(**parts, prices=CHEAP)
    add_up(first)
    early = end(first)
    second = open_backplane(**parts, prices=DEAR)
    add_up(second)
    late = end(second)
    # It is added up late, and ended early.
    with second.database.reading() as connection:
        known = prices.read(connection, usual={})
        ends = {
            job_id: jobs.get_job(connection, job_id).finished_at
            for job_id in (early, late)
        }
    paid = {each: known.at("solve", ends[each] or 0.0).price for each in ends}
    assert paid == {early: CHEAP.by_kind["solve"], late: DEAR.by_kind["solve"]}
    # Whoever goes on with settings that it read before does not turn it back.
    add_up(first)
    with second.database.reading() as connection:
        latest = prices.read(connection, usual={}).at("solve", float("inf"))
    assert latest.price == DEAR.by_kind["solve"]


def test_many_couriers_at_once_lose_and_double_nothing(
    open_backplane: OpenBackplane, parts: Reopen
) -> None:
    count = PORTION + 40
    opened = [open_backplane(**parts, prices=CHEAP) for _ in range(3)]
    with opened[0].database.transaction() as connection:
        connection.execute(
            Charge.__table__.insert(),  # type: ignore[attr-defined]
            [
                {
                    "job_id": new_id("job"),
                    "kind": "solve",
                    "caller": f"key:{number % 7}",
                    "ended_at": number * 500.0,
                    "cpu_s": 0.0005 * number,
                }
                for number in range(count)
            ],
        )
    expected = charged(opened[0])
    together = threading.Barrier(len(opened))
    faults: list[BaseException] = []

    def work(backplane: Backplane) -> None:
        together.wait(30)
        try:
            add_up(backplane)
        except BaseException as error:
            faults.append(error)

    threads = [threading.Thread(target=work, args=(each,)) for each in opened]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert charged(opened[0]) == expected
    with opened[0].database.reading() as connection:
        left = connection.execute(select(func.count()).select_from(Charge))
        assert left.scalar_one() == 0
        for table in (UsageOfDay, UsageOfMonth):
            added = connection.execute(select(func.sum(table.jobs)))
            assert added.scalar_one() == count
        versions = connection.execute(select(PriceVersion.kind)).scalars().all()
    assert sorted(versions) == sorted(opened[0].settings.price_list)


def test_a_day_has_what_ended_on_it(
    open_backplane: OpenBackplane, parts: Reopen
) -> None:
    backplane = open_backplane(**parts, prices=CHEAP)
    days_ago = {end(backplane, elapsed_s=1.0): days for days in (0, 1, 1, 40)}
    with backplane.database.transaction() as connection:
        for job_id, days in days_ago.items():
            moved = update(Charge).where(Charge.job_id == job_id)
            connection.execute(moved.values(ended_at=now() - days * DAY))
        today = int(connection.execute(select(now())).scalar_one() // DAY)

    def jobs_by_day() -> dict[int, int]:
        with backplane.database.reading() as connection:
            known = prices.read(connection, usual=backplane.settings.price_list)
            days, _ = charges.by_day(connection, known, since=today - 2)
        return {today - day: sum(use.jobs for use in of) for day, of in days.items()}

    assert jobs_by_day() == {0: 1, 1: 2}
    add_up(backplane)
    assert jobs_by_day() == {0: 1, 1: 2}


def test_what_succeeded_is_charged_with_its_end_or_not_at_all(
    backplane: Backplane,
) -> None:
    claimed = sample_jobs.claim_new(backplane.database)

    def end_and_break() -> None:
        with backplane.database.transaction() as connection:
            attempts.finish(
                connection,
                claimed.job_id,
                attempt=claimed.attempt,
                state=JobState.SUCCEEDED,
                payload=JobEnded(attempt=claimed.attempt),
                result="{}",
            )
            raise RuntimeError("before the commit")

    with pytest.raises(RuntimeError, match="before the commit"):
        end_and_break()
    with backplane.database.reading() as connection:
        assert connection.execute(select(Charge)).all() == []
