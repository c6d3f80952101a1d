"""Improving one permutation within a search of many."""

from collections.abc import Iterator

from worker.qap.arrays import IntVector
from worker.qap.sliced import SlicedSearch
from worker.qap.walk import Walk


def improve(
    search: SlicedSearch, walk: Walk, permutation: IntVector, stall: int
) -> Iterator[int]:
    """Walk from `permutation` until nothing better has come for a while.

    To be delegated to by `SlicedSearch.portions`. Afterwards `walk` holds what was
    found, and the incumbent of `search` knows of it.

    Parameters
    ----------
    search
        On whose behalf; its iterations are those of the walk.
    walk
        Restarted at `permutation`.
    permutation
        Shape ``(n,)``, int64; copied.
    stall
        The iterations without improvement after which it ends: at least 1.

    Yields
    ------
    int
        How many iterations a portion was; 0 after some of a long preparation.
    """
    begun, done = search.iterations, 0
    walk.restart(permutation)
    search.incumbent.follow(walk.permutation, walk.improvements, begun)
    while done < walk.last_improvement + stall:
        while walk.preparing:
            walk.advance(1)
            if walk.preparing:
                yield 0
        left = walk.last_improvement + stall - done
        portion = walk.advance(min(left, search.allowance))
        done += portion
        if walk.objective < search.objective:
            search.incumbent.follow(walk.permutation, walk.improvements, begun)
        yield portion
