from tests.unit.worker.qap.benchmark.rows import row
from worker.qap.benchmark.claim import Options, Verdict
from worker.qap.benchmark.peer_suite import PeerSuite

SUITE = PeerSuite(
    summary="Beside FAQ.",
    seconds=10,
    instances=("nug12", "had12"),
    methods=("tabu_search",),
    peers=("scipy:faq",),
)
OPTIONS = Options(seeds=(1, 2))


def rows(theirs: int) -> list:
    return [
        *(row(name, seed=s) for name in SUITE.instances for s in (1, 2)),
        row("nug12", "scipy:faq", objective=105),
        row("nug12", "scipy:faq", objective=theirs, seed=2),
    ]


def test_never_worse_is_judged_seed_by_seed() -> None:
    (line,) = SUITE.lines(rows(100), OPTIONS)
    assert line.verdict is Verdict.MET
    assert line.measured == "better 1, equal 1, worse 0, 2 skipped or not run"


def test_one_seed_that_is_worse_is_a_miss_and_named() -> None:
    (line,) = SUITE.lines(rows(99), OPTIONS)
    assert line.verdict is Verdict.MISSED
    assert "nug12/2 0 % beside -1.000 %" in line.measured


def test_a_peer_that_was_skipped_does_not_count() -> None:
    skipped = row(method="scipy:faq", objective=None, termination="skipped")
    (line,) = SUITE.lines([row(), skipped], OPTIONS)
    assert (line.verdict, line.measured) == (Verdict.NOT_THERE, "nothing was run")


def test_without_ours_no_peer_runs() -> None:
    assert SUITE.runs(Options(methods=("method_of_the_future",))) == []


def test_both_sides_have_the_same_budget_and_seeds() -> None:
    sides: dict[str, set] = {"tabu_search": set(), "scipy:faq": set()}
    for run in SUITE.runs(OPTIONS):
        sides[run.method].add((run.instance, run.seed, run.budget))
    assert sides["tabu_search"] == sides["scipy:faq"]
    assert len(sides["scipy:faq"]) == 4
