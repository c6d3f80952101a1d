"""The one place that knows whether kernels are compiled.

With numba each kernel becomes machine code that releases the interpreter's lock
and is cached on disk; without it the same function runs as plain Python, slower.
"""

from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, TypeVar

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def kernel(function: Kernel) -> Kernel:
    """Compile `function` without touching its meaning.

    Parameters
    ----------
    function
        A function of arrays and scalars within numba's language. Its callees must
        stand in the same file: numba's cache looks at no other for changes.

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


def _compiled(function: Kernel, fastmath: bool | set[str] = False) -> Kernel:
    if find_spec("numba") is None:
        return function
    from numba import njit

    try:
        compiled: Any = njit(nogil=True, cache=True, fastmath=fastmath)(function)
    except RuntimeError:
        # No directory is writable for the cache: compile in every process.
        compiled = njit(nogil=True, fastmath=fastmath)(function)
    result: Kernel = compiled
    return result
