"""The API as it is fuzzed: nothing waits long, since no worker is there.

uvicorn --factory tests.acceptance.fuzzed_api:create_app
"""

from fastapi import FastAPI

from api import main, waiting
from db.contracts.settings import Settings

NO_SECONDS = -1e6


def create_app() -> FastAPI:
    """Return the application; solves time out at once, waits after a moment."""
    waiting.ANSWER_SECONDS = NO_SECONDS
    return main.create_app(
        Settings(max_wait_seconds=0.05, max_queued=10**9, breaker_failures=10**9)
    )
