"""The shipped averages are of the methods that there are, and no two are alike."""

from db.contracts.averages import shipped_averages
from db.contracts.catalogue import catalogue


def test_every_method_has_an_average() -> None:
    assert set(shipped_averages().methods) == set(catalogue().methods)


def test_no_two_methods_average_the_same() -> None:
    told = shipped_averages().methods.values()
    pairs = {(average.avg_quality, average.avg_runtime_ms) for average in told}
    assert len(pairs) == len(told)
