"""`batch:{id}` and `benchmark:{id}`: the log of a job that is made of others."""

from functools import partial

from typing_extensions import override

from api.channels.job import JobChannel
from api.family_views import require_kind
from api.ownership import JOBS
from api.relay.channel import Following


class FamilyChannel(JobChannel):
    """A job's channel, for jobs of one kind."""

    def __init__(self, kind: str, summary: str) -> None:
        self._kind = kind
        self.summary = summary

    @override
    async def follow(self, subject: str, following: Following) -> None:
        backplane, caller = following.state.backplane, following.caller
        # Whether it is the caller's comes first: others learn nothing of its kind.
        await following.hub.read(partial(JOBS.require, backplane, caller, subject))
        await following.hub.read(partial(require_kind, backplane, subject, self._kind))
        await super().follow(subject, following)
