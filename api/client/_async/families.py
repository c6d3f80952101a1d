"""Batches and benchmarks: many jobs under one."""

import math
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

import httpx2
from typing_extensions import override

from api.client._async.follow import SILENCE_SECONDS, AsyncFollower
from api.client._async.pages import NDJSON, read_all
from api.client._async.patience import PATIENCE_SECONDS, AsyncPatience
from api.client._async.resource import AsyncCollection
from api.client._async.waiting import wait_for_end
from api.client.client import place
from api.client.exceptions import ProblemError
from api.client.models import Event, Family, Item, Job, ReportState
from api.client.transport import is_away


class _AsyncFamilies(AsyncCollection[Family]):
    """What batches and benchmarks have in common."""

    _member = Family
    _kind: str

    @override
    def all(self, **filters: Any) -> AsyncIterator[Family]:
        """Yield all, newest first; filters are those of `jobs`."""
        wanted = {"kind": self._kind, **filters}
        return read_all(self._transport, "/v1/jobs", Family, wanted)

    async def cancel(self, family_id: str) -> Family:
        """Stop it: what waits never runs, what runs keeps its incumbent."""
        return await self._bring(family_id, "cancel")

    def events(
        self, family_id: str, after: int = 0, epoch: str = ""
    ) -> AsyncIterator[Event]:
        """Yield its events as they come, as those of a job."""
        path = place(self._path, family_id, "events")
        return AsyncFollower(self._transport, path, after=after, epoch=epoch).events()

    async def items(
        self, family_id: str, *, follow: bool = False
    ) -> AsyncIterator[Item]:
        """Yield what came of each job that has ended, by index.

        With `follow` go on with those that end later, until all have. A cut connection
        is opened again, and nothing comes twice.
        """
        # Nobody there, or no such family, is said at once.
        await self.get(family_id)
        told: set[int] = set()
        patience = AsyncPatience(PATIENCE_SECONDS)
        while True:
            try:
                async for item in self._items(family_id, patience, follow=follow):
                    if item.index not in told:
                        told.add(item.index)
                        yield item
            except (httpx2.TransportError, ProblemError) as error:
                if patience.is_over() or not is_away(error):
                    if isinstance(error, ProblemError):
                        raise
                    raise self._transport.unreachable(error) from error
            else:
                if not follow:
                    return
                family = await self.get(family_id)
                if family.is_final:
                    return
            await patience.pause()

    async def wait(
        self,
        family_id: str,
        timeout_seconds: float = math.inf,
        *,
        on_news: Callable[[Job], object] | None = None,
    ) -> Family:
        """Return it when it has ended; `on_news` is told of its ``counts`` meanwhile.

        Raises
        ------
        WaitTimeoutError
            It has not ended in time; it goes on.
        """
        await wait_for_end(
            self._transport, family_id, timeout_seconds=timeout_seconds, on_news=on_news
        )
        return await self.get(family_id)

    async def _items(
        self, family_id: str, patience: AsyncPatience, *, follow: bool
    ) -> AsyncIterator[Item]:
        async with self._transport.stream(
            place(self._path, family_id, "results"),
            params={"follow": "true"} if follow else None,
            headers={"Accept": NDJSON},
            silence_seconds=SILENCE_SECONDS,
        ) as response:
            patience.extend()
            async for line in response.aiter_lines():
                yield Item.model_validate_json(line)

    async def _submit(
        self, wait_seconds: float | None, body: Mapping[str, Any]
    ) -> Family:
        response = await self._transport.submit(
            self._path, body=body, wait_seconds=wait_seconds
        )
        return Family.model_validate_json(response.content)


class AsyncBatches(_AsyncFamilies):
    """Many solves under one job."""

    _path = "/v1/batches"
    _kind = "batch"

    async def create(
        self,
        items: Sequence[str | Mapping[str, Any]],
        *,
        wait_seconds: float | None = None,
        **fields: Any,
    ) -> Family:
        """Send many solves as one.

        Parameters
        ----------
        items
            Each a name of the library, or what ``POST /v1/jobs`` takes.
        wait_seconds
            Answer when all have ended, or after so long.
        **fields
            ``on_error``, ``parallel``, ``max_parallel``, ``deadline_s``,
            ``priority_s``, ``webhook_url``, ``webhook_secret``,
            ``webhook_events_filter``.
        """
        bodies = [
            {"instance": {"name": item}} if isinstance(item, str) else item
            for item in items
        ]
        return await self._submit(wait_seconds, {"items": bodies, **fields})


class AsyncBenchmarks(_AsyncFamilies):
    """Instances by methods by seeds, compared while they run."""

    _path = "/v1/benchmarks"
    _kind = "benchmark"

    async def create(
        self,
        instances: Sequence[str | Mapping[str, Any]],
        methods: Sequence[str | Mapping[str, Any]],
        *,
        wait_seconds: float | None = None,
        **fields: Any,
    ) -> Family:
        """Compare methods on instances.

        Parameters
        ----------
        instances
            Each a name of the library, or an instance as `submit_solve` takes it.
        methods
            Names, or ``method`` with ``parameters`` and a ``label``.
        wait_seconds
            Answer when all runs have ended, or after so long.
        **fields
            ``seeds``, ``limits``, ``target_gap``, ``max_parallel``, ``deadline_s``,
            ``priority_s``, ``webhook_url``, ``webhook_secret``,
            ``webhook_events_filter``.
        """
        body = {"instances": list(instances), "methods": list(methods), **fields}
        return await self._submit(wait_seconds, body)

    async def report(self, benchmark_id: str) -> ReportState:
        """Return what the runs that have ended say; ``final`` once all have."""
        path = place(self._path, benchmark_id, "report")
        response = await self._transport.get(path)
        return ReportState.model_validate_json(response.content)

    async def report_csv(self, benchmark_id: str) -> str:
        """Return the cells of the report as a table."""
        path = place(self._path, benchmark_id, "report")
        answer = await self._transport.get(path, headers={"Accept": "text/csv"})
        return answer.text
