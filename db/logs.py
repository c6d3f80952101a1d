"""How a process writes its log: JSON lines, or columns for a person at a terminal."""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any

import structlog

from db.contracts.settings import Settings

TICK = "schedules.dispatch"
"""Sent, received and done every second: of no interest unless something is wrong."""
_CREDENTIALS = re.compile(r"(?<=://)[^/@\s]+@")
_SECRET = re.compile(r"whsec_[A-Za-z0-9+/=_-]+")
_KEY = re.compile(r"(sq_[a-z2-7]{8})_[A-Za-z0-9_-]+")
_TOKEN = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")


def configure_logging(settings: Settings) -> None:
    """Send every record, our own and the libraries', through one formatter."""
    person = sys.stderr.isatty()
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=True)
        if person
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
    # They tell of every request and every start; webhook URLs may hold secrets.
    for library in ("alembic", "httpx2"):
        logging.getLogger(library).setLevel(logging.WARNING)


def _is_of_interest(record: logging.LogRecord) -> bool:
    """Return whether a record says more than that another second has passed."""
    if record.levelno != logging.INFO or not record.name.startswith("celery."):
        return True
    # Whoever asks for all details gets these too.
    return logging.getLogger().level < logging.INFO or TICK not in record.getMessage()


def _hide_secrets(_: Any, __: str, event: Any) -> Any:
    """Take passwords out of URLs, and secrets, keys and tokens out of anything."""
    return {key: _hidden(value) for key, value in event.items()}


def _hidden(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _hidden(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_hidden(inner) for inner in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    # Anything else is written by its text: an error, a path, a URL object.
    text = value if isinstance(value, str) else repr(value)
    text = _SECRET.sub("whsec_***", _CREDENTIALS.sub("***@", text))
    return _TOKEN.sub("eyJ***", _KEY.sub(r"\1_***", text))
