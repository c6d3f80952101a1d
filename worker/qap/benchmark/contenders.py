"""Four implementations of one taboo search, each as a function that can be timed."""

import ctypes
from collections.abc import Callable

import numpy as np

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.benchmark.textbook import run_textbook
from worker.qap.certificate import certify
from worker.qap.instance import Instance
from worker.qap.methods import METHODS
from worker.qap.neighbourhood import neighbourhood
from worker.qap.permutation import inverse

Step = Callable[[int, Callable[[], float]], float]
"""Do so many iterations and return how long they took, by the clock given."""

_LANES = 16


def ours(instance: Instance) -> Step:
    """Return `tabu_search` as it is.

    Parameters
    ----------
    instance
        What is searched.

    Returns
    -------
    Step
        Goes on where it stopped; checks the objective after each call.
    """
    rng = np.random.default_rng(1)
    search = METHODS["tabu_search"].start(instance, rng, None, _start(instance))
    while search.advance(1) == 0:
        pass

    def step(iterations: int, clock: Callable[[], float]) -> float:
        begun, done = clock(), 0
        while done < iterations:
            done += search.advance(iterations - done)
        elapsed = clock() - begun
        _verify(instance, search.permutation, search.objective, "tabu_search")
        return elapsed

    return step


def textbook(instance: Instance) -> Step:
    """Return the textbook's version, compiled by numba.

    Parameters
    ----------
    instance
        What is searched.

    Returns
    -------
    Step
        Starts afresh at each call; checks the objective after it.
    """
    start = _start(instance)
    value = int(certify(instance.flow, instance.distance, None, start))
    n, rng = instance.order, np.random.default_rng(1)

    def step(iterations: int, clock: Callable[[], float]) -> float:
        p, best, draws = start.copy(), start.copy(), rng.random((iterations, 2))
        begun = clock()
        least = run_textbook(
            instance.flow,
            instance.distance,
            p,
            best,
            value,
            draws,
            8 * n,
            10 * n * n,
            instance.is_symmetric,
        )
        elapsed = clock() - begun
        _verify(instance, best, least, "the textbook in numba")
        return elapsed

    step(2, lambda: 0.0)  # compiles
    return step


def textbook_in_c(library: ctypes.CDLL, instance: Instance) -> Step | None:
    """Return the textbook's version in C.

    Parameters
    ----------
    library
        With ``textbook.c``.
    instance
        What is searched.

    Returns
    -------
    Step or None
        None unless both matrices are symmetric and their entries fit an int.
    """
    largest = max(abs(m).max() for m in (instance.flow, instance.distance))
    if not instance.is_symmetric or not instance.is_exact or 4 * largest >= 2**31:
        return None
    flow, distance = (m.astype(np.int32) for m in (instance.flow, instance.distance))
    start = _start(instance)
    value = int(certify(instance.flow, instance.distance, None, start))
    n, rng = instance.order, np.random.default_rng(1)
    run = library.run_textbook_c
    run.restype = ctypes.c_longlong

    def step(iterations: int, clock: Callable[[], float]) -> float:
        p, best = start.astype(np.int32), start.astype(np.int32)
        draws = rng.random((iterations, 2))
        arrays = [_pointer(a) for a in (flow, distance, p, best, draws)]
        begun = clock()
        least = run(
            ctypes.c_int(n),
            *arrays[:4],
            ctypes.c_longlong(value),
            arrays[4],
            ctypes.c_int(iterations),
            ctypes.c_int(8 * n),
            ctypes.c_int(10 * n * n),
        )
        elapsed = clock() - begun
        _verify(instance, best, least, "the textbook in C")
        return elapsed

    return step


def layout_in_c(library: ctypes.CDLL, instance: Instance) -> Step | None:
    """Return our layout in plain C.

    Parameters
    ----------
    library
        With ``layout.c``.
    instance
        What is searched.

    Returns
    -------
    Step or None
        None unless the instance is symmetric without linear costs, float32 holds it
        and no two facilities are interchangeable: the C code knows no more.
    """
    ready = neighbourhood(instance)
    n = instance.order
    is_plain = instance.is_symmetric and not ready.linear.size
    if not is_plain or ready.flow.dtype != np.float32 or len(set(ready.kinds)) < n:
        return None
    start = _start(instance)
    value = int(certify(instance.flow, instance.distance, None, start))
    width, half = -(-n // _LANES) * _LANES, n // 2
    run = library.run_layout_c
    run.restype = ctypes.c_double

    def step(iterations: int, clock: Callable[[], float]) -> float:
        placed = np.ascontiguousarray(ready.distance[np.ix_(start, start)])
        p, best = start.astype(np.int32), start.astype(np.int32)
        arrays = (
            ready.flow,
            placed,
            np.ascontiguousarray(ready.flow @ placed),
            np.zeros((half, width), dtype=np.float32),
            np.zeros((half, width), dtype=np.int32),
            np.zeros((n, n), dtype=np.int32),
            p,
            inverse(start).astype(np.int32),
            best,
            np.zeros((2, width + half + 1), dtype=np.float32),
            np.zeros(width, dtype=np.float32),
        )
        pointers = [_pointer(array) for array in arrays]
        begun = clock()
        least = run(
            ctypes.c_int(n),
            ctypes.c_int(width),
            *pointers,
            ctypes.c_double(value),
            ctypes.c_double(ready.scale),
            ctypes.c_ulonglong(88172645463325252),
            ctypes.c_int(iterations),
            ctypes.c_double(8 * n),
            ctypes.c_int(10 * n * n),
        )
        elapsed = clock() - begun
        _verify(instance, best, least, "our layout in C")
        return elapsed

    return step


def _start(instance: Instance) -> IntVector:
    return np.random.default_rng(0).permutation(instance.order)


def _pointer(array: AnyArray) -> ctypes.c_void_p:
    return ctypes.c_void_p(array.ctypes.data)


def _verify(instance: Instance, best: AnyArray, least: float, who: str) -> None:
    found = certify(instance.flow, instance.distance, None, best)
    if found != least:
        raise RuntimeError(f"{who} says {least} on {instance.name}; {found} is true.")
