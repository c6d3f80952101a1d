"""Repeated requests, known by their ``Idempotency-Key`` (IETF draft).

The key is recorded in the transaction that records the job: there is never one without
the other. The first answer is kept beside it and given again for a day.
"""

import hashlib
import re
from dataclasses import dataclass

from fastapi import Request

from api.instances import invalid
from db.backplane import Backplane
from db.contracts.caller import Caller
from db.contracts.errors import KeyInUseError, KeyReusedError
from db.repositories import idempotency
from db.repositories.idempotency import KnownKey, NewKey

ANSWER_MARGIN_SECONDS = 30.0
"""How much longer than it waits for the job a first answer may take."""
_KEY = re.compile(r"[!#-~]{1,200}")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a submission was answered with."""

    status: int
    body: str
    location: str


def read_key(
    request: Request, body: bytes, caller: Caller, wait_seconds: float
) -> NewKey | None:
    """Return the request's key, if it has one; quotes around it are no part of it."""
    sent = request.headers.get("idempotency-key")
    if sent is None:
        return None
    key = sent.strip()
    if len(key) >= 2 and key[0] == key[-1] == '"':
        key = key[1:-1]
    if not _KEY.fullmatch(key):
        raise invalid(
            "#header/Idempotency-Key",
            "not an idempotency key",
            "Send 1 to 200 visible ASCII characters, no spaces or quotes: a UUID, say.",
        )
    digest = hashlib.sha256(f"{request.method} {request.url.path}\n".encode())
    digest.update(body)
    return NewKey(
        caller=caller.name,
        key=key,
        fingerprint=digest.hexdigest(),
        answer_seconds=wait_seconds + ANSWER_MARGIN_SECONDS,
    )


def find(backplane: Backplane, key: NewKey) -> Answer | str | None:
    """Return the first answer to this request; its job's id if there was none; or None.

    Raises KeyReusedError where the key came with another request, and KeyInUseError
    while the first one is being answered.
    """
    with backplane.database.reading() as connection:
        known = idempotency.find_key(connection, key.caller, key.key)
    if known is None:
        return None
    if known.fingerprint != key.fingerprint:
        raise KeyReusedError
    if known.status is not None and known.body is not None:
        return Answer(known.status, known.body, known.location or "")
    return _unanswered(known)


def keep(backplane: Backplane, key: NewKey, answer: Answer) -> None:
    """Keep the first answer."""
    with backplane.database.transaction() as connection:
        idempotency.put_answer(
            connection,
            key,
            status=answer.status,
            body=answer.body,
            location=answer.location,
        )


def _unanswered(known: KnownKey) -> str:
    if known.is_being_answered:
        raise KeyInUseError(
            f"the first request with this key is being answered, as {known.job_id}"
        )
    return known.job_id
