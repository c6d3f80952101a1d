import numpy as np
import pytest

from worker.qap import METHODS, InvalidParameterError
from worker.qap.methods.method import Parameter
from worker.qap.qaplib import load

WHOLE = Parameter(
    name="size", minimum=1, maximum=9, default=3, description="-", is_integer=True
)


@pytest.mark.parametrize("value", [1, 9, 4.0])
def test_values_in_the_domain_are_accepted(value) -> None:
    WHOLE.check(value)


@pytest.mark.parametrize("value", [0, 10, 2.5, float("nan"), "3", None, True])
def test_values_outside_the_domain_are_refused(value) -> None:
    with pytest.raises(InvalidParameterError) as caught:
        WHOLE.check(value)
    assert caught.value.pointer == ("parameters", "size")
    assert "3" in caught.value.suggestion


def test_an_unknown_parameter_is_refused_with_those_that_exist() -> None:
    with pytest.raises(InvalidParameterError) as caught:
        METHODS["tabu_search"].start(
            load("nug12"), np.random.default_rng(1), {"tabu": 1}
        )
    assert "tenure" in caught.value.suggestion
