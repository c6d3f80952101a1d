"""Why a stack cannot run.

StackError
├── AlreadyUpError    another stack works in this home
├── PortTakenError    someone else listens where a part wants to
├── PartFailedError   a part ended, again and again; with the end of its log
└── NotReadyError     a part is alive and says nothing; with the end of its log
"""

from pathlib import Path


class StackError(RuntimeError):
    """The stack cannot run."""


class AlreadyUpError(StackError):
    """Another stack works in this home: use it, stop it, or take another home."""

    def __init__(self, home: Path, *, pid: int | None, url: str) -> None:
        self.home = home
        self.pid = pid
        self.url = url
        super().__init__(
            f"a stack is already up in {home}: process {pid or 'unknown'}, "
            f"{url or 'still starting'}; use that one, stop it with Ctrl-C where it "
            "runs, or take another folder with SOLVEQUEUE_HOME"
        )


class PortTakenError(StackError):
    """Someone else listens there."""

    def __init__(self, host: str, port: int, *, setting: str) -> None:
        self.port = port
        super().__init__(
            f"port {port} on {host} is taken: end what listens there, or choose "
            f"another port, for example {setting}={port + 1}"
        )


class PartFailedError(StackError):
    """A part ended and cannot be kept up."""

    def __init__(self, name: str, *, reason: str, log_path: Path, tail: str) -> None:
        self.name = name
        super().__init__(f"{name} {reason}; the end of {log_path}:\n{tail}")


class NotReadyError(PartFailedError):
    """A part runs, and did not become ready in time."""
