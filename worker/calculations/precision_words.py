"""The precision core's answers and errors in the words of the contracts."""

from collections.abc import Iterator
from contextlib import contextmanager

from db.contracts.calculations.evaluate import (
    EvaluateOutcome,
    ExactInputWords,
    SecondOpinionWords,
)
from db.contracts.errors import InputProblem, InternalError, InvalidInputError
from db.contracts.expression import placed
from worker.calculations.watch import StoppedError
from worker.precision import (
    DisagreementError,
    Evaluation,
    InvalidValueError,
    PrecisionError,
)
from worker.precision import StoppedError as CoreStoppedError


@contextmanager
def in_words() -> Iterator[None]:
    """Turn what the core raises into what the service understands."""
    try:
        yield
    except CoreStoppedError as error:
        raise StoppedError from error
    except DisagreementError as error:
        raise InternalError(
            f"two algorithms disagree, and neither is answered: {error}"
        ) from error
    except PrecisionError as error:
        raise InvalidInputError(problems=[problem(error)]) from error


def problem(error: PrecisionError) -> InputProblem:
    """Return what is wrong, and where in the parameters."""
    pointer = "#/expression"
    if isinstance(error, InvalidValueError):
        pointer = f"#/variables/{error.name}"
    return InputProblem(
        pointer=pointer,
        detail=placed(str(error), error.position),
        suggestion=error.suggestion or None,
    )


def outcome_of(found: Evaluation) -> EvaluateOutcome:
    """Return the evaluation as the contract has it."""
    second = found.second
    return EvaluateOutcome(
        value=found.value,
        certainty=found.certainty.value,
        error_bound=found.error_bound,
        digits=found.digits,
        midpoint=found.midpoint,
        radius=found.radius,
        working_bits=found.working_bits,
        precisions=list(found.precisions),
        algorithm=found.algorithm,
        terms=found.terms,
        second=None
        if second is None
        else SecondOpinionWords(
            algorithm=second.algorithm,
            working_bits=second.working_bits,
            agreed_digits=second.agreed_digits,
            terms=second.terms,
        ),
        no_second=found.no_second or None,
        inputs={
            name: ExactInputWords.model_validate(
                {"kind": each.kind, "exact": each.exact}
            )
            for name, each in found.inputs.items()
        },
    )
