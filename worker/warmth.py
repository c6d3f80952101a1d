"""What a solver does before it forks, so that no job has to wait for it."""

from db.contracts.calculations import CALCULATIONS
from db.contracts.kinds import KINDS
from worker.handler import load_function


def warm(*, everything: bool = True) -> None:
    """Compile the kernels, or load them; import whatever runs a job.

    Without ``everything`` only what `auto` runs on integers is compiled.
    """
    from worker.qap import warm_up

    warm_up(everything=everything)
    for calculation in CALCULATIONS.values():
        load_function(calculation.function)
    for kind in KINDS.values():
        load_function(kind.handler)
