"""Numbers of the service."""

from typing import Any

from api.client._async.pages import read_list
from api.client._async.resource import AsyncResource
from api.client.client import query
from api.client.models import (
    GlobalStatistics,
    History,
    LiveNumbers,
    Numbers,
    Revenue,
    Series,
    Statistics,
)


class AsyncMetrics(AsyncResource):
    """Numbers of the service, of all its processes."""

    async def now(self) -> Numbers:
        """Return counts and times: requests, solves, jobs, workers."""
        response = await self._transport.get("/metrics")
        return Numbers.model_validate_json(response.content)

    async def live(self) -> LiveNumbers:
        """Return how things stand at this moment: the tiles of the dashboard."""
        response = await self._transport.get("/metrics/live")
        return LiveNumbers.model_validate_json(response.content)

    async def stats(self) -> Statistics:
        """Return what solves came to, by method too."""
        response = await self._transport.get("/stats")
        return Statistics.model_validate_json(response.content)

    async def global_stats(self) -> GlobalStatistics:
        """Return what all that was ever done came to."""
        response = await self._transport.get("/stats/global")
        return GlobalStatistics.model_validate_json(response.content)

    async def revenue(self) -> Revenue:
        """Return what was earned, and what a month should come to."""
        response = await self._transport.get("/metrics/revenue")
        return Revenue.model_validate_json(response.content)

    async def series(self) -> list[Series]:
        """Return which numbers are kept over time."""
        return await read_list(self._transport, "/v1/metrics/series", Series)

    async def history(
        self, series: str, *, tier: str = "minute", **times: Any
    ) -> History:
        """Return one of them, period by period, oldest first.

        ``tier`` is ``raw``, ``minute`` or ``hour``; ``from_`` and ``to`` are times.
        """
        response = await self._transport.get(
            "/v1/metrics/history",
            params={"series": series, "tier": tier, **query(times)},
        )
        return History.model_validate_json(response.content)
