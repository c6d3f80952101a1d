"""The Python client against the real service: jobs, families and calculations."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import numpy as np
import pytest
from typing_extensions import override

from api.client import (
    Client,
    InvalidInputError,
    JobFailedError,
    NotFoundError,
    Progress,
    Solution,
    WaitTimeoutError,
    records,
)
from db.backplane import Backplane
from tests.colours import COLOURS, opened
from tests.integration.api.live import LiveApi
from tests.one_worker import OneWorker, working

QAPLIB = "3\n\n0 1 2\n1 0 3\n2 3 0\n\n0 5 1\n5 0 4\n1 4 0\n"
BRIEF = {"limits": {"iterations": 200}}


@pytest.fixture(params=COLOURS)
def python(request: pytest.FixtureRequest, live: LiveApi) -> Iterator[Client]:
    """Return the Python client of the service."""
    with opened(request.param, live.url) as client:
        yield client


@pytest.fixture
def worker(app_backplane: Backplane) -> Iterator[None]:
    with working(app_backplane):
        yield


@pytest.mark.usefixtures("worker")
def test_arrays_are_solved(python: Client) -> None:
    random = np.random.default_rng(1)
    flow, distance = random.integers(0, 9, (2, 6, 6))
    found = python.solve(flow, distance, method="exact", seconds=20)
    moved = distance[np.ix_(found.permutation, found.permutation)]
    assert found.permutation.dtype == np.int64
    assert found.objective == int((flow * moved).sum()) == found.certificate.objective
    assert (found.gap, found.bound, found.is_optimal) == (0.0, found.objective, True)
    assert found.job.state == "succeeded"
    assert python.verify(found.certificate).valid


@pytest.mark.usefixtures("worker")
def test_large_integers_are_exact_or_refused(python: Client) -> None:
    big = 2**47 + 1
    flow = np.array([[0, 1], [0, 0]])
    distance = np.array([[0, big], [big + 2, 0]])
    found = python.solve(flow, distance, method="exact", seconds=5)
    assert found.objective == found.certificate.objective == big
    assert isinstance(found.objective, int)
    with pytest.raises(InvalidInputError, match="could be rounded"):
        python.solve(flow * 2**13, distance, method="exact", seconds=5)


@pytest.mark.usefixtures("worker")
def test_a_name_and_a_file_are_instances_too(python: Client, tmp_path: Path) -> None:
    named = python.solve("nug12", limits={"iterations": 100}, seed=3)
    assert named.job.instance is not None
    assert (named.job.instance.name, named.certificate.seed) == ("nug12", 3)
    file = tmp_path / "three.dat"
    file.write_text(QAPLIB, encoding="utf-8")
    assert (
        python.solve(file, seconds=5).objective
        == python.solve(str(file), method="exact", seconds=5).objective
    )


@pytest.mark.usefixtures("worker")
def test_progress_is_told_while_it_is_solved(python: Client) -> None:
    told: list[Progress] = []
    found = python.solve(
        "tai80a", method="tabu_search", seconds=1.2, on_progress=told.append
    )
    assert told
    assert all(
        each.objective is None or each.objective >= found.objective for each in told
    )
    sequences = [each.sequence for each in told]
    assert sequences == sorted(set(sequences))


def test_one_may_wait_for_a_while_only(python: Client) -> None:
    with pytest.raises(WaitTimeoutError) as raised:
        python.solve("nug12", seconds=1, timeout_seconds=0.2)
    assert python.job(raised.value.job.id).state == "queued"
    python.cancel(raised.value.job.id)
    with pytest.raises(JobFailedError, match="is cancelled, and has no result"):
        Solution.of(python.wait(raised.value.job.id))


def test_what_is_wrong_is_said_with_its_place_and_page(
    python: Client, live: LiveApi
) -> None:
    with pytest.raises(InvalidInputError) as raised:
        python.solve([[0, 1], [1, 0]], [[0, 1, 2], [1, 0, 2]])
    assert raised.value.errors[0].pointer.startswith("#/instance/distance")
    assert raised.value.page == f"{live.url}/problems/invalid-input"
    with pytest.raises(NotFoundError):
        python.job("job_" + "0" * 32)


def test_jobs_are_listed_chosen_and_deleted(
    python: Client, app_backplane: Backplane
) -> None:
    first, second = (
        python.submit_solve("nug12", seed=seed, **BRIEF) for seed in (1, 2)
    )
    assert {job.id for job in python.jobs(state=["queued", "running"], limit=1)} == {
        first.id,
        second.id,
    }
    trial = python.act("cancel", ids=[first.id], dry_run=True)
    assert (trial.chosen, trial.items[0].outcome) == (1, "would_be_done")
    assert python.act("cancel", ids=[first.id]).done == 1
    OneWorker(app_backplane).work_off(first.id, second.id)
    rows = {row["id"]: row for row in records(python.jobs())}
    assert rows[second.id]["state"] == "succeeded"
    assert rows[second.id]["instance_name"] == "nug12"
    assert "links" not in rows[second.id]
    again = python.rerun(second.id, seed=5)
    assert (again.origin, again.origin_id, again.seed) == ("rerun", second.id, 5)
    same = python.reproduce(second.id)
    OneWorker(app_backplane).work_off(again.id, same.id)
    result = python.wait(same.id).result
    assert {each.job_id for each in python.history(state="succeeded")} == {
        second.id,
        again.id,
        same.id,
    }
    assert result is not None
    assert result.reproduction is not None
    assert result.reproduction.verdict == "match"
    python.delete(second.id)
    with pytest.raises(NotFoundError):
        python.result(second.id)


def test_a_batch_is_sent_followed_and_read(
    python: Client, app_backplane: Backplane
) -> None:
    batch = python.batches.create([{"instance": {"name": "nug12"}, **BRIEF}] * 2)
    assert [each.id for each in python.batches.all()] == [batch.id]
    assert batch.counts is not None
    assert batch.counts.total == 2
    with working(app_backplane):
        items = list(python.batches.items(batch.id, follow=True))
        ended = python.batches.wait(batch.id, timeout_seconds=60)
    assert sorted(item.index for item in items) == [0, 1]
    assert [item.state for item in items] == ["succeeded"] * 2
    assert ended.counts is not None
    assert (ended.is_final, ended.counts.succeeded) == (True, 2)
    assert {item.index for item in python.batches.items(batch.id)} == {0, 1}
    assert list(python.batches.events(batch.id))[-1].type == "batch.completed"
    whole = python.job(batch.id)
    assert whole.result is None
    assert whole.totals is not None
    assert whole.totals.counts.succeeded == 2
    assert whole.model_dump(mode="json")["result"]["counts"]["succeeded"] == 2


def test_a_batch_is_cancelled(python: Client) -> None:
    batch = python.batches.create(["nug12"])
    python.batches.cancel(batch.id)
    assert python.batches.get(batch.id).state == "cancelled"


def test_a_benchmark_compares(python: Client, app_backplane: Backplane) -> None:
    made = python.benchmarks.create(
        ["nug12"], ["tabu_search", "two_swap"], seeds=[1], **BRIEF
    )
    assert not python.benchmarks.report(made.id).final
    with working(app_backplane):
        python.benchmarks.wait(made.id, timeout_seconds=60)
    state = python.benchmarks.report(made.id)
    assert state.final
    assert {cell.contender for cell in state.report.cells} == {
        "tabu_search",
        "two_swap",
    }
    assert python.benchmarks.report_csv(made.id).startswith("instance,")
    assert [each.id for each in python.benchmarks.all()] == [made.id]


@pytest.mark.usefixtures("worker")
def test_calculations_are_asked_for_by_their_names(python: Client) -> None:
    calculate = python.calculations
    assert calculate.precision("sqrt(x)", digits=30, x=2)["value"].startswith(
        "1.4142135623730950488016887242"
    )
    flows = np.array([100.0, 120.0])
    value = calculate.npv(flows, discount_rate=0.1, initial_investment=150)
    assert value["npv"] == pytest.approx(40.08, abs=0.01)
    assert calculate.irr([100, 200, 300], initial_investment=500)["is_unique"]
    job = calculate.run("roi", {"cash_flows": [3], "initial_investment": 2})
    assert job.calculated is not None
    assert job.calculated.calculation == "roi"


@pytest.mark.usefixtures("worker")
def test_every_calculation_has_a_method_that_takes_its_example(python: Client) -> None:
    for kind in python.calculations.kinds():
        outcome = getattr(python.calculations, kind.name)(**kind.example)
        assert set(outcome) <= set(kind.outcome["properties"]), kind.name
        assert python.calculations.get(kind.name) == kind


@pytest.mark.usefixtures("worker")
def test_a_calculation_that_cannot_be_done_says_why(python: Client) -> None:
    with pytest.raises(NotFoundError, match="Did you mean evaluate"):
        python.calculations.get("evaluat")
    with pytest.raises(InvalidInputError):
        python.calculations.evaluate("sin(")


class CutTransport(httpx2.HTTPTransport):
    """Loses the first answer on the way."""

    cuts = 1

    @override
    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        response = super().handle_request(request)
        self.cuts -= 1
        if self.cuts >= 0:
            response.close()
            raise httpx2.ReadError("cut")
        return response


class AsyncCutTransport(httpx2.AsyncHTTPTransport):
    """Loses the first answer on the way."""

    cuts = 1

    @override
    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        self.cuts -= 1
        if self.cuts >= 0:
            await response.aclose()
            raise httpx2.ReadError("cut")
        return response


CUTS = {"sync": CutTransport, "async": AsyncCutTransport}


@pytest.mark.parametrize("colour", COLOURS)
def test_an_answer_that_is_lost_makes_no_second_job(live: LiveApi, colour: str) -> None:
    with opened(colour, live.url, transport=CUTS[colour]()) as client:
        job = client.submit_solve("nug12")
        assert [each.id for each in client.jobs()] == [job.id]
    with opened(colour, live.url, transport=CUTS[colour]()) as client:
        batch = client.batches.create(["nug12"])
        assert [each.id for each in client.batches.all()] == [batch.id]
