"""Where a benchmark ran: what the processors are, and whether others used them."""

import os
import platform
import time
from pathlib import Path

import psutil

from tests.benchmarks.results import Machine

LOOK_SECONDS = 3.0
QUIET_BUSY = 0.1
"""Of all cores: more than this used by others, and times are not to be trusted."""


class Look:
    """What was so before the first round."""

    def __init__(self, seconds: float = LOOK_SECONDS) -> None:
        self._load = os.getloadavg()[0]
        self._busy = psutil.cpu_percent(interval=seconds) / 100
        self.began = utc_now()

    def machine(self) -> Machine:
        """Return it all, with what is so now."""
        return Machine(
            cores=os.cpu_count() or 1,
            cpu=_cpu(),
            system=platform.platform(),
            python=f"{platform.python_implementation()} {platform.python_version()}",
            load_before=self._load,
            load_after=os.getloadavg()[0],
            busy_before=self._busy,
        )


def warnings_of(machine: Machine) -> list[str]:
    """Return why the times of this run are not those of a quiet machine."""
    found = []
    if machine.busy_before > QUIET_BUSY:
        found.append(
            f"Other work used {machine.busy_before:.0%} of all cores before the first "
            "round: times and rates are not those of a quiet machine, and ratios of "
            "what uses different numbers of processes are skewed."
        )
    elif machine.load_before > machine.cores / 2:
        found.append(
            f"The load was {machine.load_before:.1f} on {machine.cores} cores before "
            "the first round: the machine had not come to rest."
        )
    return found


def utc_now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


def _cpu() -> str:
    """Return what the processor calls itself."""
    listed = Path("/proc/cpuinfo")
    if listed.exists():
        for line in listed.read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
