"""Calculations in this process, for `worker.isolation`: `python -m` this module.

An order comes as one line of JSON; how far it is, and last its outcome, go back the
same way, and the next order may come.
"""

import ctypes
import json
import os
import resource
import signal
import sys
import time
from typing import Any

from db.contracts.calculations import CALCULATIONS
from db.contracts.errors import InternalError, ServiceError, TooMuchMemoryError
from worker.calculations.watch import StoppedError
from worker.handler import load_function

TELL_SECONDS = 0.1
PR_SET_PDEATHSIG = 1
MAX_COMPLAINT_BYTES = 2**20


class _Watch:
    """Tells the other side how far it is; stops once that asked for it."""

    def __init__(self) -> None:
        self._goes_on = True
        self._told_at = 0.0
        signal.signal(signal.SIGTERM, self._stop)

    def _stop(self, *_: object) -> None:
        self._goes_on = False

    def __call__(self, fraction: float, message: str = "") -> bool:
        now = time.monotonic()
        if self._goes_on and now - self._told_at >= TELL_SECONDS:
            self._told_at = now
            _say({"fraction": fraction, "message": message})
        return self._goes_on


def main() -> int:
    _keep_our_lines_apart()
    memory_bytes, parent = map(int, sys.argv[1:])
    _die_with(parent)
    for limit, most in (
        (resource.RLIMIT_AS, memory_bytes),
        # In place of that of the job that began it.
        (resource.RLIMIT_DATA, memory_bytes),
        (resource.RLIMIT_FSIZE, MAX_COMPLAINT_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(limit, (most, most))
    # One at a time: what is sent is what is to be done next.
    while line := sys.stdin.readline():
        _carry_out(json.loads(line))
    return 0


def _carry_out(order: dict[str, Any]) -> None:
    watch = _Watch()
    try:
        calculation = CALCULATIONS[order["calculation"]]
        parameters = calculation.parameters.model_validate(order["parameters"])
        outcome = load_function(calculation.function)(parameters, watch)
        _say({"outcome": outcome.model_dump(mode="json"), "is_clean": True})
    except StoppedError:
        _say({"stopped": True})
    except MemoryError:
        _say({"error": TooMuchMemoryError().record().model_dump()})
    except ServiceError as error:
        _say({"error": error.record().model_dump(), "is_clean": True})


def _keep_our_lines_apart() -> None:
    """Let what others print, the library of numbers for one, go to the complaints."""
    ours = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = open(ours, "w", encoding="utf-8")  # noqa: SIM115


def _die_with(parent: int) -> None:
    """Let the kernel end this process when the worker's ends, however that ends."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise InternalError("the worker has gone")


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
