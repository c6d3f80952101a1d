"""Compiling ahead of the first question."""

from worker.qap.ant_kernel import warm_up_ant
from worker.qap.augmenting import warm_up_augmenting
from worker.qap.crossover import warm_up_crossover
from worker.qap.delta import warm_up_delta
from worker.qap.descent import warm_up_descent
from worker.qap.polished import warm_up_polished
from worker.qap.products import warm_up_products
from worker.qap.swarm_kernel import warm_up_swarm
from worker.qap.taboo import warm_up_taboo


def warm_up(*, fractions: bool = True) -> None:
    """Compile every kernel for every type it will meet, or load it from the cache.

    To be called once in a process, before it forks. Starts no thread.

    Parameters
    ----------
    fractions
        Whether instances with fractions, or with very large integers, are to be
        expected: without them compiling takes half as long.

    Notes
    -----
    Some seconds without a cache, some tenths of a second with one.
    """
    warm_up_ant()
    warm_up_augmenting()
    warm_up_crossover(fractions=fractions)
    warm_up_delta()
    warm_up_descent(fractions=fractions)
    warm_up_polished(fractions=fractions)
    warm_up_products()
    warm_up_swarm()
    warm_up_taboo(fractions=fractions)
