"""`job:{id}`: one job's log, from wherever the client got to."""

from functools import partial
from typing import Any

from typing_extensions import override

from api.ownership import JOBS
from api.relay.channel import Channel, Following, follow_log
from api.views import load_job


class JobChannel(Channel):
    """Snapshot, then every event after it up to the terminal one.

    Where the log is begun anew in between, another snapshot says so.
    """

    takes_subject = True
    summary = "One job: all that is in its log, up to its end."

    @override
    async def follow(self, subject: str, following: Following) -> None:
        hub, backplane = following.hub, following.state.backplane
        await hub.read(partial(JOBS.require, backplane, following.caller, subject))

        def state() -> dict[str, Any]:
            view, _ = load_job(backplane, subject)
            return view.model_dump(mode="json")

        await follow_log(
            following, subject, partial(backplane.log.read, subject), state
        )
