"""The precision core's answers and errors in the words of the contracts."""

import pytest

from db.contracts.calculations.evaluate import EvaluateParameters
from db.contracts.errors import InternalError, InvalidInputError
from worker.calculations import precision_words
from worker.calculations.evaluate import calculate
from worker.calculations.watch import StoppedError
from worker.precision import DisagreementError


def goes_on(fraction: float, message: str = "") -> bool:
    return True


def test_the_default_function_comes_with_its_proof() -> None:
    parameters = EvaluateParameters(variables={"x": 3.14159}, digits=6)
    outcome = calculate(parameters, goes_on)
    assert outcome.value == "1.90845e-8"
    assert outcome.certainty == "correctly_rounded"
    assert float(outcome.error_bound) < 5e-14
    assert outcome.second is not None
    assert outcome.second.agreed_digits == 6
    assert outcome.terms == outcome.second.terms
    assert outcome.inputs["x"].kind == "float"
    assert outcome.inputs["x"].exact.startswith("3.1415899999999998826")


def test_zero_is_zero() -> None:
    outcome = calculate(EvaluateParameters(variables={"x": 0.0}), goes_on)
    assert (outcome.value, outcome.certainty, outcome.error_bound) == (
        "0",
        "exact",
        "0",
    )


def test_a_point_outside_the_domain_is_the_callers_to_change() -> None:
    parameters = EvaluateParameters(expression="1 + log(x)", variables={"x": "-1/2"})
    with pytest.raises(InvalidInputError) as refused:
        calculate(parameters, goes_on)
    (problem,) = refused.value.problems
    assert problem.pointer == "#/expression"
    assert problem.detail == "log(x) has no real value at (-1/2), at character 5"
    assert problem.suggestion == (
        "log(x[, base]) is real where: x > 0; base > 0 and not 1."
    )


def test_stopped_there_is_nothing_to_show() -> None:
    with pytest.raises(StoppedError):
        calculate(EvaluateParameters(variables={"x": 1}), lambda fraction: False)


def test_a_disagreement_is_our_fault_and_no_answer() -> None:
    with pytest.raises(InternalError), precision_words.in_words():
        raise DisagreementError("1 and 2")
