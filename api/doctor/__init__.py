"""Looks at everything that the service needs, and says what to do about the rest."""

from api.doctor.examination import checks_of, examine
from api.doctor.finding import Finding, Verdict
from api.doctor.registry import CHECKS, Check, Place
from api.doctor.surroundings import LEAST_DISK_BYTES, Surroundings

__all__ = [
    "CHECKS",
    "LEAST_DISK_BYTES",
    "Check",
    "Finding",
    "Place",
    "Surroundings",
    "Verdict",
    "checks_of",
    "examine",
]
