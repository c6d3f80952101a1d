"""/v1/stream-tokens: short-lived leave to read, for browsers."""

import math
import time
from http import HTTPStatus

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.callers import credential_of
from api.channels import CHANNELS
from api.dependencies import CallerDep, DoorDep, StateDep
from api.family_views import require_kind
from api.openapi import body_of
from api.schemas.stream_token import StreamTokenInput, StreamTokenView
from api.state import ApiState
from api.stream_tokens import Maker, StreamTokens
from db.contracts.caller import Caller
from db.contracts.errors import InputProblem, InvalidInputError, NotFoundError
from db.contracts.event import timestamp
from db.contracts.kinds import KINDS
from db.repositories import jobs

router = APIRouter(prefix="/v1/stream-tokens", tags=["events"])


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=StreamTokenView,
    openapi_extra=body_of(StreamTokenInput),
)
async def create_stream_token(
    request: Request,
    response: Response,
    state: StateDep,
    door: DoorDep,
    caller: CallerDep,
) -> StreamTokenView:
    """Make a token with which these topics can be followed, and nothing else done.

    It is for clients that can set no header: ``?token=`` of a stream or a socket.
    """
    require_json(request)
    body = await read_body(request, state.settings)
    maker = Maker(caller, credential_of(request))
    response.headers["Cache-Control"] = "no-store"
    return await run_in_threadpool(_create, state, door.streams, maker, body)


def _create(
    state: ApiState, tokens: StreamTokens, maker: Maker, body: bytes
) -> StreamTokenView:
    given = parse(StreamTokenInput, body)
    topics = sorted(set(given.topics))
    for place, topic in enumerate(given.topics):
        _require_topic(state, maker.caller, topic, pointer=f"#/topics/{place}")
    expires_at = math.ceil(time.time()) + given.expires_in_s
    return StreamTokenView(
        token=tokens.make(maker, topics, expires_at=expires_at),
        expires_at=timestamp(expires_at),
        topics=topics,
    )


def _require_topic(
    state: ApiState, caller: Caller, topic: str, *, pointer: str
) -> None:
    name, colon, subject = topic.partition(":")
    channel = CHANNELS.get(name)
    if channel is None or channel.takes_subject != bool(colon):
        known = ", ".join(
            f"{each}:…" if of_one.takes_subject else each
            for each, of_one in CHANNELS.items()
        )
        suggestion = f"A topic is one of {known}."
        raise InvalidInputError(
            problems=[
                InputProblem(
                    pointer=pointer,
                    detail="there is no such topic",
                    suggestion=suggestion,
                )
            ]
        )
    if channel.takes_subject:
        _require_job(state, caller, subject)
        if name in KINDS:
            require_kind(state.backplane, subject, name)


def _require_job(state: ApiState, caller: Caller, job_id: str) -> None:
    with state.backplane.database.reading() as connection:
        owner = jobs.owner_of(connection, job_id)
    if owner is None or not caller.sees(owner):
        raise NotFoundError(f"there is no job {job_id}")
