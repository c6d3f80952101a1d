"""Compiling ahead of the first question."""

from worker.qap.annealing import warm_up_annealing
from worker.qap.ant_kernel import warm_up_ant
from worker.qap.augmenting import warm_up_augmenting
from worker.qap.bounds.dual_ascent import warm_up_dual_ascent
from worker.qap.branching import warm_up_branching
from worker.qap.breakout import warm_up_breakout
from worker.qap.compile import compiling_alone, forget_kernels
from worker.qap.construction import warm_up_construction
from worker.qap.crossover import warm_up_crossover
from worker.qap.delta import warm_up_delta
from worker.qap.descent import warm_up_descent
from worker.qap.polished import warm_up_polished
from worker.qap.products import warm_up_products
from worker.qap.relinking import warm_up_relinking
from worker.qap.spectrum import warm_up_spectrum
from worker.qap.swarm_kernel import warm_up_swarm
from worker.qap.symmetry import warm_up_symmetry
from worker.qap.taboo import warm_up_taboo


def warm_up(*, fractions: bool = True, everything: bool = True) -> None:
    """Compile every kernel for every type it will meet, or load it from the cache.

    To be called once in a process, before it forks. Starts no thread.

    Parameters
    ----------
    fractions
        Whether instances with fractions, or with very large integers, are to be
        expected: without them compiling takes half as long.
    everything
        False compiles only what `auto` and the bounds run on instances of integers
        with more than 25 facilities, the rest when it is first called.

    Notes
    -----
    Some tens of seconds without a cache, about a second with one. Of processes that
    do so at once, one compiles. A cache that cannot be read, as after a power cut or on
    a full disk, is deleted and made anew; what another version of numba or another kind
    of processor has left is not looked at.
    """
    fractions = fractions and everything
    with compiling_alone():
        try:
            _load(fractions=fractions, everything=everything)
        except Exception:
            # Whatever a damaged file looks like to who reads it. If it was not that,
            # it is raised again.
            if not forget_kernels():
                raise
            _load(fractions=fractions, everything=everything)


def _load(*, fractions: bool, everything: bool) -> None:
    warm_up_augmenting()
    warm_up_breakout(fractions=fractions)
    warm_up_crossover(fractions=fractions)
    warm_up_delta()
    warm_up_descent(fractions=fractions)
    warm_up_dual_ascent()
    warm_up_products()
    warm_up_spectrum()
    warm_up_taboo(fractions=fractions)
    if not everything:
        return
    warm_up_annealing(fractions=fractions)
    warm_up_ant()
    warm_up_branching(fractions=fractions)
    warm_up_construction(fractions=fractions)
    warm_up_polished(fractions=fractions)
    warm_up_relinking(fractions=fractions)
    warm_up_swarm()
    warm_up_symmetry()
