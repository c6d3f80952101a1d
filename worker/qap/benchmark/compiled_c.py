"""Reference code in C, compiled for this machine when there is a compiler."""

import ctypes
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

_FLAGS = ("-O3", "-march=native", "-shared", "-fPIC")
_COMPILERS = ("cc", "gcc", "clang")


class NoCompilerError(RuntimeError):
    """The machine compiles no C."""


@contextmanager
def compiled(*sources: str) -> Iterator[ctypes.CDLL]:
    """Compile C files of this folder, and load them while the context lasts.

    Parameters
    ----------
    sources
        Names of files.

    Yields
    ------
    CDLL
        The library. It must not be called after the context has ended.

    Raises
    ------
    NoCompilerError
        There is no compiler, or it refuses.
    """
    compiler = next(filter(None, map(shutil.which, _COMPILERS)), None)
    if compiler is None:
        raise NoCompilerError(f"none of {', '.join(_COMPILERS)} is installed")
    folder = files("worker.qap.benchmark")
    with TemporaryDirectory() as place:
        library = Path(place) / "reference.so"
        command = [compiler, *_FLAGS, "-o", str(library)]
        for name in sources:
            with as_file(folder.joinpath(name)) as source:
                copy = Path(place) / name
                shutil.copyfile(source, copy)
                command.append(str(copy))
        done = subprocess.run(  # noqa: S603 - our own command
            [*command, "-lm"], capture_output=True, text=True, check=False
        )
        if done.returncode != 0:
            first = (done.stderr.strip() or "no message").splitlines()[0]
            raise NoCompilerError(f"{Path(compiler).name} refuses: {first}")
        yield ctypes.CDLL(str(library))
