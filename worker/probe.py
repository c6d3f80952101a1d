"""Whether a worker of this host lives: `python -m worker.probe solvers`.

For containers and service managers. What it asks is what the worker itself tells, not
Celery's remote control: that starts a whole Celery each time, and says nothing while
the broker is away.
"""

import sys

import psutil

from db.contracts.errors import UnavailableError
from db.contracts.settings import Settings
from db.presence import Presence


def is_alive(settings: Settings, name: str) -> bool:
    """Return whether it takes jobs, or waits for a broker that is away."""
    presence = Presence(settings)
    try:
        living = presence.workers()
    except UnavailableError:
        # Nobody can be told that it lives, and ending it would bring nothing back.
        return _has_begun(settings, name)
    finally:
        presence.close()
    return any(
        each.host == settings.host
        and each.name.partition("@")[0] == name
        and psutil.pid_exists(each.pid)
        for each in living
    )


def _has_begun(settings: Settings, name: str) -> bool:
    """Return whether the process that once was ready is still there."""
    try:
        pid = int((settings.home / "run" / f"{name}.ready").read_text())
    except (FileNotFoundError, ValueError):
        return False
    return bool(psutil.pid_exists(pid))


def main() -> int:
    match sys.argv[1:]:
        case [name]:
            return 0 if is_alive(Settings(), name) else 1
        case _:
            sys.stderr.write("usage: python -m worker.probe NAME\n")
            return 2


if __name__ == "__main__":
    sys.exit(main())
