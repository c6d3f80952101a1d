# Made of api/client/_async/families.py by `make client`: change that one.
"""Batches and benchmarks: many jobs under one."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import httpx2
from typing_extensions import override

from api.client._sync.follow import SILENCE_SECONDS, Follower
from api.client._sync.pages import NDJSON, read_all
from api.client._sync.patience import PATIENCE_SECONDS, Patience
from api.client._sync.resource import Collection
from api.client._sync.waiting import wait_for_end
from api.client.client import place
from api.client.exceptions import ProblemError
from api.client.models import Event, Family, Item, Job, ReportState
from api.client.transport import is_away


class _Families(Collection[Family]):
    """What batches and benchmarks have in common."""

    _member = Family
    _kind: str

    @override
    def all(self, **filters: Any) -> Iterator[Family]:
        """Yield all, newest first; filters are those of `jobs`."""
        wanted = {"kind": self._kind, **filters}
        return read_all(self._transport, "/v1/jobs", Family, wanted)

    def cancel(self, family_id: str) -> Family:
        """Stop it: what waits never runs, what runs keeps its incumbent."""
        return self._bring(family_id, "cancel")

    def events(
        self, family_id: str, after: int = 0, epoch: str = ""
    ) -> Iterator[Event]:
        """Yield its events as they come, as those of a job."""
        path = place(self._path, family_id, "events")
        return Follower(self._transport, path, after=after, epoch=epoch).events()

    def items(self, family_id: str, *, follow: bool = False) -> Iterator[Item]:
        """Yield what came of each job that has ended, by index.

        With `follow` go on with those that end later, until all have. A cut connection
        is opened again, and nothing comes twice.
        """
        # Nobody there, or no such family, is said at once.
        self.get(family_id)
        told: set[int] = set()
        patience = Patience(PATIENCE_SECONDS)
        while True:
            try:
                for item in self._items(family_id, patience, follow=follow):
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
                family = self.get(family_id)
                if family.is_final:
                    return
            patience.pause()

    def wait(
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
        wait_for_end(
            self._transport, family_id, timeout_seconds=timeout_seconds, on_news=on_news
        )
        return self.get(family_id)

    def _items(
        self, family_id: str, patience: Patience, *, follow: bool
    ) -> Iterator[Item]:
        with self._transport.stream(
            place(self._path, family_id, "results"),
            params={"follow": "true"} if follow else None,
            headers={"Accept": NDJSON},
            silence_seconds=SILENCE_SECONDS,
        ) as response:
            patience.extend()
            for line in response.iter_lines():
                yield Item.model_validate_json(line)

    def _submit(self, wait_seconds: float | None, body: Mapping[str, Any]) -> Family:
        response = self._transport.submit(
            self._path, body=body, wait_seconds=wait_seconds
        )
        return Family.model_validate_json(response.content)


class Batches(_Families):
    """Many solves under one job."""

    _path = "/v1/batches"
    _kind = "batch"

    def create(
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
        return self._submit(wait_seconds, {"items": bodies, **fields})


class Benchmarks(_Families):
    """Instances by methods by seeds, compared while they run."""

    _path = "/v1/benchmarks"
    _kind = "benchmark"

    def create(
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
        return self._submit(wait_seconds, body)

    def report(self, benchmark_id: str) -> ReportState:
        """Return what the runs that have ended say; ``final`` once all have."""
        path = place(self._path, benchmark_id, "report")
        response = self._transport.get(path)
        return ReportState.model_validate_json(response.content)

    def report_csv(self, benchmark_id: str) -> str:
        """Return the cells of the report as a table."""
        path = place(self._path, benchmark_id, "report")
        answer = self._transport.get(path, headers={"Accept": "text/csv"})
        return answer.text
