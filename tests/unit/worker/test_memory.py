"""What an attempt may take: asked of this process, with real allocations."""

import ctypes
import gc
import sys
import threading
import weakref
from collections.abc import Callable

import numpy as np
import psutil
import pytest

from tests.unit.worker.qap.kinds import random_instance
from worker.memory import _glibc, bounded_memory, give_back
from worker.qap import IterationLimit, solve

MIB = 2**20
LIMIT = 64 * MIB

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="the kernel counts it on Linux only"
)


def resident_bytes() -> int:
    return int(psutil.Process().memory_info().rss)


def take(mib: int) -> int:
    return np.ones(mib * MIB, dtype=np.uint8).size


def test_more_than_the_bound_is_refused() -> None:
    with bounded_memory(LIMIT), pytest.raises(MemoryError):
        take(128)


def test_what_is_within_it_is_given() -> None:
    with bounded_memory(LIMIT):
        assert take(32) == 32 * MIB


def test_it_counts_from_what_is_held_at_its_beginning() -> None:
    held = np.ones(128 * MIB, dtype=np.uint8)
    with bounded_memory(LIMIT):
        assert take(32) == 32 * MIB
    assert held.size == 128 * MIB


def test_many_small_pieces_count_as_one_large() -> None:
    held: list[bytes] = []
    with bounded_memory(LIMIT), pytest.raises(MemoryError):
        held.extend(bytes(MIB) for _ in range(256))


@pytest.mark.parametrize("error", [None, MemoryError, ValueError])
def test_it_ends_with_the_block(error: type[Exception] | None) -> None:
    def bounded() -> None:
        with bounded_memory(LIMIT):
            if error is not None:
                raise error

    if error is None:
        bounded()
    else:
        with pytest.raises(error):
            bounded()
    assert take(128) == 128 * MIB


def test_whoever_ends_first_leaves_the_others_bounded() -> None:
    is_inside, may_end = threading.Event(), threading.Event()

    def first() -> None:
        with bounded_memory(LIMIT):
            is_inside.set()
            may_end.wait()

    thread = threading.Thread(target=first)
    thread.start()
    is_inside.wait()
    with bounded_memory(1024 * MIB):
        may_end.set()
        thread.join()
        with pytest.raises(MemoryError):
            take(128)
    assert take(128) == 128 * MIB


def test_what_is_kept_of_what_was_freed_is_given_back() -> None:
    libc = _glibc()
    if libc is None:
        pytest.skip("another C library than glibc")
    libc.free.argtypes = libc.malloc.argtypes = [ctypes.c_size_t]
    libc.malloc.restype = ctypes.c_size_t
    size = 64 * 1024
    pieces = [libc.malloc(size) for _ in range(1024)]
    for piece in pieces:
        ctypes.memset(piece, 1, size)
    # Between those that stay there are holes, which are nobody's any more.
    for place, piece in enumerate(pieces):
        if place % 16:
            libc.free(piece)
    kept, before = libc.mallinfo2().fordblks, resident_bytes()
    give_back()
    after = resident_bytes()
    for piece in pieces[::16]:
        libc.free(piece)
    assert kept > 48 * MIB
    assert after < before - 48 * MIB


def test_what_a_search_leaves_behind_is_freed() -> None:
    if _glibc() is None:
        pytest.skip("another C library than glibc")

    def solve_large() -> Callable[[], object]:
        instance = random_instance("symmetric", 1000, seed=1)
        solve(
            instance,
            "two_swap",
            stop=IterationLimit(1),
            rng=np.random.default_rng(1),
            bounds=(),
        )
        return weakref.ref(instance.flow)

    solve_large()
    gc.collect()
    give_back()
    gc.disable()
    try:
        left = solve_large()
        give_back()
        assert left() is None
    finally:
        gc.enable()
