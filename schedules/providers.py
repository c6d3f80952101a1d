"""Checks of providers: claimed here, made by the process' own threads."""

import threading

from db.backplane import Backplane
from schedules.provider_health.prober import Prober

_lock = threading.Lock()
_kept: list[Prober] = []
"""The process' own, made at its first check: never before a fork."""


def check_due(backplane: Backplane) -> None:
    """Claim the checks that are due within a second and hand them over."""
    with _lock:
        if not _kept or _kept[0].backplane is not backplane:
            _kept[:] = [Prober(backplane)]
        prober = _kept[0]
    prober.take()


def drain(seconds: float) -> None:
    """Begin no more checks in this process, and wait so long for those under way."""
    with _lock:
        kept = list(_kept)
    for prober in kept:
        prober.drain(seconds)
