"""The Taylor series of sin(x) exp(-x**2/2), in whole numbers, with a proved remainder.

    sin(x) exp(-x**2/2) = sum over odd n of (-1)**((n-1)/2) a(n) x**n / n!

a(n) counts the involutions of n things (1, 1, 2, 4, 10, 26, ...): exp(t + t**2/2) is
their generating function (OEIS A000085), and t = ix gives the above.
"""

from dataclasses import dataclass

from flint import arb, fmpq, fmpz

from db.contracts.expression import Binary, Call, Expression, Negate, Node, Number
from db.contracts.expression import Variable as VariableNode

MAX_POINT = 8
"""Beyond, the terms grow so large that reduced arguments are far cheaper."""
MAX_BITS = 1_000
ALGORITHM = "Taylor series with a proved remainder"


@dataclass(frozen=True, slots=True)
class TaylorSum:
    """A ball that holds the value, and how many terms it took."""

    ball: arb
    terms: int


def taylor_sum(x: fmpq, bits: int) -> TaylorSum:
    """Return sin(x) exp(-x**2/2) with about so many bits, from its Taylor series.

    Parameters
    ----------
    x
        At most `MAX_POINT` in size.
    bits
        Of relative accuracy wanted; the ball says what was reached.

    Returns
    -------
    TaylorSum
        As many terms as it took until the rest is below the last place.

    Notes
    -----
    The absolute terms u(n) = a(n) x**n / n! obey u(n+1) = x (u(n) + x u(n-1)) / (n+1).
    They are kept as whole numbers of 2**-w, once rounded down and once rounded up, so
    their sums enclose the value. Once x + x**2 <= (n+1)/2, the larger of two
    neighbours halves with every second term: the rest is below four times the larger.
    O((bits + x**2) M(bits)) time.
    """
    size = abs(x)
    if size > MAX_POINT:
        raise ArithmeticError("the point is too far from 0 for one series")
    # Terms reach exp(x**2/2 + x), the value exp(-x**2/2); near 0 it is as small as x.
    # Whole numbers of Python: each of the two may be too large for a float.
    far = int(size.p) / int(size.q)
    small = max(int(size.q.bit_length() - size.p.bit_length()), 0)
    width = bits + int(1.4427 * (far * far + far)) + small + 32
    # Python's integers are quickest at this size.
    top, bottom, one = int(size.p), int(size.q), 1 << width
    low_x, high_x = (top << width) // bottom, -((-top << width) // bottom)
    low_before, low, high_before, high = one, low_x, one, high_x
    low_sum, high_sum, terms, n = low, high, 1, 1
    least = 2 * (top + -(-top * top // bottom)) // bottom + 2
    while n < least or high > 4 or high_before > 4:
        n += 1
        grown = low + (low_x * low_before >> width)
        low_before, low = low, (low_x * grown >> width) // n
        # Minus the floor of minus a number is that number rounded up.
        grown = high - (-high_x * high_before >> width)
        high_before, high = high, -((-high_x * grown >> width) // n)
        if n % 4 == 1:
            low_sum, high_sum, terms = low_sum + low, high_sum + high, terms + 1
        elif n % 4 == 3:
            low_sum, high_sum, terms = low_sum - high, high_sum - low, terms + 1
    rest = 4 * max(high, high_before)
    doubled = arb(fmpz(low_sum + high_sum), fmpz(high_sum - low_sum + 2 * rest))
    ball = doubled / fmpz(2 * one)
    return TaylorSum(-ball if x < 0 else ball, terms)


def point_of(expression: Expression) -> VariableNode | Number | None:
    """Return the x of an expression that is sin(x) exp(-x**2/2), or None."""
    match expression.root:
        case Binary(operator="*", left=Call() as first, right=Call() as second):
            for one, other in ((first, second), (second, first)):
                if one.function == "sin" and other.function == "exp":
                    (x,), (exponent,) = one.arguments, other.arguments
                    if isinstance(x, (VariableNode, Number)) and _is_half_square(
                        exponent, x
                    ):
                        return x
    return None


def _is_half_square(node: Node, x: Node) -> bool:
    """Tell whether the node is -x**2/2 of this very x."""
    match node:
        case Binary(operator="/", left=Negate(operand=square), right=Number(text="2")):
            pass
        case Negate(operand=Binary(operator="/", left=square, right=Number(text="2"))):
            pass
        case _:
            return False
    match square:
        case Binary(operator="**", left=base, right=Number(text="2")):
            return base is x
        case Binary(operator="*", left=one, right=other):
            return one is x and other is x
    return False
