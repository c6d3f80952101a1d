from typing import Any

import numpy as np
import pytest

from api.client import Job, JobFailedError, Solution

CERTIFICATE: dict[str, Any] = {
    "instance": "0",
    "permutation": [1, 0, 2],
    "objective": 2**60 + 1,
    "exact": True,
    "method": "exact",
    "method_version": "1",
    "seed": 0,
}
RESULT = {
    **CERTIFICATE,
    "bound": 2**60 + 1,
    "gap_to_bound": 0.0,
    "termination": "optimal",
    "iterations": 5,
    "elapsed_s": 0.1,
    "certificate": CERTIFICATE,
}
JOB = {"id": "job_1", "kind": "solve", "state": "succeeded", "created_at": "now"}


def test_a_solution_is_a_permutation_and_what_is_proven_of_it() -> None:
    found = Solution.of(Job.model_validate({**JOB, "result": RESULT}))
    assert found.permutation.tolist() == [1, 0, 2]
    assert found.permutation.dtype == np.int64
    assert (found.objective, found.bound, found.gap) == (2**60 + 1, 2**60 + 1, 0.0)
    assert (found.is_optimal, found.termination) == (True, "optimal")
    assert found.certificate.permutation == [1, 0, 2]
    assert repr(found) == (
        "Solution(objective=1152921504606846977, gap=0, order=3, method='exact', "
        "termination='optimal', job='job_1')"
    )


def test_a_job_that_failed_says_why_and_what_to_do() -> None:
    error = {
        "code": "memory-limit",
        "message": "it needs more room",
        "suggestion": "Send a smaller one.",
        "retryable": True,
    }
    job = Job.model_validate({**JOB, "state": "failed", "error": error})
    with pytest.raises(JobFailedError) as raised:
        Solution.of(job)
    assert raised.value.job is job
    assert str(raised.value).splitlines() == [
        "job_1 has failed: it needs more room (memory-limit)",
        "Send a smaller one.",
        "It may go through if it is sent again.",
    ]


def test_a_job_without_a_result_is_no_solution() -> None:
    job = Job.model_validate({**JOB, "state": "cancelled"})
    with pytest.raises(JobFailedError, match="job_1 is cancelled, and has no result"):
        Solution.of(job)
