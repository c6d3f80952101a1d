"""Follows a batch or a benchmark to its end, in whatever form the output takes."""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Group, RenderableType
from rich.live import Live

from api.cli import family_view
from api.cli.exit_codes import ExitCode
from api.cli.output import Output
from api.client import (
    Client,
    Counts,
    Family,
    Item,
    ReportState,
)
from db.contracts.job_state import JobState

REPAINTS_PER_SECOND = 4
REPORT_SECONDS = 2.0
"""No report is asked for more often while it runs."""


class FamilyView:
    """What is known of it, and its picture."""

    def __init__(self, client: Client, family: Family) -> None:
        self._client = client
        self.family = family
        self.found: list[Item] = []
        self.report: ReportState | None = None
        self._latest: deque[Item] = deque(maxlen=family_view.MOST_SHOWN)
        self._asked_at = time.monotonic()

    @property
    def is_benchmark(self) -> bool:
        return self.family.kind == "benchmark"

    def take(self, item: Item) -> None:
        self.found.append(item)
        self._latest.append(item)
        if time.monotonic() - self._asked_at >= REPORT_SECONDS:
            self._look()

    def end(self) -> None:
        self._look()

    def picture(self) -> RenderableType:
        counts = self._counts()
        if self.report is not None and self.report.report.contenders:
            below = family_view.report(self.report)
            return Group(family_view.standing(counts), below)
        return family_view.standing(counts, self._latest)

    def _look(self) -> None:
        """Ask how it stands: states of those that have not ended, and the report."""
        self._asked_at = time.monotonic()
        self.family = family_of(self._client, self.family.kind, self.family.id)
        if self.is_benchmark:
            self.report = self._client.benchmarks.report(self.family.id)

    def _counts(self) -> Counts:
        """Return the counts, where more have ended since they were told."""
        told = self.family.counts or Counts(total=len(self.found))
        ended = {
            state.value: sum(each.state is state for each in self.found)
            for state in JobState
            if state.is_final
        }
        known = {name: max(count, getattr(told, name)) for name, count in ended.items()}
        return told.model_copy(update=known)


def follow_family(client: Client, family: Family, output: Output) -> ExitCode:
    """Show it to its end; on Ctrl-C it goes on, and how to follow it is told."""
    view = FamilyView(client, family)
    with output.goes_on(family.id), _shown(view, output):
        for item in _items(client, family):
            view.take(item)
            output.emit(item)
        view.end()
    _tell(view, output)
    ended = view.family
    went_well = ended.state is JobState.SUCCEEDED and all(
        each.state is JobState.SUCCEEDED for each in view.found
    )
    return ExitCode.OK if went_well else ExitCode.JOB_NOT_DONE


def family_of(client: Client, kind: str, family_id: str) -> Family:
    """Return a batch or a benchmark, as it stands."""
    if kind == "benchmark":
        return client.benchmarks.get(family_id)
    return client.batches.get(family_id)


def _items(client: Client, family: Family) -> Iterator[Item]:
    """Yield what comes of each of its jobs, as they end."""
    if family.kind == "benchmark":
        return client.benchmarks.items(family.id, follow=True)
    return client.batches.items(family.id, follow=True)


@contextmanager
def _shown(view: FamilyView, output: Output) -> Iterator[None]:
    """Paint the picture at a terminal; elsewhere a bar, where errors are seen."""
    if output.is_live:
        with Live(
            get_renderable=view.picture,
            console=output.console,
            refresh_per_second=REPAINTS_PER_SECOND,
            transient=True,
        ):
            yield
        return
    yield


def _tell(view: FamilyView, output: Output) -> None:
    for rejected in view.family.rejected:
        output.note(f"{rejected.index} is left out: {rejected.errors[0].detail}")
    if view.report is not None:
        output.emit(view.report)
        output.show(family_view.report(view.report))
    else:
        output.show(family_view.items(sorted(view.found, key=lambda each: each.index)))
    output.emit(view.family)
    output.show(family_view.ending(view.family, view.found))
