"""The error of each level is that of its digits."""

import mpmath
import pytest
from mpmath import mp

from db.contracts.expression import parse
from worker.precision import convergence


def test_each_level_is_as_good_as_its_digits() -> None:
    found = convergence(parse("sin(x)*exp(-x**2/2)", ["x"]), {"x": "0.7"}, 15)
    assert found.certified.digits == 25
    with mpmath.workdps(60):
        x = mp.mpf(7) / 10
        true = mp.sin(x) * mp.exp(-x * x / 2)
        for number, level in enumerate(found.levels, 1):
            assert level.digits == number
            assert abs(mp.mpf(level.value) - true) <= mp.mpf(level.error)
            assert mp.mpf(level.error) <= mp.mpf(10) ** -number
    terms = [each.terms for each in found.levels if each.terms is not None]
    assert len(terms) == 15
    assert terms == sorted(terms)
    bits = [each.working_bits for each in found.levels]
    assert bits == sorted(bits)


def test_an_exact_value_has_no_error() -> None:
    found = convergence(parse("1/4"), {}, 5)
    assert [each.error for each in found.levels][1:] == ["0"] * 4
    assert all(each.terms is None for each in found.levels)


def test_stopped_the_levels_so_far_are_kept() -> None:
    calls = iter(range(1_000))
    found = convergence(
        parse("exp(x)", ["x"]), {"x": 2}, 50, on_progress=lambda share: next(calls) < 9
    )
    assert 0 < len(found.levels) < 50


def test_progress_never_goes_back() -> None:
    told: list[float] = []

    def tell(share: float) -> bool:
        told.append(share)
        return True

    convergence(parse("sin(x)*exp(x)", ["x"]), {"x": "0.3"}, 6, on_progress=tell)
    assert told == sorted(told)
    assert told[-1] == pytest.approx(1.0)
