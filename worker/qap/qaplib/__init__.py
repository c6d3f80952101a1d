"""QAPLIB: its text formats, and the instances that are shipped."""

from worker.qap.qaplib.library import (
    BestKnown,
    best_known,
    load,
    names,
    solution_text,
)
from worker.qap.qaplib.text import (
    read_instance,
    read_solution,
    write_instance,
    write_solution,
)

__all__ = [
    "BestKnown",
    "best_known",
    "load",
    "names",
    "read_instance",
    "read_solution",
    "solution_text",
    "write_instance",
    "write_solution",
]
