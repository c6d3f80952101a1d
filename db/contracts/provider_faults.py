"""What is wrong with the description of a provider, beyond the types of its fields."""

from collections.abc import Collection, Iterator
from urllib.parse import parse_qsl, urlsplit

from db.contracts.errors import InputProblem
from db.contracts.json_pointer import POINTER
from db.contracts.near_miss import did_you_mean
from db.contracts.provider_input import (
    CollectionInput,
    ExpectationInput,
    ProviderInput,
    ProviderKeyInput,
    ProviderLimitInput,
)
from db.contracts.webhook_address import AllowList, ForbiddenAddressError, check_url

OWN_CATEGORY = "solvequeue"
"""Of the service's own parts."""
OWN_PARTS = {
    "database": "Whether the database tells the time, and how fast.",
    "redis": "Whether the server of events and counts answers, and how fast.",
    "broker": "Whether the broker of messages takes a connection, and how fast.",
    "workers": "Whether workers live that take jobs of every queue.",
    "beat": "How long ago beat ticked last, and a courier heard it.",
    "relay": "How long an event takes through Redis to the sockets of the API.",
}
"""Names that nobody else's provider may have, and what is checked."""
SECRETS = frozenset(
    {
        *("apikey", "api_key", "api-key", "x-api-key", "auth_token", "access_token"),
        *("token", "secret", "password"),
    }
)
"""Parameters of an address that hold what nobody may see."""
NOT_FOR_KEYS = frozenset(
    {
        *("host", "connection", "content-length", "content-type", "cookie"),
        *("transfer-encoding", "upgrade", "if-none-match", "if-modified-since"),
    }
)
"""Headers that a request needs for itself."""


def faults_of(
    given: ProviderInput, *, networks: AllowList, key_names: Collection[str]
) -> list[InputProblem]:
    """Return all that is wrong, with pointers into the description."""
    found = [
        *_of_name(given.name),
        *_of_category(given.category),
        *_of_address("url", given.url, networks),
        *_of_limits(given.limits),
        *_of_expectation(given.expectation),
    ]
    if given.second_url:
        found += _of_address("second_url", given.second_url, networks)
        if given.second_url == given.url:
            found.append(
                _fault("second_url", "this is the first place", "Name another one.")
            )
    if given.key is not None:
        found += _of_key(given.key, key_names)
    if given.collection is not None:
        found += _of_collection(given.collection)
    return found


def _fault(path: str, detail: str, suggestion: str) -> InputProblem:
    return InputProblem(pointer=f"#/{path}", detail=detail, suggestion=suggestion)


def _of_name(name: str) -> Iterator[InputProblem]:
    if name.lower() in OWN_PARTS:
        yield _fault(
            "name",
            "a part of the service is called so",
            f"Name it otherwise, such as our {name}.",
        )


def _of_category(category: str) -> Iterator[InputProblem]:
    if category == OWN_CATEGORY:
        yield _fault(
            "category",
            "this one is for the service's own parts",
            "Name another one, such as market_data.",
        )


def _of_address(field: str, url: str, networks: AllowList) -> Iterator[InputProblem]:
    try:
        check_url(url, allow=networks)
    except ForbiddenAddressError as error:
        what, _, way_out = str(error).partition(": ")
        advice = way_out[:1].upper() + way_out[1:] or "Send a public https address"
        yield _fault(field, what, f"{advice}.")
        return
    parts = urlsplit(url)
    for name, value in parse_qsl(parts.query):
        if name.lower() in SECRETS and value:
            yield _fault(
                field,
                f"the address holds a key, in {name}",
                "Take it out, and say with key which variable has it and that it goes "
                f"into the query, as {name}.",
            )
    if parts.fragment:
        yield _fault(
            field, "no server is sent what follows a #", "Leave it and the rest out."
        )


def _of_key(
    key: ProviderKeyInput, key_names: Collection[str]
) -> Iterator[InputProblem]:
    if key.environment not in key_names:
        hint = did_you_mean(key.environment, key_names)
        yield _fault(
            "key/environment",
            "the service may not read this variable",
            f"{hint}Have it put into SOLVEQUEUE_PROVIDER_KEY_NAMES, or name one that "
            "is there.",
        )
    if key.place == "bearer":
        if key.name:
            yield _fault(
                "key/name", "a bearer's key has its place", "Leave the name out."
            )
    elif not key.name:
        what = "header" if key.place == "header" else "parameter"
        yield _fault(
            "key/name",
            "a required field is missing",
            f"Add name: the {what} in which the key goes.",
        )
    elif key.place == "header" and key.name.lower() in NOT_FOR_KEYS:
        yield _fault(
            "key/name",
            "the request needs this header for itself",
            "Name the one that the provider reads keys from, such as X-Api-Key.",
        )


def _of_limits(limits: list[ProviderLimitInput]) -> Iterator[InputProblem]:
    seen: set[str] = set()
    for index, each in enumerate(limits):
        if each.per in seen:
            yield _fault(
                f"limits/{index}/per",
                f"there is a limit per {each.per} already",
                "Keep the lower one of the two.",
            )
        seen.add(each.per)


def _of_expectation(expected: ExpectationInput) -> Iterator[InputProblem]:
    if expected.offline_ms < expected.degraded_ms:
        yield _fault(
            "expectation/offline_ms",
            "an answer cannot be as good as none before it is late",
            f"Send at least degraded_ms, {expected.degraded_ms}.",
        )
    if len(set(expected.statuses)) < len(expected.statuses):
        yield _fault(
            "expectation/statuses", "a status is there twice", "Send each once."
        )
    yield from _of_pointer("expectation/pointer", expected.pointer)


def _of_collection(wanted: CollectionInput) -> Iterator[InputProblem]:
    for name, pointer in wanted.series.items():
        if not pointer:
            yield _fault(
                f"collection/series/{name}",
                "the whole answer is no number",
                "Send a JSON pointer to one, such as /data/price.",
            )
        yield from _of_pointer(f"collection/series/{name}", pointer)
    yield from _of_pointer("collection/data_time", wanted.data_time)


def _of_pointer(path: str, pointer: str) -> Iterator[InputProblem]:
    if pointer and not POINTER.fullmatch(pointer):
        yield _fault(
            path,
            "this is no JSON pointer",
            "Begin it with /, and write ~ as ~0 and / in a name as ~1 (RFC 6901).",
        )
