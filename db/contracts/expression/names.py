"""The names that an expression may use: the edge and the worker read this list.

Times were measured with FLINT 3.6 at ordinary arguments, in milliseconds of one core at
1,000 digits, with the power of the number of digits that they grow with.
"""

from dataclasses import dataclass

from db.contracts.expression.limits import MAX_ARGUMENTS, MAX_DIGITS


@dataclass(frozen=True, slots=True)
class Function:
    """A function of real arguments that has a real value."""

    name: str
    parameters: tuple[str, ...]
    summary: str
    domain: str
    milliseconds: float
    """At 1,000 digits."""
    growth: float
    """Ten times the digits take ten to this power times as long."""
    max_digits: int = MAX_DIGITS
    optional: int = 0
    """How many of the last parameters may be left out."""
    is_variadic: bool = False

    @property
    def arities(self) -> tuple[int, int]:
        """The least and the largest number of arguments."""
        if self.is_variadic:
            return 1, MAX_ARGUMENTS
        return len(self.parameters) - self.optional, len(self.parameters)

    @property
    def signature(self) -> str:
        """How it is written, such as ``log(x[, base])``."""
        if self.is_variadic:
            return f"{self.name}(x, y, ...)"
        needed, _ = self.arities
        text = ", ".join(self.parameters[:needed])
        if self.optional:
            text += "[, " + ", ".join(self.parameters[needed:]) + "]"
        return f"{self.name}({text})"


@dataclass(frozen=True, slots=True)
class ConstantName:
    """A constant and what it is."""

    name: str
    summary: str
    milliseconds: float
    growth: float
    max_digits: int = MAX_DIGITS


ANY = "any real number"
X = ("x",)
BESSEL = ("order", "x")
HALF = 20_000
TENTH = 10_000
FEW = 2_000

_FUNCTIONS = (
    Function("exp", X, "e to the power x", ANY, 0.05, 1.6),
    Function("expm1", X, "exp(x) - 1", ANY, 0.05, 1.6),
    Function("log", ("x", "base"), "natural logarithm, or to a base", "x > 0; base > 0 and not 1", 0.06, 1.6, optional=1),
    Function("log1p", X, "log(1 + x)", "x > -1", 0.06, 1.6),
    Function("log2", X, "logarithm to base 2", "x > 0", 0.06, 1.6),
    Function("log10", X, "logarithm to base 10", "x > 0", 0.06, 1.6),
    Function("sqrt", X, "square root", "x >= 0", 0.01, 1.3),
    Function("cbrt", X, "real cube root", ANY, 0.03, 1.5),
    Function("root", ("x", "n"), "real n-th root", "n a whole number from 1 to 1,000,000; x >= 0 where n is even", 0.1, 1.5),
    Function("pow", ("x", "y"), "x ** y", "x > 0, or y a whole number, or x = 0 and y > 0", 0.1, 1.6),
    Function("sin", X, "sine", ANY, 0.06, 1.6),
    Function("cos", X, "cosine", ANY, 0.06, 1.6),
    Function("tan", X, "tangent", "cos(x) is not 0", 0.06, 1.6),
    Function("cot", X, "cotangent", "sin(x) is not 0", 0.06, 1.6),
    Function("sec", X, "1 / cos(x)", "cos(x) is not 0", 0.06, 1.6),
    Function("csc", X, "1 / sin(x)", "sin(x) is not 0", 0.06, 1.6),
    Function("asin", X, "inverse sine", "-1 <= x <= 1", 0.07, 1.6),
    Function("acos", X, "inverse cosine", "-1 <= x <= 1", 0.07, 1.6),
    Function("atan", X, "inverse tangent", ANY, 0.07, 1.6),
    Function("atan2", ("y", "x"), "angle of the point (x, y)", "not both 0", 0.07, 1.6),
    Function("sinc", X, "sin(x) / x, and 1 at 0", ANY, 0.06, 1.6),
    Function("sinh", X, "hyperbolic sine", ANY, 0.06, 1.6),
    Function("cosh", X, "hyperbolic cosine", ANY, 0.06, 1.6),
    Function("tanh", X, "hyperbolic tangent", ANY, 0.06, 1.6),
    Function("asinh", X, "inverse hyperbolic sine", ANY, 0.08, 1.6),
    Function("acosh", X, "inverse hyperbolic cosine", "x >= 1", 0.08, 1.6),
    Function("atanh", X, "inverse hyperbolic tangent", "-1 < x < 1", 0.08, 1.6),
    Function("gamma", X, "gamma function", "not 0, -1, -2, ...", 0.4, 2.5, HALF),
    Function("lgamma", X, "log of the absolute value of gamma(x)", "not 0, -1, -2, ...", 0.5, 2.4, HALF),
    Function("digamma", X, "logarithmic derivative of gamma", "not 0, -1, -2, ...", 2.0, 2.9, HALF),
    Function("factorial", X, "gamma(x + 1)", "not -1, -2, ...", 0.4, 2.5, HALF),
    Function("binomial", ("n", "k"), "n over k", "k a whole number from 0 to 100,000, or n > -1", 1.2, 2.5, HALF),
    Function("beta", ("a", "b"), "gamma(a) gamma(b) / gamma(a + b)", "neither a nor b is 0, -1, -2, ...", 1.2, 2.5, HALF),
    Function("erf", X, "error function", ANY, 0.4, 1.9, HALF),
    Function("erfc", X, "1 - erf(x)", ANY, 0.8, 1.8, HALF),
    Function("erfi", X, "imaginary error function, -i erf(i x)", ANY, 0.5, 1.8, HALF),
    Function("zeta", ("s",), "Riemann zeta function", "s is not 1", 12.0, 2.5, TENTH),
    Function("hurwitz", ("s", "a"), "sum of (n + a) ** -s", "s > 1 and a > 0", 46.0, 2.7, FEW),
    Function("polylog", ("s", "x"), "sum of x ** n / n ** s", "-1 <= x < 1, or x = 1 and s > 1", 270.0, 2.4, FEW),
    Function("besselj", BESSEL, "Bessel function of the first kind", "x >= 0, or a whole order", 1.7, 2.1, TENTH),
    Function("bessely", BESSEL, "Bessel function of the second kind", "x > 0", 3.4, 2.1, TENTH),
    Function("besseli", BESSEL, "modified Bessel function of the first kind", "x >= 0, or a whole order", 1.7, 2.1, TENTH),
    Function("besselk", BESSEL, "modified Bessel function of the second kind", "x > 0", 3.0, 2.1, TENTH),
    Function("airyai", X, "Airy function Ai", ANY, 0.3, 1.9, TENTH),
    Function("airybi", X, "Airy function Bi", ANY, 0.3, 1.9, TENTH),
    Function("ellipk", ("m",), "complete elliptic integral K of the parameter m = k**2", "m < 1", 0.06, 1.6),
    Function("ellipe", ("m",), "complete elliptic integral E of the parameter m = k**2", "m <= 1", 0.3, 1.5),
    Function("agm", ("a", "b"), "arithmetic-geometric mean", "a >= 0 and b >= 0", 0.05, 1.6),
    Function("lambertw", ("x", "branch"), "w with w exp(w) = x", "x >= -1/e; on branch -1 also x < 0", 0.1, 1.6, optional=1),
    Function("li", X, "logarithmic integral", "x > 0 and not 1", 0.6, 1.7, HALF),
    Function("ei", X, "exponential integral", "x is not 0", 0.6, 1.7, HALF),
    Function("si", X, "sine integral", ANY, 0.2, 1.7, HALF),
    Function("ci", X, "cosine integral", "x > 0", 0.2, 1.7, HALF),
    Function("abs", X, "absolute value", ANY, 0.001, 1.0),
    Function("min", X, "the smallest", ANY, 0.001, 1.0, is_variadic=True),
    Function("max", X, "the largest", ANY, 0.001, 1.0, is_variadic=True),
    Function("floor", X, "the largest whole number that is not larger", ANY, 0.001, 1.0),
    Function("ceil", X, "the smallest whole number that is not smaller", ANY, 0.001, 1.0),
    Function("sign", X, "-1, 0 or 1", ANY, 0.001, 1.0),
)  # fmt: skip

_CONSTANTS = (
    ConstantName("pi", "circumference over diameter", 0.05, 1.4),
    ConstantName("e", "base of the natural logarithm", 0.05, 1.4),
    ConstantName("euler_gamma", "Euler's constant 0.5772...", 0.5, 1.6),
    ConstantName("catalan", "Catalan's constant 0.9159...", 0.1, 1.5),
    ConstantName("khinchin", "Khinchin's constant 2.6854...", 50.0, 2.5, FEW),
    ConstantName("glaisher", "Glaisher's constant 1.2824...", 20.0, 2.5, FEW),
    ConstantName("phi", "the golden ratio 1.6180...", 0.01, 1.2),
    ConstantName("ln2", "log(2)", 0.1, 1.5),
)

FUNCTIONS = {function.name: function for function in _FUNCTIONS}
CONSTANTS = {constant.name: constant for constant in _CONSTANTS}

MEANT = {
    "ln": "log", "lg": "log10", "ld": "log2", "arcsin": "asin", "arccos": "acos",
    "arctan": "atan", "arctan2": "atan2", "arcsinh": "asinh", "arsinh": "asinh",
    "arccosh": "acosh", "arcosh": "acosh", "arctanh": "atanh", "artanh": "atanh",
    "tg": "tan", "ctg": "cot", "cosec": "csc", "fact": "factorial", "fac": "factorial",
    "comb": "binomial", "choose": "binomial", "binom": "binomial", "psi": "digamma",
    "gammaln": "lgamma", "loggamma": "lgamma", "sgn": "sign", "power": "pow",
    "ceiling": "ceil", "jv": "besselj", "yv": "bessely", "iv": "besseli",
    "kv": "besselk", "euler": "euler_gamma", "golden": "phi", "w": "lambertw",
}  # fmt: skip
"""What else people call them."""

SPECIAL = frozenset(
    {
        *("gamma", "lgamma", "digamma", "factorial", "binomial", "beta"),
        *("erf", "erfc", "erfi", "zeta", "hurwitz", "polylog"),
        *("besselj", "bessely", "besseli", "besselk", "airyai", "airybi"),
        *("ellipk", "ellipe", "lambertw", "li", "ei", "si", "ci"),
    }
)
"""Functions whose time is not bounded by the digits asked for."""
