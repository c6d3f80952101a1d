"""The registry of job kinds: one file and one line each."""

from typing import Any

from db.contracts.job_kind import JobKind
from db.contracts.kinds.solve import SOLVE

KINDS: dict[str, JobKind[Any, Any]] = {
    "solve": SOLVE,
}
