import pytest

from worker.qap.benchmark.claim import Options
from worker.qap.benchmark.exact_suite import ExactSuite
from worker.qap.benchmark.gap_suite import GapSuite
from worker.qap.benchmark.suites import SUITES, order_by_name
from worker.qap.qaplib import load, names

PLANNED = {n: s for n, s in SUITES.items() if isinstance(s, GapSuite | ExactSuite)}


def test_every_name_tells_the_order() -> None:
    assert {n: order_by_name(n) for n in names()} == {n: load(n).order for n in names()}


@pytest.mark.parametrize("suite", PLANNED.values(), ids=PLANNED)
def test_claims_name_shipped_instances_once(suite: GapSuite | ExactSuite) -> None:
    for claim in suite.claims:
        assert claim.instances
        assert set(claim.instances) <= set(names())
        assert len(set(claim.instances)) == len(claim.instances)


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_can_be_planned_with_another_method(name: str) -> None:
    runs = SUITES[name].runs(Options(methods=("tabu_search",)))
    assert len({run.key for run in runs}) == len(runs)


def test_the_first_claim_holds_every_small_instance_but_one() -> None:
    suite = SUITES["ten_seconds"]
    assert isinstance(suite, GapSuite)
    small = {n for n in names() if load(n).order <= 40}
    assert set(suite.claims[0].instances) == small - {"tai40a"}
