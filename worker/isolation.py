"""Calculations that nothing can stop from within, each in a process that can be ended.

The other side is ``worker.calculations.apart``. It gets its order as one line, answers
in lines, and never outlives this one.
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
import time
from collections.abc import Iterator
from typing import IO, Any

from db.contracts.calculations.calculation import Calculation, Outcome, Parameters
from db.contracts.errors import (
    ErrorRecord,
    InternalError,
    InvalidInputError,
    ServiceError,
    TooMuchMemoryError,
)
from worker.calculations.watch import StoppedError, Watch

logger = logging.getLogger(__name__)

MODULE = "worker.calculations.apart"
GLANCE_SECONDS = 0.05
GRACE_SECONDS = 0.5
"""For what was asked to stop, to say what it has."""
NO_MEMORY = b"allocate memory"
"""In what the library of numbers says when it gives up."""
MAX_COMPLAINT = 2000
REFUSALS: dict[str, type[ServiceError]] = {
    error.code: error for error in (InvalidInputError, TooMuchMemoryError)
}
"""What a calculation may answer in place of an outcome."""


def run_apart(
    calculation: Calculation[Parameters, Outcome],
    parameters: Parameters,
    watch: Watch,
    *,
    memory_bytes: int,
) -> Outcome:
    """Calculate in a new process, which gets no more memory than this.

    Raises StoppedError where it had to stop with nothing to show, else what the
    calculation raised.
    """
    order = {
        "calculation": calculation.name,
        "parameters": parameters.model_dump(mode="json"),
        "memory_bytes": memory_bytes,
        "parent": os.getpid(),
    }
    with tempfile.TemporaryFile() as complaints, _process(complaints) as process:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(order).encode() + b"\n")
            process.stdin.close()
        answer = _await(process, watch)
        if answer is None:
            raise _why_silent(process.wait(), complaints)
    if "error" in answer:
        record = ErrorRecord.model_validate(answer["error"])
        refusal = REFUSALS.get(record.code, InternalError)
        raise refusal(record.message, suggestion=record.suggestion)
    return calculation.outcome.model_validate(answer["outcome"])


@contextlib.contextmanager
def _process(complaints: IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Start the other side; whatever happens, it is gone when this is left."""
    process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
        [sys.executable, "-m", MODULE],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=complaints,
        # Nothing of ours: neither secrets nor settings are its business.
        env={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None and not pipe.closed:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def _await(process: subprocess.Popen[bytes], watch: Watch) -> dict[str, Any] | None:
    """Return what it answers last; None if it ended without a word.

    Raises StoppedError where it was told to stop and had nothing.
    """
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
                return told
            fraction, message = told["fraction"], told["message"]


def _why_silent(status: int, complaints: IO[bytes]) -> ServiceError:
    complaints.seek(0)
    text = complaints.read()[-MAX_COMPLAINT:]
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
    return InternalError("the calculation's process has crashed")
