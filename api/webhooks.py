"""Webhooks: what callers ask for, checked."""

from typing import Any, Protocol

from api.instances import invalid
from api.schemas.endpoint import EndpointInput, EndpointPatch
from db.acceptance import Webhook
from db.contracts.caller import Caller
from db.contracts.delivery import USUAL, USUAL_OF_JOB, Form, Mode, new_secret
from db.contracts.delivery import write_events as as_stored
from db.contracts.event import EventType
from db.contracts.settings import Settings
from db.contracts.webhook_address import AllowList, ForbiddenAddressError, check_url
from db.repositories.endpoints import NewEndpoint


class Wish(Protocol):
    """What a submission says of its own webhook."""

    @property
    def webhook_url(self) -> str | None: ...

    @property
    def webhook_secret(self) -> str | None: ...

    @property
    def webhook_events_filter(self) -> Any: ...


def choose_webhook(wish: Wish, settings: Settings) -> Webhook | None:
    """Return where to tell a job's events; refuse what must not be called."""
    if wish.webhook_url is None:
        for name in ("webhook_secret", "webhook_events_filter"):
            if getattr(wish, name) is not None:
                raise invalid(
                    f"#/{name}",
                    f"a {name} without a webhook_url",
                    "Send both, or neither.",
                )
        return None
    check_address(wish.webhook_url, "#/webhook_url", settings)
    named = wish.webhook_events_filter
    return Webhook(
        wish.webhook_url,
        wish.webhook_secret or new_secret(),
        USUAL_OF_JOB if named is None else tuple(EventType(each) for each in named),
    )


def check_address(url: str, pointer: str, settings: Settings) -> None:
    """Refuse what can be refused before a name server is asked."""
    try:
        check_url(url, allow=AllowList(settings.webhook_allow_cidrs))
    except ForbiddenAddressError as error:
        raise invalid(
            pointer,
            str(error),
            "Use an https address that the whole internet can reach, or have the "
            "operator allow yours with SOLVEQUEUE_WEBHOOK_ALLOW_CIDRS.",
        ) from None


def new_endpoint(
    given: EndpointInput, *, caller: Caller, settings: Settings
) -> NewEndpoint:
    """Return the endpoint that a caller asks for."""
    mode = Mode(given.mode)
    if mode is Mode.PULL and given.url is not None:
        raise invalid(
            "#/url",
            "deliveries that are fetched go to no URL",
            "Leave url out, or send mode push.",
        )
    if mode is Mode.PUSH:
        if given.url is None:
            raise invalid("#/url", "a required field is missing", "Add url.")
        check_address(given.url, "#/url", settings)
    named = given.events
    return NewEndpoint(
        owner=caller.name,
        mode=mode,
        url=given.url or "",
        secret=given.secret or new_secret(),
        events=USUAL if named is None else [EventType(each) for each in named],
        payload=Form(given.payload),
        description=given.description,
        of_operator=caller.sees_all,
    )


def changes_of(
    given: EndpointPatch, *, mode: Mode, settings: Settings
) -> dict[str, Any]:
    """Return the columns that a patch changes."""
    changes: dict[str, Any] = {}
    sent = given.model_fields_set
    if "url" in sent:
        if mode is Mode.PULL:
            raise invalid(
                "#/url", "deliveries that are fetched go to no URL", "Leave url out."
            )
        check_address(given.url, "#/url", settings)
        changes["url"] = given.url
    if "events" in sent:
        changes["events"] = as_stored(EventType(each) for each in given.events)
    for name in ("payload", "description"):
        if name in sent:
            changes[name] = getattr(given, name)
    return changes
