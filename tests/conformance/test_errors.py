"""What every error of the service promises, asked of each one."""

from collections.abc import Iterator

import pytest

from api.errors import STATUS
from db.contracts import errors
from db.contracts.errors import ErrorRecord, InputProblem, ServiceError


def below(root: type[ServiceError]) -> Iterator[type[ServiceError]]:
    for error in root.__subclasses__():
        yield error
        yield from below(error)


ERRORS = sorted(set(below(ServiceError)), key=lambda error: error.__name__)
EACH = pytest.mark.parametrize("error", ERRORS)


def test_no_two_errors_share_a_code() -> None:
    codes = [error.code for error in ERRORS]
    assert sorted(codes) == sorted(set(codes))


@EACH
def test_an_error_has_a_status(error: type[ServiceError]) -> None:
    assert 400 <= STATUS[error] < 600


@EACH
def test_what_may_pass_is_told_as_unavailable(error: type[ServiceError]) -> None:
    assert error.retryable == (STATUS[error] == 503)


@EACH
def test_the_docstring_is_the_message(error: type[ServiceError]) -> None:
    assert error.__doc__
    assert str(error()) == error.__doc__
    assert error("otherwise").message == "otherwise"


@EACH
def test_an_error_says_what_to_do(error: type[ServiceError]) -> None:
    assert error().suggestion
    assert error(suggestion="pray").suggestion == "pray"


@EACH
def test_an_error_survives_the_row(error: type[ServiceError]) -> None:
    record = error("why").record()
    assert ErrorRecord.model_validate_json(record.model_dump_json()) == record
    assert record.code == error.code


@EACH
def test_an_error_stands_in_the_drawn_tree(error: type[ServiceError]) -> None:
    assert errors.__doc__ is not None
    assert error.__name__ in errors.__doc__.split()


def test_the_first_problem_of_an_input_is_its_message() -> None:
    problem = InputProblem(pointer="#/x", detail="x is odd", suggestion="Halve it.")
    error = errors.InvalidInputError(problems=[problem])
    assert (error.message, error.suggestion) == ("x is odd", "Halve it.")
    assert error.problems == (problem,)
