"""What is looked at of this machine: Python, packages, folders, limits."""

import os
import resource
import shutil
import sys
import tempfile
from collections.abc import Iterator
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from api.doctor.finding import Finding, note, ok, wrong
from api.doctor.surroundings import Surroundings
from api.stack.child import ROOT
from api.stack.environment import child_environment
from db.embedded_valkey import ServerNotFoundError, find_server

OLDEST, TOO_NEW = (3, 11), (3, 15)
SPARE_FILES = 256
"""For files, libraries and connections to servers, beside the streams of callers."""
MOST_TOLD = 5


def python(_: Surroundings) -> Finding:
    found = ".".join(map(str, sys.version_info[:3]))
    if OLDEST <= sys.version_info < TOO_NEW:
        return ok(f"Python {found}")
    return wrong(
        f"Python {found} is not supported",
        "Make a virtual environment with Python 3.11 to 3.14 and install there.",
    )


def packages(_: Surroundings) -> Finding:
    """Compare what is installed with what this version declares and was tested with."""
    try:
        declared = metadata.requires("solvequeue") or []
    except metadata.PackageNotFoundError:
        return wrong(
            "the package solvequeue is not installed here",
            "Run `make install`, or pip install the package into this Python.",
        )
    faults = list(_faults(declared))
    if faults:
        return wrong(
            _shortened(faults),
            "Install what is declared: `make install`, or pip install --upgrade "
            "solvequeue.",
        )
    others = list(_not_as_locked(ROOT / "requirements.txt"))
    if others:
        return note(
            f"not the versions that were tested: {_shortened(others)}",
            "To have exactly those: pip install --require-hashes -r requirements.txt",
        )
    return ok(f"{len(declared)} requirements are met")


def home(around: Surroundings) -> Finding:
    """Write a file and remove it; a home that is not there yet can be made."""
    path = around.settings.home.absolute()
    if not path.exists():
        parent = _existing(path)
        if os.access(parent, os.W_OK | os.X_OK):
            return ok(f"{path} is not there yet and can be made")
        return wrong(f"{path} cannot be made: {parent} is not writable", _home_fix())
    if not path.is_dir():
        return wrong(f"{path} is not a folder", _home_fix())
    fault = _write_fault(path)
    if fault is not None:
        return wrong(f"{path} is not writable: {fault}", _home_fix())
    return ok(f"{path} is writable")


def disk(around: Surroundings) -> Finding:
    path = _existing(around.settings.home.absolute())
    usage = shutil.disk_usage(path)
    told = f"{usage.free / 1e9:.3g} GB of {usage.total / 1e9:.3g} GB free at {path}"
    if usage.free < around.least_disk_bytes:
        return wrong(
            told,
            "Delete what is not needed, keep results for fewer days "
            "(SOLVEQUEUE_RETENTION_DAYS), or move SOLVEQUEUE_HOME to a larger disk: "
            "a full one refuses jobs.",
        )
    return ok(told)


def kernels(around: Surroundings) -> Finding:
    """See whether solvers compile, and may keep what they have compiled."""
    try:
        import numba
    except ImportError as error:
        return wrong(
            f"numba cannot be loaded: {error}",
            "Install it (pip install numba): without it solvers take many times as "
            "long.",
        )
    folder = Path(child_environment(around.settings, {})["NUMBA_CACHE_DIR"])
    fault = _write_fault(_existing(folder))
    if fault is not None or (folder.exists() and not folder.is_dir()):
        return wrong(
            f"compiled code cannot be kept in {folder}: {fault or 'it is a file'}",
            "Make that folder writable, or set NUMBA_CACHE_DIR to one that is: each "
            "start of a worker compiles for half a minute otherwise.",
        )
    return ok(f"numba {numba.__version__}, compiled code in {folder}")


def files(around: Surroundings) -> Finding:
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = around.settings.max_streams + SPARE_FILES
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return ok(f"{soft if soft >= 0 else 'any number of'} files may be open at once")
    return note(
        f"{soft} files may be open at once; {around.settings.max_streams} streams "
        f"need {needed}",
        f"ulimit -n {needed} before the start (LimitNOFILE= of systemd), or set "
        f"SOLVEQUEUE_MAX_STREAMS to {max(1, soft - SPARE_FILES)} or less.",
    )


def valkey(around: Surroundings) -> Finding:
    if not around.has_own_valkey:
        return ok("not needed: REDIS_URL names a server")
    try:
        found = find_server()
    except ServerNotFoundError as error:
        return wrong(
            "there is no server of events to start",
            str(error).partition(": ")[2] or str(error),
        )
    return ok(str(found))


def _faults(declared: list[str]) -> Iterator[str]:
    """Yield what is missing, too old or too new, or has lost its files."""
    imports: dict[str, list[str]] = {}
    for module, owners in metadata.packages_distributions().items():
        for owner in owners:
            imports.setdefault(canonicalize_name(owner), []).append(module)
    for line in declared:
        required = Requirement(line)
        if required.marker is not None and not required.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(required.name)
        except metadata.PackageNotFoundError:
            yield f"{required.name} is missing"
            continue
        if not required.specifier.contains(found, prereleases=True):
            yield f"{required.name} is {found}, needed is {required.specifier}"
        modules = imports.get(canonicalize_name(required.name), [])
        if modules and not any(_is_there(module) for module in modules):
            yield f"{required.name} cannot be imported"


def _is_there(module: str) -> bool:
    # One that is loaded may have put something without a spec in its own place.
    return module in sys.modules or find_spec(module) is not None


def _not_as_locked(lock: Path) -> Iterator[str]:
    if not lock.is_file():
        return
    for line in lock.read_text("utf-8").splitlines():
        if "==" not in line or line[:1] in "# -":
            continue
        locked = Requirement(line.rstrip(" \\"))
        if locked.marker is not None and not locked.marker.evaluate():
            continue
        try:
            found = metadata.version(locked.name)
        except metadata.PackageNotFoundError:
            # If it is needed, that was said already.
            continue
        if not locked.specifier.contains(found, prereleases=True):
            yield f"{locked.name} {found}, tested was {locked.specifier}"


def _existing(path: Path) -> Path:
    """Return the path, or the nearest above it that is there."""
    return next(each for each in (path, *path.parents) if each.exists())


def _write_fault(folder: Path) -> str | None:
    """Return why nothing can be written there; None if it can."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"solvequeue doctor")
            file.flush()
    except OSError as error:
        return error.strerror or str(error)
    return None


def _shortened(found: list[str]) -> str:
    more = len(found) - MOST_TOLD
    told = "; ".join(found[:MOST_TOLD])
    return f"{told}; and {more} more" if more > 0 else told


def _home_fix() -> str:
    return (
        "Give this user the folder (chown, chmod u+rwx), or name another with "
        "SOLVEQUEUE_HOME."
    )
