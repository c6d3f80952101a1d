"""Exact inputs: what was given becomes one rational number, and it is said which."""

from dataclasses import dataclass

from flint import fmpq, fmpz

from db.contracts.expression import ExpressionError, check_value
from worker.precision.exceptions import InvalidValueError

Given = int | float | str


@dataclass(frozen=True, slots=True)
class ExactInput:
    """A value, and the rational number that it stands for.

    `kind` is ``integer``, ``decimal``, ``rational`` or ``float``; `exact` is the number
    in full, a decimal where that ends.
    """

    value: fmpq
    kind: str
    exact: str


def exact_input(given: Given, *, name: str = "x") -> ExactInput:
    """Return the number that was given, exactly. A float stands for its binary value.

    Parameters
    ----------
    given
        An integer, a finite float, or text: ``"0.1"``, ``"-2.5e-7"``, ``"22/7"``.
    name
        Of the variable, for the error.

    Returns
    -------
    ExactInput
        Its value is a rational number without any rounding.

    Raises
    ------
    InvalidValueError
        The text is none of these, or has too many digits.

    Notes
    -----
    Quasi-linear in the number of digits and the exponent.
    """
    try:
        check_value(given)
    except ExpressionError as error:
        raise InvalidValueError(
            error.message, name=name, suggestion=error.suggestion
        ) from error
    if isinstance(given, int):
        return ExactInput(fmpq(given), "integer", fmpz(given).str())
    if isinstance(given, float):
        value = fmpq(*given.as_integer_ratio())
        return ExactInput(value, "float", full_text(value))
    return _from_text(given)


def literal(text: str) -> fmpq:
    """Return the exact value of a decimal literal; it is known to be one. O(digits)."""
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, fraction = mantissa.partition(".")
    power = int(exponent or "0") - len(fraction)
    digits = fmpz(whole + fraction)
    if power >= 0:
        return fmpq(digits * fmpz(10) ** power)
    return fmpq(digits, fmpz(10) ** -power)


def full_text(value: fmpq) -> str:
    """Return all digits of the number, or ``p/q`` where they never end."""
    q = value.q
    twos = fives = 0
    while q % 2 == 0:
        q, twos = q // 2, twos + 1
    while q % 5 == 0:
        q, fives = q // 5, fives + 1
    if q != 1:
        return f"{value.p.str()}/{value.q.str()}"
    places = max(twos, fives)
    digits = (abs(value.p) * fmpz(10) ** places // value.q).str()
    sign = "-" if value < 0 else ""
    if not places:
        return sign + digits
    digits = digits.rjust(places + 1, "0")
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _from_text(text: str) -> ExactInput:
    plain = text.strip()
    sign = -1 if plain.startswith("-") else 1
    above, slash, below = plain.lstrip("+-").partition("/")
    value = sign * literal(above.strip())
    if not slash:
        return ExactInput(value, "decimal", plain)
    return ExactInput(value / literal(below.strip()), "rational", plain)
