from tests.unit.worker.qap.benchmark.rows import row
from worker.qap.benchmark.claim import Options, Verdict
from worker.qap.benchmark.exact_suite import ExactSuite, ProofClaim

# Any method stands in for the exact one.
SUITE = ExactSuite(
    summary="Proofs.",
    seconds=60,
    claims=(
        ProofClaim(label="fast", instances=("nug12",), seconds=30),
        ProofClaim(label="others", instances=("had12", "rou12"), seconds=None),
    ),
    methods=("tabu_search",),
)
OPTIONS = Options(seeds=(1, 2))


def proof(name: str, **given: object):
    values = {"budget": "60 s cpu", "until": "limit", "termination": "optimal"}
    return row(name, **(values | given))


def test_a_proof_in_time_is_enough() -> None:
    promised, told = SUITE.lines([proof("nug12", elapsed_s=29.0)], OPTIONS)
    assert promised.verdict is Verdict.MET
    assert "nug12 29 s" in promised.measured
    assert told.verdict is Verdict.NOT_THERE


def test_a_late_proof_is_a_miss() -> None:
    promised, _ = SUITE.lines([proof("nug12", elapsed_s=31.0)], OPTIONS)
    assert promised.verdict is Verdict.MISSED


def test_the_best_known_without_a_proof_is_a_miss() -> None:
    late = proof("nug12", termination="time_limit", bound=90)
    promised, _ = SUITE.lines([late], OPTIONS)
    assert promised.verdict is Verdict.MISSED
    assert "nug12 time_limit in [90, 100]" in promised.measured


def test_what_nobody_promised_is_only_told() -> None:
    rows = [proof("had12"), proof("rou12", termination="time_limit")]
    _, told = SUITE.lines(rows, OPTIONS)
    assert told.verdict is Verdict.REPORTED
    assert told.measured == "1/2 in time; had12 2 s"


def test_runs_go_on_after_the_best_known() -> None:
    runs = SUITE.runs(OPTIONS)
    assert not any(run.stops_at_target for run in runs)
    assert [run.seed for run in runs] == [1, 1, 1]
