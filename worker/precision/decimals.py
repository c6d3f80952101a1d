"""Decimal text from exact numbers and from balls, correctly rounded or not at all."""

from dataclasses import dataclass

from flint import arb, fmpq, fmpz

from worker.precision.working import DIGITS_PER_BIT

PLAIN_BELOW = 21
"""Powers of ten up to here, and down to -6, are written without an exponent."""


@dataclass(frozen=True, slots=True)
class Rounded:
    """A decimal of so many significant digits and a bound on what it is wrong by."""

    value: str
    error_bound: str
    is_exact: bool = False
    midpoint: str = ""
    radius: str = ""
    """Of the ball that was rounded, in decimal."""


def round_exact(number: fmpq, digits: int) -> Rounded:
    """Return the number to so many significant digits, half to even.

    Parameters
    ----------
    number
        Any rational.
    digits
        At least 1.

    Returns
    -------
    Rounded
        Its bound is the exact difference, rounded up; "0" if there is none.

    Notes
    -----
    One multiplication and one division of numbers of `digits` digits, or of those of
    the number where it has more.
    """
    if number == 0:
        return Rounded("0", "0", is_exact=True)
    top, bottom = abs(number.p), number.q
    # The bit lengths are off by one power of ten at most; the loop settles it.
    exponent = int((top.bit_length() - bottom.bit_length()) * DIGITS_PER_BIT)
    while True:
        shift = digits - 1 - exponent
        scaled = top * fmpz(10) ** max(shift, 0)
        whole = bottom * fmpz(10) ** max(-shift, 0)
        chosen = scaled // whole
        length = 0 if chosen == 0 else len(chosen.str())
        if length == digits:
            break
        exponent += length - digits
    return _rounded(number, chosen, scaled - chosen * whole, whole, exponent, digits)


def _rounded(
    number: fmpq, chosen: fmpz, rest: fmpz, whole: fmpz, exponent: int, digits: int
) -> Rounded:
    if 2 * rest > whole or (2 * rest == whole and chosen % 2 == 1):
        chosen, rest = chosen + 1, whole - rest
    text = chosen.str()
    place = exponent - digits + 1
    if len(text) > digits:
        text, exponent = text[:-1], exponent + 1
    bound = bound_text(fmpq(rest, whole), place)
    return Rounded(decimal_text(text, exponent, number < 0), bound, rest == 0)


def round_ball(ball: arb, digits: int, *, settle: bool = False) -> Rounded | None:
    """Return the ball's number correctly rounded, or None if the ball is too wide.

    Both ends round to the same decimal, so the number in between does. With `settle`
    the middle is rounded where they do not (a tie, say): the bound tells by how much
    that may be wrong.

    Parameters
    ----------
    ball
        Finite, and its centre not 0.
    digits
        At least 1.
    settle
        Whether to answer in any case.

    Returns
    -------
    Rounded or None
        Its bound holds for every number of the ball.

    Notes
    -----
    One conversion to decimal: O(M(d) log d) for d digits; see J. Zimmermann and
    R. Brent, *Modern Computer Arithmetic* (2010), algorithm 1.26.
    """
    extra = 12
    middle, radius, power = ball.mid_rad_10exp(digits + extra)
    place = int(power)
    is_negative = middle < 0
    text = abs(middle).str()
    if len(text) <= digits:
        # Fewer digits than asked for are known, or the centre is a short number.
        pad = digits + extra - len(text)
        text, radius, place = text + "0" * pad, radius * fmpz(10) ** pad, place - pad
    tail_length = len(text) - digits
    head, tail = text[:digits], fmpz(text[digits:])
    unit = fmpz(10) ** tail_length
    doubled = 2 * tail
    is_up = doubled > unit or (doubled == unit and int(head[-1]) % 2 == 1)
    distance = abs(tail - (unit if is_up else 0))
    # Below a power of ten decimals are ten times as close to each other.
    is_power = not is_up and not head.strip("0").removeprefix("1")
    low_room = unit if not is_power else unit // 10
    if is_up:
        is_certain = 2 * (unit - tail + radius) < unit
    else:
        is_certain = 2 * (tail + radius) < unit and 2 * (radius - tail) < low_room
    if not (is_certain or settle):
        return None
    exponent = place + len(text) - 1
    if is_up:
        head = (fmpz(head) + 1).str()
        if len(head) > digits:
            head, exponent = head[:-1], exponent + 1
    return Rounded(
        decimal_text(head, exponent, is_negative),
        bound_text(distance + radius, place),
        distance + radius == 0,
        decimal_text(text, place + len(text) - 1, is_negative),
        bound_text(radius, place),
    )


def decimal_text(digits: str, exponent: int, is_negative: bool) -> str:
    """Return these digits, the first of which counts 10**exponent, as a decimal."""
    sign = "-" if is_negative else ""
    if exponent < -6 or exponent >= max(len(digits), PLAIN_BELOW):
        point = "." if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{point}{digits[1:]}e{exponent:+d}"
    if exponent < 0:
        return f"{sign}0.{'0' * (-exponent - 1)}{digits}"
    if exponent >= len(digits):
        # Zeros beyond the digits would look as if they were known.
        point = "." if len(digits) > 1 else ""
        return f"{sign}{digits[0]}{point}{digits[1:]}e{exponent:+d}"
    whole, fraction = digits[: exponent + 1], digits[exponent + 1 :]
    return f"{sign}{whole}.{fraction}" if fraction else f"{sign}{whole}"


def bound_text(size: fmpq | fmpz, place: int = 0) -> str:
    """Return ``size * 10**place``, at least 0, rounded up to three digits."""
    if size == 0:
        return "0"
    exponent = 0
    if isinstance(size, fmpq):
        # Scaled to some digits more than three, and up to a whole number.
        bits = int(size.p.bit_length() - size.q.bit_length())
        exponent = int(bits * DIGITS_PER_BIT) - 6
        scale = fmpz(10) ** abs(exponent)
        size = (size / scale if exponent >= 0 else size * scale).ceil()
    text = size.str()
    power = len(text) - 1 + exponent + place
    head = int(text[:3].ljust(3, "0")) + (text[3:].strip("0") != "")
    if head == 1_000:
        head, power = 100, power + 1
    return f"{head // 100}.{head % 100:02d}e{power:+03d}"


def bound_of(ball: arb) -> str:
    """Return the ball's largest absolute value, rounded up to three digits."""
    if ball == 0:
        return "0"
    middle, radius, place = ball.mid_rad_10exp(6)
    return bound_text(abs(middle) + radius, int(place))
