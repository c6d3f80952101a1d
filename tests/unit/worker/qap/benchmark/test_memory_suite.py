import sys

import pytest

from worker.qap.benchmark.claim import Options, Verdict
from worker.qap.benchmark.memory_suite import MemorySuite


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
def test_a_child_is_measured_and_a_missing_method_told() -> None:
    suite = MemorySuite(summary="Start.", start_s=1e-9, peak_mb=500, seconds=1)
    start, memory, peak = suite.lines([], Options(methods=("method_of_the_future",)))
    # No child is at work within a nanosecond.
    assert start.verdict is Verdict.MISSED
    assert "MB of its own" in memory.measured
    assert peak.verdict is Verdict.NOT_THERE
