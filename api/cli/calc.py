"""`solvequeue calc`: an expression to as many digits as are wanted."""

from typing import Annotated

import typer

from api.cli.calculating import calculate, headline
from api.cli.given import STDIN, chosen, read_text
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.cli.tables import facts
from api.client import Calculated, Client

SHOWN = ("certainty", "error_bound", "algorithm", "working_bits", "second", "no_second")

Expression = Annotated[
    str,
    typer.Argument(
        help="Such as 'zeta(3)' or 'sin(x)*exp(-x**2/2)'; - reads one a line from "
        "standard input.",
        metavar="EXPRESSION",
    ),
]
Digits = Annotated[
    int, typer.Option(min=1, max=100_000, help="Significant, correctly rounded.")
]
Variables = Annotated[
    list[str] | None,
    typer.Option(
        "--var",
        help="x=0.7: exactly that decimal, or 22/7. May be given more than once.",
        metavar="NAME=VALUE",
    ),
]
Seconds = Annotated[float | None, typer.Option(help="Stop after so many seconds.")]
Check = Annotated[
    bool, typer.Option("--check/--no-check", help="Ask a second algorithm, too.")
]


def calc(
    expression: Expression,
    digits: Digits = 15,
    var: Variables = None,
    seconds: Seconds = None,
    check: Check = True,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Calculate an expression to so many digits, with a bound of its error.

    Example: solvequeue calc 'exp(pi*sqrt(163))' --digits 40
    """
    output = Output(as_json=as_json)
    parameters = {"variables": _variables(var), "digits": digits, "check": check}
    given = read_text(STDIN).splitlines() if expression == STDIN else [expression]
    with output.outcome(), Client(url, api_key=api_key) as client:
        for each in filter(str.strip, given):
            found = calculate(
                client,
                output,
                "evaluate",
                {"expression": each.strip(), **parameters},
                **chosen(time_s=seconds),
            )
            _tell(found, each.strip(), output)


def _tell(found: Calculated, expression: str, output: Output) -> None:
    outcome = found.outcome or {}
    output.emit({"expression": expression, **outcome, "elapsed_s": found.elapsed_s})
    output.show(headline(outcome["value"]))
    if output.is_live:
        output.show(facts({name: outcome.get(name) for name in SHOWN}))


def _variables(given: list[str] | None) -> dict[str, str]:
    """Return them as text: a decimal is exact so, and a float is not."""
    found = {}
    for each in given or ():
        name, separator, value = each.partition("=")
        if not (name and separator and value):
            raise typer.BadParameter(f"--var takes name=value, not {each}")
        found[name.strip()] = value.strip()
    return found
