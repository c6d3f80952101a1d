"""The one place that knows whether kernels are compiled.

With numba each kernel becomes machine code that releases the interpreter's lock
and is cached on disk; without it the same function runs as plain Python, slower.
"""

import hashlib
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

_CORE = Path(__file__).parent
# Of this process: where it has looked for compiled kernels, and leaves them.
_directories: set[Path] = set()
_IMPORT = re.compile(rb"^from worker\.qap\.([\w.]+) import", re.MULTILINE)

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def kernel(function: Kernel) -> Kernel:
    """Compile `function` without touching its meaning.

    Parameters
    ----------
    function
        A function of arrays and scalars within numba's language, which may call
        other kernels of the core.

    Returns
    -------
    Kernel
        The compiled function, or `function` itself where numba is not installed.
    """
    return _compiled(function)


def summing_kernel(function: Kernel) -> Kernel:
    """Compile `function`, which may add the terms of its sums in any order.

    That lets the processor add several at once. It changes nothing where every
    partial sum is exact; elsewhere the last digits depend on the processor.

    Parameters
    ----------
    function
        As for `kernel`.

    Returns
    -------
    Kernel
        As `kernel`.
    """
    return _compiled(function, fastmath={"reassoc", "nsz", "contract"})


def inlined_kernel(function: Kernel) -> Kernel:
    """Compile `function` into each of the kernels that call it.

    For short steps of an inner loop, where passing a dozen arrays costs as much as
    the step. Such a step makes no view of an array, and the last use of an array is
    not in a branch with a loop or a call: else the machine code counts references to
    it, each time, with instructions that lock memory.

    Parameters
    ----------
    function
        As for `kernel`.

    Returns
    -------
    Kernel
        As `kernel`.
    """
    return _compiled(function, is_inlined=True)


def _compiled(
    function: Kernel,
    fastmath: bool | set[str] = False,
    is_inlined: bool = False,
) -> Kernel:
    if find_spec("numba") is None:
        return function
    from numba import njit
    from numba.core import config as numba_config

    config: Any = numba_config
    # Set only while the decorator reads it: others in this process keep theirs.
    before = config.CACHE_DIR
    source = Path(function.__code__.co_filename)
    directory = cache_directory(source, given=before)
    _directories.add(directory)
    config.CACHE_DIR = str(directory)
    try:
        compiled: Any = njit(
            nogil=True, cache=True, fastmath=fastmath, forceinline=is_inlined
        )(function)
    except RuntimeError:
        # No directory is writable for the cache: compile in every process.
        compiled = njit(nogil=True, fastmath=fastmath, forceinline=is_inlined)(function)
    finally:
        config.CACHE_DIR = before
    result: Kernel = compiled
    return result


@contextmanager
def compiling_alone() -> Iterator[None]:
    """Let no other process on this machine compile kernels meanwhile.

    Of several that start on one empty cache the first compiles, and the others wait and
    load what it has left. Numba replaces files as a whole, but two processes at once
    may give two kernels one file's name.

    Notes
    -----
    Does nothing on Windows, or where no cache can be written.
    """
    places = {directory.parent for directory in _directories}
    if sys.platform == "win32" or not places:
        yield
        return
    import fcntl

    try:
        place = min(places)
        place.mkdir(parents=True, exist_ok=True)
        lock = (place / "kernels.lock").open("a")
    except OSError:
        yield
        return
    with lock:
        # Let go by closing it, however this process ends.
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def forget_kernels() -> bool:
    """Delete what this process' kernels have left on disk.

    Returns
    -------
    bool
        Whether there was anything to delete.

    Notes
    -----
    Whoever has loaded a kernel keeps it; who looks for one compiles it.
    """
    there = [directory for directory in _directories if directory.is_dir()]
    for directory in there:
        with suppress(OSError):
            shutil.rmtree(directory)
    return bool(there)


def cache_directory(source: Path, *, given: str = "") -> Path:
    """Return where the machine code of the kernels in `source` is kept.

    Numba looks for changes only in the file of a kernel, not in those of the kernels
    it calls. So the directory is named after the contents of the file and of all that
    it imports from the core, and stale code is never found. It lies beside the code:
    who may write there may change the code itself, so that loading from it is no less
    safe; shared directories such as that for temporary files would be.

    Parameters
    ----------
    source
        A file of the core, or one that imports from it.
    given
        Numba's own setting, ``NUMBA_CACHE_DIR``: used where the code cannot be written,
        as in an image.

    Returns
    -------
    Path
        In the core's own ``__pycache__``, or in `given`. If neither can be written,
        numba looks for another of the user's own.

    Notes
    -----
    Reads each file once in a process.
    """
    digest = hashlib.sha256()
    for path in sorted(_imported(source, frozenset())):
        digest.update(path.name.encode() + b"\0" + _contents(path))
    return _place(given) / f"kernels-{digest.hexdigest()[:16]}"


def _place(given: str) -> Path:
    beside = _CORE / "__pycache__"
    folder = beside if beside.exists() else _CORE
    return Path(given) if given and not os.access(folder, os.W_OK) else beside


def _imported(source: Path, known: frozenset[Path]) -> frozenset[Path]:
    known |= {source}
    for name in _IMPORT.findall(_contents(source)):
        path = _CORE.joinpath(*name.decode().split(".")).with_suffix(".py")
        if path not in known and path.is_file():
            known = _imported(path, known)
    return known


@cache
def _contents(source: Path) -> bytes:
    return source.read_bytes()
