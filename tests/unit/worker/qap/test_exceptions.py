import pytest

from worker.qap import exceptions
from worker.qap.exceptions import (
    InexactInstanceError,
    InvalidInstanceError,
    QAPError,
    UnknownMethodError,
)

PUBLIC = [
    value
    for name, value in vars(exceptions).items()
    if name.endswith("Error") and not name.startswith("_")
]


@pytest.mark.parametrize("error", PUBLIC, ids=lambda error: error.__name__)
def test_every_error_has_one_root_and_stands_in_the_tree(error) -> None:
    assert issubclass(error, QAPError)
    assert error.__name__ in (exceptions.__doc__ or "")


def test_an_inexact_instance_is_an_invalid_one() -> None:
    assert issubclass(InexactInstanceError, InvalidInstanceError)
    assert issubclass(InvalidInstanceError, ValueError)


def test_a_near_miss_is_suggested() -> None:
    error = UnknownMethodError("Taboo_Search", ["tabu_search", "linear_assignment"])
    assert "'tabu_search'" in error.suggestion
    assert error.name == "Taboo_Search"


def test_without_a_near_miss_the_known_names_are_listed() -> None:
    error = UnknownMethodError("zzz", ["tabu_search", "linear_assignment"])
    assert "linear_assignment, tabu_search" in error.suggestion
