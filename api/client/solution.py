"""What `Client.solve` returns."""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from typing_extensions import override

from api.client.exceptions import JobFailedError
from api.client.models import Certificate, Job, Result
from api.client.models.answer import Number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Solution:
    """The best permutation found, and what is proven of it."""

    job: Job
    result: Result

    @classmethod
    def of(cls, job: Job) -> "Solution":
        """Return what the job came to; raise JobFailedError if that is nothing."""
        if job.result is None:
            raise JobFailedError(job)
        return cls(job, job.result)

    @cached_property
    def permutation(self) -> "NDArray[np.int64]":
        """``permutation[i]`` is the location of facility ``i``, from 0."""
        import numpy as np  # Most programs that follow jobs need none of it.

        return np.array(self.result.permutation, dtype=np.int64)

    @property
    def objective(self) -> Number:
        """Exact, if the instance is: an integer of any size."""
        return self.result.objective

    @property
    def bound(self) -> Number | None:
        """No permutation has a smaller objective."""
        return self.result.bound

    @property
    def gap(self) -> float | None:
        """``gap_to_bound``: how far from the bound it is at most, as a share."""
        return self.result.gap_to_bound

    @property
    def is_optimal(self) -> bool:
        """Whether it is proven that none is better."""
        return self.bound is not None and self.objective == self.bound

    @property
    def termination(self) -> str:
        """Why the run ended."""
        return self.result.termination

    @property
    def certificate(self) -> Certificate:
        """What anyone needs to check it."""
        return self.result.certificate

    @override
    def __repr__(self) -> str:
        gap = "" if self.gap is None else f", gap={self.gap:.4g}"
        return (
            f"Solution(objective={self.objective}{gap}, "
            f"order={len(self.result.permutation)}, method={self.result.method!r}, "
            f"termination={self.termination!r}, job={self.job.id!r})"
        )
