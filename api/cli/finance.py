"""`solvequeue finance`: what cash flows are worth."""

import json
from typing import Annotated, Any

import typer

from api.cli.calculating import calculate, picture
from api.cli.completion import calculations
from api.cli.exit_codes import EPILOG
from api.cli.given import STDIN, chosen, read_object, read_text
from api.cli.options import DEFAULT_URL, ApiKey, Json, Url
from api.cli.output import Output
from api.cli.tables import table
from api.client import Client

app = typer.Typer(
    help="Value cash flows: amounts are positive where they come in. Write them behind "
    "the command, in a file, or send them to standard input; negative ones behind --.",
    no_args_is_help=True,
)

Flows = Annotated[
    list[str] | None,
    typer.Argument(
        help="What comes at the end of period 1, 2, …; - reads standard input. Dated "
        "flows are written 2026-01-01=-1000.",
        metavar="[FLOWS]...",
        show_default=False,
    ),
]
File = Annotated[
    str | None,
    typer.Option(
        help="The flows: numbers with commas, spaces or lines between them, or a JSON "
        "list; dated ones a line each, 2026-01-01,-1000.",
        metavar="FILE",
    ),
]
Rate = Annotated[float | None, typer.Option(help="Of a period: 0.1 is 10 %.")]
Initial = Annotated[
    float | None, typer.Option(help="Paid at the start, written as a positive number.")
]
Guess = Annotated[
    float | None, typer.Option(help="Of several rates the nearest to this is told.")
]
FinanceRate = Annotated[float | None, typer.Option(help="What outflows are financed.")]
Reinvest = Annotated[float | None, typer.Option(help="What inflows are reinvested at.")]
Parameters = Annotated[
    str,
    typer.Argument(help="JSON of its parameters; - reads standard input."),
]
Seconds = Annotated[float | None, typer.Option(help="Stop after so many seconds.")]
Name = Annotated[
    str,
    typer.Argument(
        help="Of a calculation: see `finance list`.", autocompletion=calculations
    ),
]


@app.command("list", epilog=EPILOG)
def list_calculations(
    url: Url = DEFAULT_URL, api_key: ApiKey = None, as_json: Json = False
) -> None:
    """List what the service calculates, with the parameters of each."""
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = client.calculations.kinds()
    for each in found:
        output.emit(each)
    rows = table("calculation", "of", "what it tells")
    for each in found:
        rows.add_row(each.name, each.topic, each.summary)
    output.show(rows)


@app.command(epilog=EPILOG)
def run(
    name: Name,
    file: Parameters,
    seconds: Seconds = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Run any calculation: sensitivity, scenario, monte_carlo, comprehensive_roi, ….

    Example: solvequeue finance run monte_carlo project.json --seconds 30
    """
    _run(name, read_object(file), url, api_key, as_json, **chosen(time_s=seconds))


@app.command(epilog=EPILOG)
def show(name: Name, as_json: Json = False) -> None:
    """Show parameters of a calculation that work, as `run` takes them.

    Example: solvequeue finance show scenario > scenario.json
    """
    # Here: the rest of the command does without them.
    from db.contracts.calculations import CALCULATIONS

    if name not in CALCULATIONS:
        raise typer.BadParameter(f"there is no {name}: {', '.join(CALCULATIONS)}")
    output, shown = Output(as_json=as_json), CALCULATIONS[name].example
    output.write(json.dumps(shown, indent=None if as_json else 2))


@app.command(epilog=EPILOG)
def npv(
    flows: Flows = None,
    file: File = None,
    rate: Rate = None,
    initial: Initial = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Tell the net present value.

    Example: solvequeue finance npv 100 120 140 --rate 0.08 --initial 300
    """
    given = chosen(discount_rate=rate, initial_investment=initial)
    _run("npv", {**_flows(flows, file), **given}, url, api_key, as_json)


@app.command(epilog=EPILOG)
def irr(
    flows: Flows = None,
    file: File = None,
    initial: Initial = None,
    guess: Guess = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Tell every internal rate of return there is.

    Example: solvequeue finance irr --initial 500 100 200 300
    """
    given = chosen(initial_investment=initial, guess=guess)
    _run("irr", {**_flows(flows, file), **given}, url, api_key, as_json)


@app.command(epilog=EPILOG)
def mirr(
    initial: Annotated[float, typer.Option(help="Paid at the start.")],
    flows: Flows = None,
    file: File = None,
    finance_rate: FinanceRate = None,
    reinvestment_rate: Reinvest = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Tell the modified internal rate of return.

    Example: solvequeue finance mirr --initial 1000 300 400 500
    """
    given = chosen(finance_rate=finance_rate, reinvestment_rate=reinvestment_rate)
    given |= {"initial_investment": initial}
    _run("mirr", {**_flows(flows, file), **given}, url, api_key, as_json)


def _of_investment(name: str, summary: str, *, is_discounted: bool) -> None:
    """Add a command for a calculation of an investment and its flows alone."""
    word = name.replace("_", "-")

    def plain(
        initial: Annotated[float, typer.Option(help="Paid at the start.")],
        flows: Flows = None,
        file: File = None,
        url: Url = DEFAULT_URL,
        api_key: ApiKey = None,
        as_json: Json = False,
    ) -> None:
        given = {**_flows(flows, file), "initial_investment": initial}
        _run(name, given, url, api_key, as_json)

    def discounted(
        initial: Annotated[float, typer.Option(help="Paid at the start.")],
        flows: Flows = None,
        file: File = None,
        rate: Rate = None,
        url: Url = DEFAULT_URL,
        api_key: ApiKey = None,
        as_json: Json = False,
    ) -> None:
        given = {**_flows(flows, file), "initial_investment": initial}
        given |= chosen(discount_rate=rate)
        _run(name, given, url, api_key, as_json)

    shown = (
        f"{summary}\n\nExample: solvequeue finance {word} --initial 1000 300 400 500"
    )
    app.command(word, epilog=EPILOG, help=shown)(discounted if is_discounted else plain)


_of_investment("roi", "Tell the return on an investment.", is_discounted=False)
_of_investment(
    "payback", "Tell after how many periods it is paid back.", is_discounted=False
)
_of_investment(
    "discounted_payback", "Tell the same of discounted flows.", is_discounted=True
)
_of_investment(
    "profitability_index", "Tell what a unit invested brings.", is_discounted=True
)


@app.command(epilog=EPILOG)
def xnpv(
    flows: Flows = None,
    file: File = None,
    rate: Rate = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Tell the net present value of dated flows.

    Example: solvequeue finance xnpv 2026-01-01=-1000 2026-07-01=1100 --rate 0.08
    """
    given = {**_dated(flows, file), **chosen(discount_rate=rate)}
    _run("xnpv", given, url, api_key, as_json)


@app.command(epilog=EPILOG)
def xirr(
    flows: Flows = None,
    file: File = None,
    guess: Guess = None,
    url: Url = DEFAULT_URL,
    api_key: ApiKey = None,
    as_json: Json = False,
) -> None:
    """Tell every internal rate of dated flows.

    Example: solvequeue finance xirr 2026-01-01=-1000 2026-07-01=1100
    """
    given = {**_dated(flows, file), **chosen(guess=guess)}
    _run("xirr", given, url, api_key, as_json)


def _run(
    name: str,
    parameters: dict[str, Any],
    url: str,
    api_key: str | None,
    as_json: bool,
    **fields: Any,
) -> None:
    output = Output(as_json=as_json)
    with output.outcome(), Client(url, api_key=api_key) as client:
        found = calculate(client, output, name, parameters, **fields)
    output.emit(found)
    output.show(picture(found))


def _words(flows: list[str] | None, file: str | None) -> str:
    """Return the flows as they were written, wherever that was."""
    if bool(flows) == bool(file):
        raise typer.BadParameter(
            "give the flows behind the command, or with --file, or - for standard input"
        )
    if file is not None:
        return read_text(file)
    return read_text(STDIN) if flows == [STDIN] else "\n".join(flows or ())


def _flows(flows: list[str] | None, file: str | None) -> dict[str, Any]:
    text = _words(flows, file)
    words = text.strip().removeprefix("[").removesuffix("]").replace(",", " ").split()
    return {"cash_flows": [_number(word) for word in words]}


def _dated(flows: list[str] | None, file: str | None) -> dict[str, Any]:
    dates, amounts = [], []
    for line in _words(flows, file).splitlines():
        if not line.strip():
            continue
        date, _, amount = line.replace("=", ",").partition(",")
        dates.append(date.strip())
        amounts.append(_number(amount))
    return {"dates": dates, "cash_flows": amounts}


def _number(word: str) -> int | float:
    try:
        return int(word)
    except ValueError:
        pass
    try:
        return float(word)
    except ValueError:
        raise typer.BadParameter(f"{word.strip() or 'nothing'} is no amount") from None
