"""How a process writes its log: JSON lines, or columns for a person at a terminal."""

import logging
import re
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import structlog

from db.contracts.settings import Settings

TICKS = ("schedules.dispatch", "schedules.market_data")
"""Sent, received and done all the time: of no interest unless something is wrong."""
HIDDEN = "***"
_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    # A URL's user and password.
    (re.compile(r"(?<=://)[^/@\s]+@"), f"{HIDDEN}@"),
    # What signs webhooks.
    (re.compile(r"whsec_[A-Za-z0-9+/=_-]+"), f"whsec_{HIDDEN}"),
    # Keys of callers, but for the part by which they are known.
    (re.compile(r"\b(sq_[a-z2-7]{8})_[A-Za-z0-9_-]+"), rf"\1_{HIDDEN}"),
    # Stream tokens, and whatever else an address calls a token.
    (re.compile(r"\bsqst_[\w.-]+"), f"sqst_{HIDDEN}"),
    (re.compile(r"(?i)([?&]token=)(?!sqst_)[^&\s'\"]+"), rf"\1{HIDDEN}"),
    # Tokens.
    (re.compile(r"\beyJ[\w-]*\.[\w-]*\.?[\w-]*"), f"eyJ{HIDDEN}"),
    # What else stands in Authorization; those before have been seen to.
    (
        re.compile(r"(?i)\b(bearer|basic)\s+(?!sq_|sqst_|eyJ\*)[^\s'\",;]+"),
        rf"\1 {HIDDEN}",
    ),
)
_SUSPECT = re.compile(
    r"://|whsec_|sq_|sqst_|[?&]token=|eyJ|[Bb][Ee][Aa][Rr]|[Bb][Aa][Ss][Ii]"
)
"""Without one of these there is nothing to be found; it may find too much."""
_SECRET_NAMES = re.compile(
    r"(?i)authorization|cookie|password|passwd|secret|token|api[_-]?key|credential"
)
"""Fields of these names are not written, whatever they hold."""


def configure_logging(settings: Settings) -> None:
    """Send every record, our own and the libraries', through one formatter."""
    at_terminal = sys.stderr.isatty()
    for_people = settings.log_format == "console" or (
        settings.log_format == "auto" and at_terminal
    )
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=at_terminal)
        if for_people
        else structlog.processors.JSONRenderer()
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _hide_secrets,
    ]
    handler = logging.StreamHandler()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                renderer,
            ],
        )
    )
    handler.addFilter(_is_of_interest)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.log_level)
    # They tell of every request and every start; URLs may hold secrets.
    for library in ("alembic", "httpx2", "uvicorn.access"):
        logging.getLogger(library).setLevel(logging.WARNING)
    # It brings handlers of its own, with a form of their own.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    logging.captureWarnings(True)


def _is_of_interest(record: logging.LogRecord) -> bool:
    """Return whether a record says more than that another second has passed."""
    if record.levelno != logging.INFO or not record.name.startswith("celery."):
        return True
    # Whoever asks for all details gets these too.
    if logging.getLogger().level < logging.INFO:
        return True
    message = record.getMessage()
    return not any(tick in message for tick in TICKS)


def _hide_secrets(_: Any, __: str, event: Any) -> Any:
    """Take passwords, keys, tokens and webhook secrets out of anything."""
    return {key: _told(key, value) for key, value in event.items()}


def _told(key: Any, value: Any) -> Any:
    return HIDDEN if value and _names_a_secret(str(key)) else _hidden(value)


@lru_cache(maxsize=1000)
def _names_a_secret(key: str) -> bool:
    return _SECRET_NAMES.search(key) is not None


def _hidden(value: Any) -> Any:
    if isinstance(value, str):
        return _without_secrets(value)
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, Mapping):
        return {key: _told(key, inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_hidden(inner) for inner in value]
    # Anything else is written by its text: an error, a path, a URL object.
    return _without_secrets(repr(value))


def _without_secrets(text: str) -> str:
    # Most texts are short and innocent: one look at each.
    if _SUSPECT.search(text) is None:
        return text
    for pattern, instead in _PATTERNS:
        text = pattern.sub(instead, text)
    return text
