"""The core knows exactly the functions and constants that the edge lets in."""

import inspect

import pytest

from db.contracts.calculations.evaluate import CertaintyName
from db.contracts.expression import CONSTANTS, FUNCTIONS, parse
from db.contracts.expression.limits import MAX_DIGITS
from worker.precision import Certainty, dedicated, evaluate
from worker.precision.domains import DOMAINS
from worker.precision.second_opinion import SECOND

POINT = {"acosh": "2", "lambertw": "0.5", "ellipk": "0.5"}


def test_the_registries_have_the_same_names() -> None:
    assert set(dedicated.DEDICATED) == set(FUNCTIONS)
    assert set(dedicated.CONSTANTS) == set(CONSTANTS)
    assert set(SECOND.calls) <= set(FUNCTIONS)
    assert set(SECOND.constants) <= set(CONSTANTS)
    assert set(DOMAINS) <= set(FUNCTIONS)
    assert set(FUNCTIONS).isdisjoint(CONSTANTS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_takes_as_many_arguments_as_it_says(name: str) -> None:
    function = FUNCTIONS[name]
    assert function.name == name
    assert function.summary
    assert function.domain
    assert 0 < function.max_digits <= MAX_DIGITS
    least, most = function.arities
    for call in filter(None, (dedicated.DEDICATED[name], SECOND.calls.get(name))):
        taken = inspect.signature(call)
        for count in {least, min(most, 3)}:
            taken.bind(*[None] * count)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_a_value_somewhere(name: str) -> None:
    least, _ = FUNCTIONS[name].arities
    first = POINT.get(name, "0.5")
    arguments = {
        "root": "7, 3",
        "log": "7",
        "hurwitz": "3, 0.5",
        "polylog": "3, 0.5",
    }.get(name, ", ".join([first] * least))
    found = evaluate(parse(f"{name}({arguments})"), {}, 20)
    assert found.value


@pytest.mark.parametrize("name", CONSTANTS)
def test_a_constant_has_a_value(name: str) -> None:
    found = evaluate(parse(name), {}, 20)
    # Each summary of a number of its own shows its beginning.
    shown = CONSTANTS[name].summary.partition("...")[0].split()[-1]
    assert not shown[0].isdigit() or found.value.startswith(shown)


def test_both_sides_have_the_same_words_for_what_is_certain() -> None:
    assert {each.value for each in Certainty} == set(CertaintyName.__args__)
