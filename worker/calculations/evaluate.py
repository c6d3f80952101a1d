"""The value of an expression, in the words of its contract."""

from db.contracts.calculations.evaluate import EvaluateOutcome, EvaluateParameters
from worker.calculations.precision_words import in_words, outcome_of
from worker.calculations.watch import Watch
from worker.precision import evaluate


def calculate(parameters: EvaluateParameters, watch: Watch) -> EvaluateOutcome:
    """Evaluate to the digits asked for, each of them certain."""
    with in_words():
        found = evaluate(
            parameters.parsed,
            parameters.variables,
            parameters.digits,
            on_progress=watch,
            check=parameters.check,
        )
    return outcome_of(found)
