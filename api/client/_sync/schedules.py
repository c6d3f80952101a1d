# Made of api/client/_async/schedules.py by `make client`: change that one.
"""Jobs at certain times."""

from collections.abc import Iterator, Mapping
from typing import Any

from api.client._sync.pages import read_all
from api.client._sync.resource import Pausable
from api.client.client import place
from api.client.models import Job, Schedule, ScheduleRun


class Schedules(Pausable[Schedule]):
    """Jobs at certain times; `change` takes the fields of `create`."""

    _path = "/v1/schedules"
    _member = Schedule

    def create(
        self, name: str, job: Mapping[str, Any], *, kind: str = "solve", **fields: Any
    ) -> Schedule:
        """Make a schedule.

        Parameters
        ----------
        name
            Yours.
        job
            What is sent to start a job of this kind at once.
        kind
            ``solve``, ``batch``, ``benchmark`` or ``calculate``.
        **fields
            ``cron`` and ``time_zone``, or ``every_s``; ``start_at``, ``end_at``,
            ``overlap``, ``catch_up_s``, ``paused``.
        """
        return self._create({"name": name, "kind": kind, "job": job, **fields})

    def trigger(self, schedule_id: str) -> Job:
        """Start one of its jobs now."""
        path = place(self._path, schedule_id, "trigger")
        response = self._transport.post(path)
        return Job.model_validate_json(response.content)

    def runs(self, schedule_id: str, **filters: Any) -> Iterator[ScheduleRun]:
        """Yield what came of its due times, newest first."""
        path = place(self._path, schedule_id, "runs")
        return read_all(self._transport, path, ScheduleRun, filters)
