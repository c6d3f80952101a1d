"""One check: whether a call may be made, where, and what follows for the next one."""

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import httpx2

from db.backplane import Backplane
from db.contracts.budget import Declared, Usage
from db.contracts.collection import Collected, collect, collect_again
from db.contracts.declared_budget import read_declared
from db.contracts.event import timestamp
from db.contracts.provider import CheckOutcome, ErrorType, Key, ProviderKind, Seen
from db.models import Provider
from db.repositories import provider_collections, providers
from db.repositories.provider_checks import Checked, Claimed
from db.webhooks.backoff import retry_after
from schedules.provider_health.call import Called, Question, call
from schedules.provider_health.grid import next_due
from schedules.provider_health.parts import check_part

RETURN_EVERY = 5
"""A provider that is asked at its second place is asked at the first this often."""
ON_TIME_S = 5.0
MAX_ETAG = 200
REFUSES = 400
"""From this status on an answer may say when to come again."""


@dataclass(frozen=True, slots=True)
class Made:
    """A check that was made, or why none was, and when the next one is due."""

    checked: Checked
    next_at: float


@dataclass(slots=True)
class _Tries:
    """The calls of one check."""

    called: Called | None = None
    """The last one; None where the budget allowed none."""
    first: Called | None = None
    place: str = ""
    count: int = 0
    retry_result: CheckOutcome | None = None
    usages: tuple[Usage, ...] = ()
    crossed: list[Usage] = field(default_factory=list)


class Checker:
    """Makes checks; any number of threads may at once."""

    def __init__(
        self,
        backplane: Backplane,
        client: httpx2.Client,
        now: Callable[[], float],
    ) -> None:
        self._backplane = backplane
        self._settings = backplane.settings
        self._client = client
        self._now = now

    def make(self, claimed: Claimed) -> Made:
        """Make the check, with as many calls as it takes."""
        provider, at = claimed.provider, self._now()
        if provider.kind == ProviderKind.INTERNAL:
            seen = check_part(self._backplane, provider.name)
            endpoint = f"{ProviderKind.INTERNAL}:{provider.name}"
            return self._made(provider, Checked(at=at, endpoint=endpoint, seen=seen))
        key = providers.key_of(provider)
        secret = self._secret_of(key)
        refusal = _refusal(provider, key, secret, at)
        if refusal is not None:
            return self._made(provider, self._blocked(claimed, at, refusal))
        known = self._known_of(provider)
        question = Question(
            url=provider.url,
            expected=providers.expectation_of(provider),
            key=key,
            secret=secret or "",
            etag=known.etag,
            is_read=provider.collection is not None,
        )
        tries = self._try(provider, question)
        if tries.called is None:
            refusal = Seen(
                outcome=CheckOutcome.BLOCKED,
                error_type=ErrorType.BUDGET,
                error=f"the budget is spent: {_spent(tries.usages)}",
            )
            return self._made(provider, self._blocked(claimed, at, refusal))
        return self._made(
            provider, self._checked(claimed, at, tries.called, tries, known)
        )

    def _try(self, provider: Provider, question: Question) -> _Tries:
        """Call the place whose turn it is, and the other one if it does not answer."""
        limits = providers.limits_of(provider)
        tries = _Tries()
        for place in _places(provider):
            spending = self._backplane.budgets.spend(provider.id, limits, self._now())
            tries.usages = spending.usages
            if not spending.is_allowed:
                if tries.count:
                    tries.retry_result = CheckOutcome.BLOCKED
                break
            tries.crossed += [each for each in spending.usages if each.crossed]
            # What one place calls its version, another does not know.
            etag = None if tries.count else question.etag
            tries.called = call(self._client, replace(question, url=place, etag=etag))
            tries.first = tries.first or tries.called
            tries.place = place
            tries.count += 1
            if tries.count > 1:
                tries.retry_result = tries.called.seen.outcome
            if tries.called.is_answered:
                break
        return tries

    def _checked(
        self,
        claimed: Claimed,
        at: float,
        called: Called,
        tries: _Tries,
        known: "_Known",
    ) -> Checked:
        provider, now = claimed.provider, self._now()
        seen, beside = called.seen, self._learnt(provider, called, tries, now)
        is_right = seen.outcome is CheckOutcome.SUCCESS
        if tries.first is not called and tries.first is not None and is_right:
            # What the second place has made good is still told.
            seen = replace(
                seen,
                error_type=tries.first.seen.error_type,
                error=f"the place before did not answer: {tries.first.seen.error}",
            )
        if is_right and not called.is_unchanged:
            etag = _sendable(called.headers.get("etag"))
            question = _question_of(provider, tries.place)
            beside["validator"] = f"{question} {etag}" if etag else None
        return Checked(
            at=at,
            endpoint=tries.place,
            seen=seen,
            retries=tries.count - 1,
            retry_result=tries.retry_result,
            beside=beside,
            collected=_collected(provider, called, known, now),
            on_schedule=_is_on_schedule(claimed, at),
            usages=tries.usages,
            crossed=tries.crossed,
        )

    def _learnt(
        self, provider: Provider, called: Called, tries: _Tries, now: float
    ) -> dict[str, Any]:
        """Return what this check says about how the next ones are made."""
        if not called.is_answered:
            failed = provider.failed_in_a_row + tries.count
            return {
                "on_second": False,
                "failed_in_a_row": failed,
                "open_until": self._open_until(provider, failed, now),
            }
        learnt: dict[str, Any] = {
            "on_second": tries.place != provider.url,
            "failed_in_a_row": 0,
            "open_until": 0.0,
        }
        declared = read_declared(called.headers, now)
        learnt["declared"] = None if declared is None else declared.model_dump_json()
        if (called.seen.status or 0) >= REFUSES:
            wait = retry_after(
                called.headers.get("retry-after"), datetime.fromtimestamp(now, UTC)
            )
            if wait is not None:
                learnt["wait_until"] = now + wait.total_seconds()
        return learnt

    def _open_until(self, provider: Provider, failed: int, now: float) -> float:
        """Return how long the circuit stays open after so many calls in a row.

        Each one that fails when it is over doubles it.
        """
        beyond = failed - self._settings.provider_breaker_failures
        if beyond < 0:
            return 0.0
        longest = max(provider.every_s, self._settings.provider_breaker_seconds)
        # Bounded, for two to the power of very many is no float.
        return now + min(longest, provider.every_s * 2.0 ** min(beyond + 1, 30))

    def _blocked(self, claimed: Claimed, at: float, refusal: Seen) -> Checked:
        provider = claimed.provider
        skipped = Collected(skip_reason=str(refusal.error_type))
        return Checked(
            at=at,
            endpoint=_places(provider)[0],
            seen=refusal,
            collected=None if provider.collection is None else skipped,
            on_schedule=_is_on_schedule(claimed, at),
        )

    def _made(self, provider: Provider, checked: Checked) -> Made:
        # While its circuit is open it is checked when that is over, and not before.
        after = max(self._now(), checked.beside.get("open_until", 0.0))
        return Made(checked, next_due(provider.id, provider.every_s, after))

    def _secret_of(self, key: Key | None) -> str | None:
        """Return the key; None where it is needed and there is none to be sent."""
        if key is None:
            return ""
        secret = self._settings.provider_keys.get(key.environment)
        text = "" if secret is None else secret.get_secret_value()
        # What no header may hold would be told in the error that says so.
        return text if text and text.isascii() and text.isprintable() else None

    def _known_of(self, provider: Provider) -> "_Known":
        """Return what may be asked for only if it has changed."""
        place = _places(provider)[0]
        question, _, etag = (provider.validator or "").partition(" ")
        if not etag or question != _question_of(provider, place):
            return _Known()
        if provider.collection is None:
            return _Known(etag)
        with self._backplane.database.reading() as connection:
            latest = provider_collections.latest(connection, provider.id)
        if latest is None:
            return _Known()
        return _Known(etag, json.loads(latest.values), latest.data_at)


@dataclass(frozen=True, slots=True)
class _Known:
    """The answer that a provider gave before."""

    etag: str | None = None
    values: dict[str, float | None] = field(default_factory=dict)
    data_at: float | None = None


def _refusal(
    provider: Provider, key: Key | None, secret: str | None, at: float
) -> Seen | None:
    """Return why no call is made."""
    if secret is None and key is not None:
        return _blocked_by(
            ErrorType.NO_KEY, f"{key.environment} has no key that could be sent"
        )
    if at < provider.open_until:
        return _blocked_by(
            ErrorType.CIRCUIT_OPEN,
            f"it did not answer {provider.failed_in_a_row} calls in a row; "
            f"the next one is made after {timestamp(provider.open_until)}",
        )
    if at < provider.wait_until:
        return _blocked_by(
            ErrorType.ASKED_TO_WAIT,
            f"it asked to be left alone until {timestamp(provider.wait_until)}",
        )
    if provider.declared is not None:
        declared = Declared.model_validate_json(provider.declared)
        if declared.blocks(at):
            return _blocked_by(
                ErrorType.BUDGET,
                "it says that its budget is spent until "
                f"{timestamp(declared.resets_at)}",
            )
    return None


def _blocked_by(type_: ErrorType, why: str) -> Seen:
    return Seen(outcome=CheckOutcome.BLOCKED, error_type=type_, error=why)


def _places(provider: Provider) -> list[str]:
    """Return where it is asked, in this order, until there is an answer."""
    if not provider.second_url:
        return [provider.url]
    is_return = (provider.checks + 1) % RETURN_EVERY == 0
    if provider.on_second and not is_return:
        return [provider.second_url, provider.url]
    return [provider.url, provider.second_url]


def _collected(
    provider: Provider, called: Called, known: _Known, now: float
) -> Collected | None:
    wanted = providers.collection_of(provider)
    if wanted is None:
        return None
    if called.is_unchanged:
        return collect_again(wanted, known.values, known.data_at, now)
    if called.seen.outcome is CheckOutcome.SUCCESS:
        return collect(wanted, called.document, now)
    return Collected(skip_reason=str(called.seen.error_type))


def _question_of(provider: Provider, place: str) -> str:
    """Name what is asked: what another address gave is no answer to it."""
    asked = f"{place} {provider.key} {provider.collection} {provider.expectation}"
    return hashlib.sha256(asked.encode()).hexdigest()[:16]


def _sendable(etag: str | None) -> str | None:
    """Return the tag, unless what it holds could not be sent back."""
    if etag is None or not etag.isascii() or not etag.isprintable():
        return None
    return etag if 0 < len(etag) <= MAX_ETAG else None


def _is_on_schedule(claimed: Claimed, at: float) -> bool:
    return at - claimed.due_at <= min(ON_TIME_S, claimed.provider.every_s / 2)


def _spent(usages: Sequence[Usage]) -> str:
    return " and ".join(
        f"{each.used} of {each.limit.calls} calls in this {each.limit.per}"
        for each in usages
        if each.used >= each.limit.calls
    )
