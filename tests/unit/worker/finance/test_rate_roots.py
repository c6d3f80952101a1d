from itertools import pairwise

import numpy as np
import pytest
from flint import arb, ctx, fmpz_poly

from worker.finance.rate_roots import _by_signs, positive_roots, sign_changes


def test_zeros_have_no_sign() -> None:
    assert sign_changes([0, 1, 0, -1, 0, 0, -2, 3, 0]) == 2
    assert sign_changes([]) == 0


def certified(polynomial: fmpz_poly) -> list[tuple[float, int]]:
    """Return positive roots and multiplicities by an isolation that is not ours."""
    return sorted(
        (float(root.real), multiplicity)
        for root, multiplicity in polynomial.complex_roots()
        if root.imag == 0 and root.real > 0
    )


def ours(polynomial: fmpz_poly) -> list[tuple[float, int]]:
    return sorted(
        (
            float(1 / found.ball if found.is_inverse else found.ball),
            found.multiplicity,
        )
        for found in positive_roots(polynomial).enclosures
    )


@pytest.mark.parametrize("seed", range(40))
def test_arb_isolates_the_same_roots(seed: int) -> None:
    rng = np.random.default_rng(seed)
    polynomial = fmpz_poly(rng.integers(-9, 10, int(rng.integers(3, 30))).tolist())
    polynomial *= fmpz_poly([*rng.integers(-2, 3, 3).tolist(), 1]) ** 2
    got, expected = ours(polynomial), certified(polynomial)
    assert [m for _, m in got] == [m for _, m in expected]
    assert [x for x, _ in got] == pytest.approx([x for x, _ in expected], rel=1e-14)


def test_every_ball_shows_a_change_of_sign() -> None:
    rng = np.random.default_rng(3)
    polynomial = fmpz_poly(rng.integers(-(2**60), 2**60, 200).tolist())
    found = positive_roots(polynomial)
    assert found.is_complete
    with ctx.workprec(400):
        for each in found.enclosures:
            coefficients = polynomial.coeffs()
            ordered = coefficients[::-1] if each.is_inverse else coefficients
            oriented = fmpz_poly(ordered)
            low, high = oriented(each.ball.lower()), oriented(each.ball.upper())
            assert (low < 0 and high > 0) or (low > 0 and high < 0)


def test_a_wrong_guess_is_not_believed() -> None:
    polynomial = fmpz_poly([-100, 60, 60])
    with ctx.workprec(128):
        right = float(positive_roots(polynomial).enclosures[0].ball)
    for guess in (right, 0.3, 7.0, -1.0, 0.0):
        with ctx.workprec(128):
            (found,) = positive_roots(polynomial, guess).enclosures
            assert float(found.ball) == pytest.approx(right, rel=1e-15)


def test_clusters_are_taken_apart_or_told() -> None:
    """Alternating flows: hundreds of roots near each other, all but one not real."""
    found = positive_roots(fmpz_poly([(-1) ** k for k in range(1000)]))
    assert found.is_complete
    assert [each.multiplicity for each in found.enclosures] == [1]


def test_many_roots_are_all_found() -> None:
    polynomial = fmpz_poly([1])
    for k in range(1, 41):
        polynomial *= fmpz_poly([-k, 41])
    found = sorted(x for x, _ in ours(polynomial))
    assert found == pytest.approx([k / 41 for k in range(1, 41)], rel=1e-14)
    assert all(a < b for a, b in pairwise(found))


def test_a_root_at_the_end_of_an_interval_hides_none_beside_it() -> None:
    """Halving meets 1/2, 1/4 and 3/4; thirds lie between, in a crowd."""
    polynomial = fmpz_poly([1])
    for k in range(1, 48):
        polynomial *= fmpz_poly([-k, 48])
    found = [x for x, _ in ours(polynomial)]
    assert found == pytest.approx([k / 48 for k in range(1, 48)], rel=1e-14)


@pytest.mark.parametrize("parts", [8, 12, 20])
def test_signs_alone_isolate_roots_where_halving_meets_them(parts: int) -> None:
    polynomial = fmpz_poly([1, 1, 1])
    for k in range(1, parts):
        polynomial *= fmpz_poly([-k, parts])
    found, is_complete = _by_signs(polynomial)
    assert is_complete
    with ctx.workprec(128):
        assert sorted(map(float, found)) == pytest.approx(
            [k / parts for k in range(1, parts)], rel=1e-15
        )


def test_roots_nobody_can_tell_apart_are_told_as_incomplete() -> None:
    """Mignotte's polynomial: two of its roots differ by less than 1e-700."""
    coefficients = [0] * 501
    coefficients[:3], coefficients[500] = [-2, 4000, -2_000_000], 1
    found = positive_roots(fmpz_poly(coefficients))
    assert not found.is_complete
    # The third is far from them, and found all the same.
    assert len(found.enclosures) == 1
    assert float(found.enclosures[0].ball) < 1


def test_the_zero_ball_is_exact() -> None:
    (found,) = positive_roots(fmpz_poly([-1, 1])).enclosures
    assert found.ball == arb(1)
