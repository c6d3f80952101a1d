"""Follows one job to its end, in whatever form the output takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.live import Live
from typing_extensions import override

from api.cli.numbers import amount, percent, seconds
from api.cli.output import Output
from api.cli.report import report
from api.cli.standing import Standing
from api.cli.view import picture
from api.client import Client, Event, Job, ProblemError
from db.contracts.event import EventType

REPAINTS_PER_SECOND = 8
PLAIN_LINE_SECONDS = 2.0


class View(Protocol):
    """What the events of a job are shown to."""

    def take(self, event: Event) -> None: ...

    def note(self, text: str) -> None: ...


def follow(client: Client, job: Job, output: Output, *, cancels: bool) -> Job:
    """Show the job from its first event to its end, and return it ended.

    The first Ctrl-C asks the job to end, if `cancels`; otherwise, or on the second,
    it goes up to the caller and leaves the job alone.
    """
    position = 0
    with _viewing(job, output) as view:
        while True:
            try:
                for event in client.events(job.id, after=position):
                    position = event.number
                    view.take(event)
                break
            except KeyboardInterrupt:
                if not cancels:
                    raise
                cancels = False
                view.note("cancelling, the incumbent is kept; Ctrl-C again detaches")
                _cancel(client, job)
    ended = client.job(job.id)
    output.emit(ended)
    output.show(report(ended))
    return ended


def _cancel(client: Client, job: Job) -> None:
    try:
        client.cancel(job.id)
    except ProblemError:
        # It has ended in the meantime, and its log says how.
        return


@contextmanager
def _viewing(job: Job, output: Output) -> Iterator[View]:
    if output.as_json:
        yield JsonView(output)
    elif output.is_live:
        standing = Standing(job)
        with Live(
            get_renderable=lambda: picture(standing),
            console=output.console,
            refresh_per_second=REPAINTS_PER_SECOND,
            transient=True,
        ):
            yield LiveView(standing)
    else:
        yield PlainView(Standing(job), output)


class JsonView(View):
    """Every event on a line."""

    def __init__(self, output: Output) -> None:
        self._output = output

    @override
    def take(self, event: Event) -> None:
        self._output.emit(event)

    @override
    def note(self, text: str) -> None:
        self._output.note(text)


class LiveView(View):
    """A picture that repaints itself."""

    def __init__(self, standing: Standing) -> None:
        self._standing = standing

    @override
    def take(self, event: Event) -> None:
        self._standing.take(event)

    @override
    def note(self, text: str) -> None:
        self._standing.notes.append(text)


class PlainView(View):
    """A few lines, for logs and pipes."""

    def __init__(self, standing: Standing, output: Output) -> None:
        self._standing = standing
        self._output = output
        self._next_line_at = 0.0
        self._told: object = None

    @override
    def take(self, event: Event) -> None:
        self._standing.take(event)
        if event.type == EventType.JOB_STARTED:
            self._say(f"started, attempt {self._standing.attempt}")
        elif event.type == EventType.JOB_ATTEMPT_LOST:
            self._say(self._standing.notes[-1])
        elif event.is_terminal:
            self._say(self._standing.state)
        elif self._is_news():
            self._say(self._line())

    @override
    def note(self, text: str) -> None:
        self._say(text)

    def _is_news(self) -> bool:
        progress = self._standing.progress
        if progress is None or time.monotonic() < self._next_line_at:
            return False
        return (progress.objective, progress.bound) != self._told

    def _line(self) -> str:
        progress = self._standing.progress
        if progress is None:
            return ""
        self._next_line_at = time.monotonic() + PLAIN_LINE_SECONDS
        self._told = (progress.objective, progress.bound)
        return (
            f"{seconds(progress.elapsed_s)}  incumbent {amount(progress.objective)}  "
            f"bound {amount(progress.bound)}  gap {percent(progress.gap_to_bound)}  "
            f"to best known {percent(progress.gap_to_best_known)}"
        )

    def _say(self, text: str) -> None:
        self._output.console.print(
            f"{self._standing.title}  {text}", markup=False, soft_wrap=True
        )
