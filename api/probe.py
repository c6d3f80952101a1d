"""Whether the API on this machine lives: `python -m api.probe`, for containers."""

import sys

import httpx2

from db.contracts.settings import Settings

TIMEOUT_SECONDS = 3.0


def is_alive(settings: Settings) -> bool:
    """Ask the process itself, and none of the parts that it needs."""
    # Where it listens on all addresses it listens on this one.
    url = f"http://127.0.0.1:{settings.api_port}/healthz"
    try:
        # A proxy of the environment knows nothing of this machine's ports.
        answer = httpx2.get(url, timeout=TIMEOUT_SECONDS, trust_env=False)
    except httpx2.HTTPError:
        return False
    return answer.is_success


def main() -> int:
    return 0 if is_alive(Settings()) else 1


if __name__ == "__main__":
    sys.exit(main())
