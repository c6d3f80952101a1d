"""The reconciler's full audit, started by beat."""

from db.backplane import Backplane
from db.reconciler import Reconciler


def rescue(backplane: Backplane) -> None:
    """Do every check once, also where no parent process is left to do it."""
    Reconciler(backplane).reconcile_all()
