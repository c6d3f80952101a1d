"""Robust taboo search that can be advanced."""

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.taboo_kernel import run_taboo
from worker.qap.walk import Walk

_LONGEST = 2**29


class Taboo(Walk):
    r"""Swap the best pair that is not taboo, again and again.

    After facilities :math:`r` and :math:`s` swapped, each is kept from its old
    location for a tenure drawn anew, :math:`t u^3` iterations with :math:`u` uniform
    in :math:`[0, 1)`. A swap is taboo while both its placements are. Two aspirations
    lift that: a swap that makes a new incumbent is always allowed, and a placement
    not seen for `aspiration` iterations is forced. Robust taboo search [1]_.

    Parameters
    ----------
    ready
        The instance made ready.
    instance
        The instance itself, for objectives.
    rng
        Seeds the draws.
    permutation
        Shape ``(n,)``, int64: where to start; copied.
    tenure
        The longest, in iterations.
    aspiration
        After how many iterations a placement is forced.

    References
    ----------
    .. [1] E. Taillard, "Robust taboo search for the quadratic assignment problem,"
       *Parallel Computing* 17 (1991) 443-455, doi:10.1016/S0167-8191(05)80147-4.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = Taboo(instance, neighbourhood(instance), np.random.default_rng(1),
    ...                np.array([2, 1, 0]), tenure=3, aspiration=1000)
    >>> done = 0
    >>> while done < 20:
    ...     done += search.advance(20 - done)
    >>> search.objective
    56
    """

    def __init__(
        self,
        instance: Instance,
        ready: Neighbourhood,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        tenure: float,
        aspiration: int,
    ) -> None:
        super().__init__(instance, ready, rng, permutation)
        self._tenure = min(float(tenure), float(_LONGEST))
        self._aspiration = min(int(aspiration), _LONGEST)

    @override
    def walk(self, iterations: int) -> None:
        run_taboo(*self.state, self._tenure, self._aspiration, iterations)


def warm_up_taboo(*, fractions: bool = True) -> None:
    """Compile the kernels for the types of element in use."""
    for entry in (1, 0.5) if fractions else (1,):
        matrix = np.array([[0, entry, 0], [entry, 0, 0], [0, 0, 0]])
        instance = Instance(matrix, matrix)
        search = Taboo(
            instance,
            neighbourhood(instance),
            np.random.default_rng(0),
            np.arange(3),
            tenure=1,
            aspiration=9,
        )
        while search.advance(1) == 0:
            pass
