import pytest

from db.contracts.errors import InvalidInputError
from worker.calculations.cash_flow import in_words_of
from worker.finance.exceptions import FlowError


def test_what_the_core_refuses_is_told_where_the_caller_wrote_it() -> None:
    with pytest.raises(InvalidInputError) as refused, in_words_of(flows="cash_flows"):
        raise FlowError("not so", suggestion="But so.", path=("flows", 3))
    (problem,) = refused.value.problems
    assert (problem.pointer, problem.detail) == ("#/cash_flows/3", "not so")
    assert problem.suggestion == "But so."
