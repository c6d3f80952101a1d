"""What the financial adapters have in common: refusals and internal rates."""

from collections.abc import Iterator
from contextlib import contextmanager

from db.contracts.calculations.cash_flow import InternalRate, InternalRateOutcome
from db.contracts.errors import InputProblem, InvalidInputError
from worker.finance.exceptions import FinanceError
from worker.finance.internal_rate import InternalRates

_BY_RULE = (
    "Descartes' rule of signs proves the number of roots; interval Newton iteration"
    " in ball arithmetic encloses them"
)
_BY_BISECTION = (
    "certified bisection of the discount factor in ball arithmetic isolates the roots"
    " of the exact polynomial; interval Newton iteration encloses them"
)


@contextmanager
def in_words_of(**names: str) -> Iterator[None]:
    """Tell what the core refuses by the names that the caller knows.

    ``names`` gives the pointer for the core's name of a parameter, where they differ.
    """
    try:
        yield
    except FinanceError as error:
        path = [str(part) for part in error.path]
        if path:
            path[0] = names.get(path[0], path[0])
        problem = InputProblem(
            pointer="/".join(["#", *path]),
            detail=error.message,
            suggestion=error.suggestion,
        )
        raise InvalidInputError(problems=[problem]) from error


def with_investment(investment: float, flows: list[float]) -> list[float]:
    """Return the whole flow: the investment goes out at time 0."""
    return [-investment, *flows]


def to_outcome(rates: InternalRates) -> InternalRateOutcome:
    """Return the rates in the words of their contract."""
    return InternalRateOutcome(
        irr=None if rates.rate is None else round(rates.rate, 4),
        irr_unrounded=rates.rate,
        reason=rates.reason,
        is_unique=rates.is_unique,
        roots=[
            InternalRate(
                rate=root.rate,
                error_bound=root.error_bound,
                multiplicity=root.multiplicity,
            )
            for root in rates.roots
        ],
        all_roots_found=rates.is_complete,
        roots_out_of_range=rates.out_of_range,
        sign_changes=rates.sign_changes,
        norstrom_holds=rates.is_norstrom,
        algorithm=_BY_RULE if rates.sign_changes < 2 else _BY_BISECTION,
    )
