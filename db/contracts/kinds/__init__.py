"""The registry of job kinds: one file and one line each."""

from typing import Any

from db.contracts.calculations import CALCULATIONS
from db.contracts.job_kind import SOLVES, JobKind
from db.contracts.kinds.batch import BATCH
from db.contracts.kinds.benchmark import BENCHMARK
from db.contracts.kinds.calculate import CALCULATE
from db.contracts.kinds.islands import ISLANDS
from db.contracts.kinds.solve import SOLVE

KINDS: dict[str, JobKind[Any, Any]] = {
    "solve": SOLVE,
    "batch": BATCH,
    "benchmark": BENCHMARK,
    "islands": ISLANDS,
    "calculate": CALCULATE,
}
SHELVES = (SOLVES, *CALCULATIONS)
"""Where the cache keeps results, by what they are of."""
