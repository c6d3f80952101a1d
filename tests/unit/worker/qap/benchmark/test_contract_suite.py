from tests.unit.worker.qap.benchmark.rows import row
from worker.qap.benchmark.claim import Options, Verdict
from worker.qap.benchmark.contract_suite import ContractSuite

METHODS = ("tabu_search", "linear_assignment")
SUITE = ContractSuite(
    summary="Beside chance.",
    instance="nug12",
    seconds=1,
    permutations=1000,
    methods=METHODS,
)
OPTIONS = Options(seeds=(1, 2))


def rows(ours: int, *courses: tuple[int, ...]) -> list:
    chance = [
        row(
            method="random:permutations",
            budget="1000 iterations",
            until="limit",
            seed=seed,
            objective=value,
        )
        for seed, value in ((1, 200), (2, 180))
    ]
    return chance + [
        row(
            method=method,
            budget="1 s cpu",
            until="limit",
            objective=ours,
            trajectory=tuple((float(i), v) for i, v in enumerate(course)),
        )
        for method, course in zip(METHODS, courses, strict=False)
    ]


def test_the_worst_of_ours_must_beat_the_luckiest_permutation() -> None:
    first, *_ = SUITE.lines(rows(179, (250, 179)), OPTIONS)
    assert first.verdict is Verdict.MET
    assert "worst 179 beside 180" in first.measured
    first, *_ = SUITE.lines(rows(180, (250, 180)), OPTIONS)
    assert first.verdict is Verdict.MISSED


def test_two_methods_with_one_course_are_found_out() -> None:
    *_, distinct = SUITE.lines(rows(150, (250, 150), (250, 150)), OPTIONS)
    assert distinct.verdict is Verdict.MISSED
    assert "tabu_search = linear_assignment" in distinct.measured


def test_different_courses_are_distinct() -> None:
    *_, distinct = SUITE.lines(rows(150, (250, 150), (250, 190, 150)), OPTIONS)
    assert (distinct.verdict, distinct.measured) == (
        Verdict.MET,
        "1 of 1 pairs differ",
    )


def test_methods_of_the_future_are_not_there() -> None:
    options = Options(seeds=(1,), methods=("method_of_the_future",))
    assert {run.method for run in SUITE.runs(options)} == {"random:permutations"}
    lines = SUITE.lines([], options)
    assert {line.verdict for line in lines} == {Verdict.NOT_THERE}
