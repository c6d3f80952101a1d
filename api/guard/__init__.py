"""What stands before every route: limits, breakers, addresses, headers."""

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware
from starlette.middleware.gzip import GZipMiddleware

from api.guard.client_address import ClientAddress
from api.guard.head import EndStreams, Head
from api.guard.headers import CORS_METHODS, CORS_SHOWS, CORS_TAKES, SecurityHeaders
from api.guard.limits import Limit, Limits, TellLimits
from api.guard.time_limit import TimeLimit
from db.contracts.settings import Settings

COMPRESSED_BYTES = 1000
COMPRESSION = 5
"""Of 9: three times as fast, for a few per cent more bytes."""


def install_inside(app: FastAPI, settings: Settings) -> None:
    """Add what needs to know the caller. The last one added is the outermost."""
    app.state.limits = Limits(settings)
    app.add_middleware(EndStreams)
    app.add_middleware(
        GZipMiddleware, minimum_size=COMPRESSED_BYTES, compresslevel=COMPRESSION
    )
    app.add_middleware(TimeLimit, settings=settings)
    app.add_middleware(Head)
    app.add_middleware(Limit, limits=app.state.limits)


def install_outside(app: FastAPI, settings: Settings) -> None:
    """Add what finds the address that callers are known by, and writes on answers."""
    app.add_middleware(ClientAddress, trusted=settings.trusted_proxies)
    if settings.cors_origins:
        # No cookie is read here, so no page needs to send its user's.
        app.add_middleware(
            CORSMiddleware,
            allow_origins=settings.cors_origins,
            allow_methods=CORS_METHODS,
            allow_headers=CORS_TAKES,
            expose_headers=CORS_SHOWS,
        )
    app.add_middleware(SecurityHeaders, settings=settings)
    app.add_middleware(TellLimits, limits=app.state.limits)
