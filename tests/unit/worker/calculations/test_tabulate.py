"""A table in the words of its contract."""

from db.contracts.calculations.tabulate import TabulateParameters
from worker.calculations.tabulate import calculate


def test_a_point_without_a_value_has_its_problem() -> None:
    parameters = TabulateParameters(
        expression="a/x", values=[-1, 0, "1/3"], variables={"a": 2}, digits=4
    )
    outcome = calculate(parameters, lambda fraction, message="": True)
    assert outcome.is_complete
    assert [row.value for row in outcome.rows] == ["-2.000", None, "6.000"]
    assert [row.point for row in outcome.rows] == ["-1", "0", "1/3"]
    assert outcome.rows[1].problem == "a/x divides by 0"


def test_stopped_the_rows_so_far_are_kept() -> None:
    parameters = TabulateParameters(
        expression="exp(x)", range={"start": 0, "stop": 1, "count": 11}
    )
    outcome = calculate(parameters, lambda fraction, message="": fraction < 0.45)
    assert not outcome.is_complete
    assert len(outcome.rows) == 5
