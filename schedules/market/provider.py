"""The source that is an outside service: one GET a tick, through the address guard."""

import hashlib
import logging
import time
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import httpx2
import orjson
from pydantic import ValidationError
from typing_extensions import override

from db.contracts.market import GapReason, MarketValues
from db.contracts.market_provider import NoNumberError, label_of
from db.contracts.settings import Settings
from db.contracts.webhook_address import AllowList, ForbiddenAddressError
from db.guarded_http import client as http
from db.guarded_http.client import Response
from db.guarded_http.connection import NoAnswerError
from db.models import MarketTick
from db.repositories import market
from db.webhooks.backoff import retry_after
from schedules.market.source import GapError, Reading, Source

logger = logging.getLogger(__name__)

MAX_BYTES = 256 * 1024
MAX_ETAG = 200
OK = 200
NOT_MODIFIED = 304
LONGEST_WAIT = timedelta(hours=1)

_left_alone_until: dict[str, float] = {}
"""By question; each process is told by itself."""


class Provider(Source):
    """Asks for all numbers at once; makes none up where there are none."""

    is_simulated = False

    def __init__(self, settings: Settings) -> None:
        self._url = settings.market_provider_url.get_secret_value()
        self._token = settings.market_provider_token.get_secret_value()
        self._pointers = settings.market_provider_pointers
        self._client = _client(
            settings.webhook_allow_cidrs, settings.market_provider_timeout_seconds
        )
        self.label = label_of(self._url)
        # What another address or other pointers gave is no answer to this question.
        asked = f"{self._url} {self._pointers}".encode()
        self._question = hashlib.sha256(asked).hexdigest()[:16]

    @override
    def read(self, number: int, before: MarketTick | None) -> Reading:
        if time.monotonic() < _left_alone_until.get(self._question, 0.0):
            raise GapError(GapReason.ASKED_TO_WAIT)
        known = None if before is None else self._etag_of(before)
        answer = self._ask(known)
        if answer.status == NOT_MODIFIED and before is not None and known is not None:
            return Reading(market.values_of(before), before.validator)
        if answer.status != OK:
            self._mind(answer)
            raise GapError(GapReason.BAD_STATUS, str(answer.status))
        return Reading(self._values(answer.body_head), self._validator(answer.etag))

    def _ask(self, known: str | None) -> Response:
        headers = {"accept": "application/json"}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        if known is not None:
            headers["if-none-match"] = known
        try:
            # One more than is read: what is cut is not mistaken for the whole.
            return http.get(
                self._client, self._url, headers=headers, max_bytes=MAX_BYTES + 1
            )
        except ForbiddenAddressError as error:
            self._tell(error)
            raise GapError(GapReason.FORBIDDEN_ADDRESS) from error
        except NoAnswerError as error:
            self._tell(error)
            raise GapError(GapReason.UNREACHABLE) from error

    def _mind(self, answer: Response) -> None:
        """Leave it alone as long as it asks for, an hour at most."""
        wait = retry_after(answer.retry_after, datetime.now(UTC))
        if wait is not None:
            seconds = min(wait, LONGEST_WAIT).total_seconds()
            _left_alone_until[self._question] = time.monotonic() + seconds

    def _values(self, body: bytes) -> MarketValues:
        if len(body) > MAX_BYTES:
            raise GapError(GapReason.TOO_LARGE)
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise GapError(GapReason.NOT_JSON) from error
        found = {}
        for field, pointer in self._pointers.by_field.items():
            try:
                found[field.value] = pointer.number(document)
            except NoNumberError as error:
                raise GapError(GapReason.NO_VALUE, field.value) from error
        try:
            return MarketValues(**found)
        except ValidationError as error:
            field_name = str(error.errors()[0]["loc"][0])
            raise GapError(GapReason.OUT_OF_RANGE, field_name) from error

    def _validator(self, etag: str | None) -> str | None:
        if etag is None or len(etag) > MAX_ETAG:
            return None
        # What could not be sent back would fail each tick that follows.
        if not (etag.isascii() and etag.isprintable()):
            return None
        return f"{self._question} {etag}"

    def _etag_of(self, before: MarketTick) -> str | None:
        question, _, etag = (before.validator or "").partition(" ")
        return etag if question == self._question and etag else None

    def _tell(self, error: Exception) -> None:
        logger.warning(
            "provider not read",
            extra={
                "action": "market_provider_failed",
                "source": self.label,
                "why": str(error),
            },
        )


@lru_cache(maxsize=1)
def _client(allow_cidrs: tuple[str, ...], timeout_seconds: float) -> httpx2.Client:
    return http.client(AllowList(allow_cidrs), timeout_seconds)
