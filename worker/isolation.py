"""Calculations that nothing can stop from within, each in a process that can be ended.

The other side is ``worker.calculations.apart``. It gets an order as one line, answers
in lines, and waits for the next; it never outlives this one. What had to be stopped,
or said something else than an answer, gets no further order.
"""

import contextlib
import json
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from typing import Any

from db.contracts.calculations.calculation import Calculation, Outcome, Parameters
from db.contracts.errors import (
    ErrorRecord,
    InternalError,
    InvalidInputError,
    ServiceError,
    TooMuchMemoryError,
    as_raised,
)
from worker.calculations.watch import StoppedError, Watch

logger = logging.getLogger(__name__)

MODULE = "worker.calculations.apart"
GLANCE_SECONDS = 0.05
GRACE_SECONDS = 0.5
"""For what was asked to stop, to say what it has."""
MAX_ORDERS = 200
"""Of one process: what the library of numbers keeps for later goes with it."""
NO_MEMORY = b"allocate memory"
GAVE_UP = b"FLINT exception"
"""In what the library of numbers says when it ends its process."""
MAX_COMPLAINT = 2000
REFUSALS = (InvalidInputError, TooMuchMemoryError)
"""What a calculation may answer in place of an outcome."""


def run_apart(
    calculation: Calculation[Parameters, Outcome],
    parameters: Parameters,
    watch: Watch,
    *,
    memory_bytes: int,
) -> Outcome:
    """Calculate in another process, which gets no more memory than this.

    Raises StoppedError where it had to stop with nothing to show, else what the
    calculation raised.
    """
    order = {
        "calculation": calculation.name,
        "parameters": parameters.model_dump(mode="json"),
    }
    with _process(memory_bytes) as process:
        answer = process.answer(order, watch)
    if "error" in answer:
        raise as_raised(ErrorRecord.model_validate(answer["error"]), *REFUSALS)
    return calculation.outcome.model_validate(answer["outcome"])


def end_idle() -> None:
    """End the process that waits for the next order."""
    with _idle_lock:
        ended, _idle[:] = _idle[:], []
    for process in ended:
        process.end()


class _Process:
    """The other side, and whether it may be given another order."""

    def __init__(self, memory_bytes: int) -> None:
        self.memory_bytes = memory_bytes
        self.parent = os.getpid()
        self._orders = 0
        self._is_clean = True
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115
        self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [sys.executable, "-m", MODULE, str(memory_bytes), str(self.parent)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._complaints,
            # What a terminal or an init tells all of ours, this side answers to.
            start_new_session=True,
            # Nothing of ours: neither secrets nor settings are its business.
            env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        )

    @property
    def is_usable(self) -> bool:
        """Whether it waits for an order."""
        return (
            self._is_clean
            and self._orders < MAX_ORDERS
            and self.parent == os.getpid()
            and self._popen.poll() is None
        )

    def answer(self, order: dict[str, Any], watch: Watch) -> dict[str, Any]:
        """Return what it answers last.

        Raises StoppedError where it was told to stop and had nothing, and what is
        known of its end where it ended without a word.
        """
        self._orders += 1
        self._is_clean = False
        assert self._popen.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._popen.stdin.write(json.dumps(order).encode() + b"\n")
            self._popen.stdin.flush()
        answer = self._await(watch)
        if answer is None:
            raise self._why_silent()
        return answer

    def end(self) -> None:
        """End it, and leave nothing of it."""
        self._popen.kill()
        self._popen.wait()
        for pipe in (self._popen.stdin, self._popen.stdout, self._complaints):
            assert pipe is not None
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

    def _await(self, watch: Watch) -> dict[str, Any] | None:
        process = self._popen
        assert process.stdout is not None
        fraction, message, left = 0.0, "", b""
        stop_by: float | None = None
        while True:
            if stop_by is None and not watch(fraction, message):
                process.send_signal(signal.SIGTERM)
                stop_by = time.monotonic() + GRACE_SECONDS
            if stop_by is not None and time.monotonic() > stop_by:
                raise StoppedError
            if not select.select([process.stdout], [], [], GLANCE_SECONDS)[0]:
                continue
            chunk = os.read(process.stdout.fileno(), 1 << 16)
            if not chunk:
                if stop_by is not None:
                    raise StoppedError
                return None
            *lines, left = (left + chunk).split(b"\n")
            for line in lines:
                told: dict[str, Any] = json.loads(line)
                if "stopped" in told:
                    raise StoppedError
                if "fraction" not in told:
                    self._is_clean = stop_by is None and told.get("is_clean", False)
                    return told
                fraction, message = told["fraction"], told["message"]

    def _why_silent(self) -> ServiceError:
        status = self._popen.wait()
        size = self._complaints.seek(0, os.SEEK_END)
        self._complaints.seek(max(size - MAX_COMPLAINT, 0))
        text = self._complaints.read()
        if NO_MEMORY in text or status == -signal.SIGKILL:
            return TooMuchMemoryError()
        logger.error(
            "calculation crashed",
            extra={
                "action": "calculation_crashed",
                "status": status,
                "said": text.decode(errors="replace"),
            },
        )
        if status == -signal.SIGABRT and GAVE_UP in text:
            return InvalidInputError(
                "a value on the way is beyond what the library of numbers can hold",
                suggestion="Choose arguments of a more ordinary size.",
            )
        return InternalError("the calculation's process has crashed")


_idle: list[_Process] = []
"""At most one; a process that is forked from this one does not use it."""
_idle_lock = threading.Lock()


@contextlib.contextmanager
def _process(memory_bytes: int) -> Iterator[_Process]:
    """Have the other side; it is kept for the next order if it may get one."""
    process = _taken(memory_bytes) or _Process(memory_bytes)
    try:
        yield process
    finally:
        with _idle_lock:
            is_kept = not _idle and process.is_usable
            if is_kept:
                _idle.append(process)
        if not is_kept:
            process.end()


def _taken(memory_bytes: int) -> _Process | None:
    with _idle_lock:
        if not _idle:
            return None
        process = _idle.pop()
    if process.parent != os.getpid():
        return None
    if process.is_usable and process.memory_bytes == memory_bytes:
        return process
    process.end()
    return None
