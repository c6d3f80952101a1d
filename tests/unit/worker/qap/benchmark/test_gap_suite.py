import pytest

from tests.unit.worker.qap.benchmark.rows import row
from worker.qap.benchmark.claim import Options, Verdict
from worker.qap.benchmark.gap_suite import GapClaim, GapSuite, present

OPTIONS = Options(seeds=(1, 2, 3))


def suite(statistic: str = "median", limit: float = 0.0) -> GapSuite:
    claim = GapClaim(
        label="two",
        instances=("nug12", "had12"),
        limit=limit,
        statistic=statistic,  # type: ignore[arg-type]
    )
    methods = ("tabu_search",)
    return GapSuite(summary="Two.", seconds=10, claims=(claim,), methods=methods)


def rows(worst: int = 100, last: str = "had12") -> list:
    values = {"nug12": (100, 100, 100), last: (100, 100, worst)}
    return [
        row(name, seed=seed, objective=value)
        for name, three in values.items()
        for seed, value in enumerate(three, 1)
    ]


@pytest.mark.parametrize(
    ("statistic", "limit", "worst", "verdict"),
    [
        ("worst", 0.0, 100, Verdict.MET),
        ("worst", 0.0, 101, Verdict.MISSED),
        ("worst", 0.01, 101, Verdict.MET),
        ("median", 0.0, 101, Verdict.MET),
    ],
)
def test_the_statistic_decides(statistic, limit, worst, verdict) -> None:
    (line,) = suite(statistic, limit).lines(rows(worst), OPTIONS)
    assert line.verdict is verdict


def test_what_is_beyond_the_limit_is_named() -> None:
    (line,) = suite("worst").lines(rows(150), OPTIONS)
    assert "had12 0 % (worst 50.000 %)" in line.measured
    assert "median 2/2, worst 1/2" in line.measured


def test_an_instance_not_run_is_a_miss() -> None:
    (line,) = suite().lines(rows(last="nug12"), OPTIONS)
    assert line.verdict is Verdict.MISSED
    assert "1 not run" in line.measured


@pytest.mark.parametrize(
    "other",
    [
        {"budget": "1 s cpu"},
        {"until": "gap 0.01"},
        {"parameters": "tenure=3"},
        {"seed": 4},
        {"bounds": ""},
    ],
)
def test_runs_in_other_circumstances_do_not_count(other: dict) -> None:
    (line,) = suite().lines([row(**other)], OPTIONS)
    assert (line.verdict, line.measured) == (Verdict.NOT_THERE, "nothing was run")


def test_a_method_that_is_not_there_fails_nothing() -> None:
    options = Options(methods=("method_of_the_future",))
    assert suite().runs(options) == []
    (line,) = suite().lines([], options)
    assert line.verdict is Verdict.NOT_THERE


def test_the_scale_shortens_every_run() -> None:
    runs = suite().runs(Options(seconds_scale=0.1, clock="wall"))
    assert {str(run.budget) for run in runs} == {"1 s wall"}
    assert len(runs) == 2 * 5


def test_peers_are_present_too() -> None:
    assert present(("tabu_search", "nobody", "scipy:faq")) == [
        "tabu_search",
        "scipy:faq",
    ]
