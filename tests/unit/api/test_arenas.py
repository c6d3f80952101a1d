"""Threads of the API share what the allocator keeps."""

import platform
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="the C library is another"
)

# Each thread takes a megabyte in small pieces while the others do.
PROBE = """
import ctypes, sys, threading
from api.arenas import share_arenas

if sys.argv[1] == "share":
    share_arenas()
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
together = threading.Barrier(6)

def take():
    together.wait()
    for _ in range(1000):
        libc.malloc(1000)
    together.wait()

threads = [threading.Thread(target=take) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.malloc_stats()
"""


def arenas(word: str) -> int:
    told = subprocess.run(
        [sys.executable, "-c", PROBE, word], capture_output=True, text=True, check=True
    )
    return told.stderr.count("Arena ")


def test_many_threads_share_two_arenas() -> None:
    assert arenas("share") <= 2 < arenas("leave")
