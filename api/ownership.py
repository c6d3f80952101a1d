"""Whose things are whose: what is another's is not there.

What a caller may not see is answered like what there is not, word for word and by the
same one query.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection

from db.backplane import Backplane
from db.contracts.caller import Caller
from db.contracts.errors import NotFoundError
from db.repositories import (
    deliveries,
    endpoints,
    jobs,
    live_calculations,
    notifications,
    schedules,
    thresholds,
)


@dataclass(frozen=True)
class Owned:
    """Things that have owners, and ids in paths."""

    noun: str
    id_form: re.Pattern[str]
    owner_of: Callable[[Connection, str], str | None]

    def require(self, backplane: Backplane, caller: Caller, record_id: str) -> None:
        """Raise NotFoundError unless it is the caller's, or the caller sees all."""
        if caller.sees_all:
            return
        with backplane.database.reading() as connection:
            owner = self.owner_of(connection, record_id)
        if owner is None or not caller.sees(owner):
            raise NotFoundError(f"there is no {self.noun} {record_id}")


def _id(prefix: str) -> re.Pattern[str]:
    return re.compile(rf"{prefix}_[0-9a-f]{{32}}")


JOBS = Owned("job", _id("job"), jobs.owner_of)
SCHEDULES = Owned("schedule", _id("sch"), schedules.owner_of)
WEBHOOKS = Owned("webhook", _id("ep"), endpoints.owner_of)
LIVE_CALCULATIONS = Owned("live calculation", _id("live"), live_calculations.owner_of)
DELIVERIES = Owned("delivery", _id("msg"), deliveries.owner_of)
NOTIFICATIONS = Owned("notification", _id("ntf"), notifications.owner_of)
THRESHOLDS = Owned("threshold", _id("thr"), thresholds.owner_of)
PROVIDER_ID, CHANGE_ID = _id("prv"), _id("pch")
"""Of what belongs to nobody: all who may read may know of it."""
