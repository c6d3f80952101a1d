"""Answers that come when there is something to say (RFC 7240, ``Prefer: wait``)."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from fastapi import Request

from api.relay.hub import Hub
from api.relay.news import News
from api.schemas.job import JobView
from api.state import ApiState
from api.views import load_job
from db.contracts.event import Published

ANSWER_SECONDS = 5.0
"""How long after its time limit a solve that is waited for may take to answer."""
GLANCE_SECONDS = 1.0
STALE_SECONDS = 5.0

Loaded = tuple[JobView, str]


@dataclass(frozen=True)
class Wish:
    """What a waiting caller wants to see, and which events may bring it."""

    is_granted: Callable[[Loaded], bool]
    concerns: Callable[[Published], bool] = lambda _: True


THE_END = Wish(
    is_granted=lambda seen: seen[0].state.is_final,
    concerns=lambda event: event.type.is_terminal,
)


async def wait_for_end(
    request: Request, *, state: ApiState, hub: Hub, job_id: str, seconds: float
) -> JobView:
    """Return the job once it has ended, or as it is soon after ``seconds``."""
    view, _ = await wait_until(
        THE_END,
        request,
        state=state,
        hub=hub,
        job_id=job_id,
        seconds=seconds + ANSWER_SECONDS,
    )
    return view


async def wait_until(
    wish: Wish,
    request: Request,
    *,
    state: ApiState,
    hub: Hub,
    job_id: str,
    seconds: float,
    first: Callable[[], Awaitable[Loaded]] | None = None,
) -> Loaded:
    """Return the job when it is as wished, or as it is when the time is over.

    Or when the client has gone: a long wait must not outlive who waits. ``first``
    gives the first look at the job, which it may even make.
    """
    load = partial(hub.read, partial(load_job, state.backplane, job_id))
    first = first or load
    if not seconds:
        return await first()
    end = time.monotonic() + seconds
    news = News(wish.concerns)
    with hub.subscribe(job_id, news.hear):
        # Subscribed before it is looked at: an event in between wakes the loop.
        seen, seen_at = await first(), time.monotonic()
        webhook = seen[0].webhook
        while not wish.is_granted(seen) and (left := end - time.monotonic()) > 0:
            if await request.is_disconnected():
                break
            glance = min(left, GLANCE_SECONDS)
            has_news = await news.came(glance)
            # The row may end while the event server is away, and no event comes.
            if has_news or time.monotonic() - seen_at > STALE_SECONDS:
                seen, seen_at = await load(), time.monotonic()
                seen[0].webhook = webhook
    return seen
