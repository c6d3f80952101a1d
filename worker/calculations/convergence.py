"""How a value grows with the precision, in the words of its contract."""

from db.contracts.calculations.convergence import (
    ConvergenceLevel,
    ConvergenceOutcome,
    ConvergenceParameters,
)
from worker.calculations.precision_words import in_words, outcome_of
from worker.calculations.watch import Watch
from worker.precision import convergence


def calculate(parameters: ConvergenceParameters, watch: Watch) -> ConvergenceOutcome:
    """Evaluate to more and more digits; stopped, return the levels that are done."""
    with in_words():
        found = convergence(
            parameters.parsed,
            parameters.variables,
            parameters.levels,
            on_progress=watch,
        )
    return ConvergenceOutcome(
        certified=outcome_of(found.certified),
        levels=[
            ConvergenceLevel(
                digits=each.digits,
                value=each.value,
                error=each.error,
                working_bits=each.working_bits,
                terms=each.terms,
            )
            for each in found.levels
        ],
        is_complete=len(found.levels) == parameters.levels,
    )
