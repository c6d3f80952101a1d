# Made of api/client/_async/metrics.py by `make client`: change that one.
"""Numbers of the service."""

from typing import Any

from api.client._sync.pages import read_list
from api.client._sync.resource import Resource
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


class Metrics(Resource):
    """Numbers of the service, of all its processes."""

    def now(self) -> Numbers:
        """Return counts and times: requests, solves, jobs, workers."""
        response = self._transport.get("/metrics")
        return Numbers.model_validate_json(response.content)

    def live(self) -> LiveNumbers:
        """Return how things stand at this moment: the tiles of the dashboard."""
        response = self._transport.get("/metrics/live")
        return LiveNumbers.model_validate_json(response.content)

    def stats(self) -> Statistics:
        """Return what solves came to, by method too."""
        response = self._transport.get("/stats")
        return Statistics.model_validate_json(response.content)

    def global_stats(self) -> GlobalStatistics:
        """Return what all that was ever done came to."""
        response = self._transport.get("/stats/global")
        return GlobalStatistics.model_validate_json(response.content)

    def revenue(self) -> Revenue:
        """Return what was earned, and what a month should come to."""
        response = self._transport.get("/metrics/revenue")
        return Revenue.model_validate_json(response.content)

    def series(self) -> list[Series]:
        """Return which numbers are kept over time."""
        return read_list(self._transport, "/v1/metrics/series", Series)

    def history(self, series: str, *, tier: str = "minute", **times: Any) -> History:
        """Return one of them, period by period, oldest first.

        ``tier`` is ``raw``, ``minute`` or ``hour``; ``from_`` and ``to`` are times.
        """
        response = self._transport.get(
            "/v1/metrics/history",
            params={"series": series, "tier": tier, **query(times)},
        )
        return History.model_validate_json(response.content)
