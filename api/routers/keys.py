"""/v1/keys: keys made, listed and revoked by operators."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from api.body import parse, read_body, require_json
from api.dependencies import DoorDep, StateDep
from api.openapi import body_of
from api.schemas.key import KeyInput, KeyPage, KeyView, NewKeyView
from api.state import ApiState
from db.contracts.api_key import PREFIX
from db.contracts.caller import Scope, read_scopes
from db.contracts.event import timestamp
from db.models import ApiKey
from db.repositories import api_keys
from db.repositories.api_keys import NewApiKey

router = APIRouter(prefix="/v1/keys", tags=["keys"])

DAY_SECONDS = 86_400.0
Prefix = Annotated[str, Path(max_length=100, pattern=f"^{PREFIX.pattern}$")]


@router.post(
    "",
    status_code=HTTPStatus.CREATED,
    response_model=NewKeyView,
    openapi_extra=body_of(KeyInput),
)
async def create_key(
    request: Request, response: Response, state: StateDep
) -> NewKeyView:
    """Make a key. Only this answer has all of it."""
    require_json(request)
    body = await read_body(request, state.settings)
    view = await run_in_threadpool(_create, state, body)
    response.headers["Location"] = f"/v1/keys/{view.prefix}"
    response.headers["Cache-Control"] = "no-store"
    return view


@router.get("")
def list_keys(state: StateDep) -> KeyPage:
    """List all keys, also those that open nothing any more."""
    with state.backplane.database.reading() as connection:
        found = api_keys.list_keys(connection)
    return KeyPage(items=[KeyView(**_told(key)) for key in found])


@router.delete("/{prefix}", status_code=HTTPStatus.NO_CONTENT)
def revoke_key(state: StateDep, door: DoorDep, prefix: Prefix) -> None:
    """Let the key open nothing any more; other processes know some seconds later."""
    with state.backplane.database.transaction() as connection:
        api_keys.revoke_key(connection, prefix)
    door.keys.forget(prefix)


def _create(state: ApiState, body: bytes) -> NewKeyView:
    given = parse(KeyInput, body)
    days = given.expires_days
    new = NewApiKey(
        owner=given.owner,
        name=given.name,
        scopes=read_scopes(given.scopes),
        expires_s=None if days is None else days * DAY_SECONDS,
        max_queued=given.max_queued,
        max_running=given.max_running,
    )
    with state.backplane.database.transaction() as connection:
        made, text = api_keys.create_key(connection, new)
    return NewKeyView(**_told(made), key=text.reveal())


def _told(key: ApiKey) -> dict[str, Any]:
    moments = ("created_at", "expires_at", "revoked_at", "last_used_at")
    return {
        "prefix": key.prefix,
        "owner": key.owner,
        "name": key.name,
        "scopes": [Scope(word) for word in key.scopes.split()],
        "max_queued": key.max_queued,
        "max_running": key.max_running,
        **{
            name: None if getattr(key, name) is None else timestamp(getattr(key, name))
            for name in moments
        },
    }
