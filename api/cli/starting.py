"""What a person sees while a stack comes up."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from api.cli.output import Output

END_SIGNALS = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def starting(output: Output) -> Iterator[Callable[[str], None]]:
    """Yield what is to be called with the name of each part that is ready."""
    ready: list[str] = []
    with output.errors.status(_line(ready)) as status:

        def on_ready(name: str) -> None:
            ready.append(name)
            status.update(_line(ready))

        yield on_ready


@contextmanager
def ending_in_order() -> Iterator[None]:
    """Unwind on SIGTERM and SIGHUP as on Ctrl-C, so that the stack is put away."""

    def end(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.signal(number, end) for number in END_SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _line(ready: list[str]) -> str:
    line = "Starting" + "".join(f" · [green]{name}[/]" for name in ready)
    if "solvers" in ready or "schema" not in ready:
        return line
    return line + " · [dim]the first time it compiles for half a minute[/]"
