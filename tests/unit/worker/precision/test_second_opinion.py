"""The second algorithms enclose the same numbers, and share no routine."""

from binascii import crc32
from collections.abc import Iterator

import pytest
from flint import arb, ctx, fmpq

from db.contracts.expression import CONSTANTS, FUNCTIONS, parse
from tests.benchmarks.precision_cases import Dice
from worker.precision import evaluate
from worker.precision.dedicated import CONSTANTS as DEDICATED_CONSTANTS
from worker.precision.dedicated import DEDICATED
from worker.precision.domains import in_domain
from worker.precision.second_opinion import CHECKED_DIGITS, SECOND

WITHOUT = {"hurwitz"}
TRIVIAL = {"abs", "min", "max", "floor", "ceil", "sign"}
NAMES = sorted(set(DEDICATED) - WITHOUT - TRIVIAL)


@pytest.fixture(autouse=True)
def put_back() -> Iterator[None]:
    kept = ctx.prec
    yield
    ctx.prec = kept


def draw(rng: Dice, name: str) -> tuple[fmpq, ...]:
    def one() -> fmpq:
        if rng.random() < 0.2:
            return fmpq(rng.randint(-12, 12))
        top = rng.randint(-(10**6), 10**6)
        return fmpq(top, rng.randint(10**4, 10 ** rng.randint(5, 8)))

    arguments = [one() for _ in range(FUNCTIONS[name].arities[1])]
    if name == "root":
        arguments[1] = fmpq(rng.randint(1, 9))
    if name == "lambertw":
        arguments[1] = fmpq(rng.choice([0, -1]))
    if name == "polylog":
        arguments = [fmpq(rng.randint(-3, 9)), arguments[1] / 20]
    return tuple(arguments)


@pytest.mark.parametrize("name", NAMES)
def test_both_algorithms_enclose_one_number(name: str) -> None:
    rng = Dice(crc32(name.encode()))
    compared = 0
    for _ in range(60):
        ctx.prec = rng.choice([60, 120, 250])
        arguments = draw(rng, name)
        if in_domain(name, arguments) is not True:
            continue
        try:
            second = SECOND.calls[name](*arguments)
        except ArithmeticError:
            continue
        first = DEDICATED[name](*arguments)
        assert second.overlaps(first), (name, arguments)
        compared += second.is_finite()
    assert compared > 5


@pytest.mark.parametrize("name", sorted(SECOND.constants))
@pytest.mark.parametrize("bits", [30, 64, 333, 2_000])
def test_both_algorithms_enclose_one_constant(name: str, bits: int) -> None:
    ctx.prec = bits
    second = SECOND.constants[name]()
    assert second.overlaps(DEDICATED_CONSTANTS[name]())
    assert second.rel_accuracy_bits() > bits - 8


@pytest.mark.parametrize("name", NAMES)
def test_wide_arguments_give_balls_that_hold_every_point(name: str) -> None:
    rng = Dice(~crc32(name.encode()) & 0xFFFFFFFF)
    ctx.prec = 80
    for _ in range(10):
        arguments = draw(rng, name)
        if in_domain(name, arguments) is not True or arguments[0].q == 1:
            continue
        wide = arb(arguments[0]) + arb(0, arb(2) ** -40)
        given = (wide, *arguments[1:])
        if in_domain(name, given) is not True:
            continue
        try:
            second = SECOND.calls[name](*given)
        except ArithmeticError:
            continue
        assert second.overlaps(DEDICATED[name](*arguments))


def test_no_routine_is_shared() -> None:
    shared = {
        name
        for name, call in SECOND.calls.items()
        if call is DEDICATED.get(name) and name not in TRIVIAL
    }
    assert shared == set()


@pytest.mark.parametrize(
    "source", ["exp(2)", "zeta(3)", "besselj(1, 3)", "pi**e", "airyai(2)", "erfc(3)"]
)
def test_the_opinion_confirms_the_digits(source: str) -> None:
    found = evaluate(parse(source), {}, 40)
    assert found.second is not None
    assert found.second.agreed_digits == 40


def test_the_opinion_says_how_many_digits_it_confirms() -> None:
    found = evaluate(parse("exp(2)"), {}, CHECKED_DIGITS + 500)
    assert found.second is not None
    assert CHECKED_DIGITS <= found.second.agreed_digits < CHECKED_DIGITS + 50


@pytest.mark.parametrize("source", ["hurwitz(3, 0.5)", "khinchin + 1", "glaisher"])
def test_where_there_is_none_it_is_said(source: str) -> None:
    found = evaluate(parse(source), {}, 20)
    assert found.second is None
    assert "no second algorithm" in found.no_second


def test_unasked_there_is_none() -> None:
    found = evaluate(parse("exp(2)"), {}, 20, check=False)
    assert (found.second, found.no_second) == (None, "no second opinion was asked for")


def test_every_constant_but_two_has_a_second_series() -> None:
    assert set(CONSTANTS) - set(SECOND.constants) == {"khinchin", "glaisher"}
