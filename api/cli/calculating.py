"""Has something calculated, and shows how far it is meanwhile."""

from collections.abc import Mapping
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from api.cli.output import Output
from api.cli.tables import facts
from api.client import Calculated, Client, Job, JobFailedError

AT_ONCE_SECONDS = 1.0
"""Most end within it: no bar is drawn for them."""


def calculate(
    client: Client,
    output: Output,
    name: str,
    parameters: Mapping[str, Any],
    **fields: Any,
) -> Calculated:
    """Return what it comes to; on Ctrl-C it goes on, and how to follow it is told."""
    job = client.calculations.submit(
        name, parameters, wait_seconds=AT_ONCE_SECONDS, **fields
    )
    return ended(client, output, job)


def ended(client: Client, output: Output, job: Job) -> Calculated:
    """Wait for the end of a calculation that was asked for."""
    if not job.is_final:
        with output.goes_on(job.id), output.progress(job.method or "", 100) as step:

            def tell(news: Job) -> None:
                if news.progress is not None and news.progress.fraction is not None:
                    done = round(news.progress.fraction * 100)
                    step(news.progress.message or "", done)

            job = client.wait(job.id, on_news=tell)
    if job.calculated is None or job.calculated.outcome is None:
        raise JobFailedError(job)
    return job.calculated


def picture(calculated: Calculated) -> RenderableType:
    """Return all that it tells, but for what is meant to be drawn."""
    outcome = calculated.outcome or {}
    return facts({key: value for key, value in outcome.items() if key != "histogram"})


def headline(value: Any) -> Text:
    return Text(str(value), "bold")
