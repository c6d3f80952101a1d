"""Branch and bound: small instances solved for certain."""

import numpy as np

from worker.qap.arrays import IntVector
from worker.qap.branching import Tree
from worker.qap.instance import Instance
from worker.qap.linearised import why_not_linearised
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.neighbourhood import neighbourhood
from worker.qap.objective import objective
from worker.qap.result import Improvements
from worker.qap.taboo import Taboo

_MAX_ORDER = 40
_RUNS = 4
_WORK = 2**16


class Exact:
    r"""Look for a good incumbent, then grow a tree until it is proven optimal.

    Some runs of robust taboo search come first, since a tree is smaller the better
    the incumbent it starts from. An iteration is a fixed amount of work, some tenths
    of a millisecond: first of taboo search, then of branch and bound, where one node
    may take many iterations, or many nodes one.

    Parameters
    ----------
    instance
        One that the method supports.
    rng
        Seeds the taboo search and draws where its later runs start.
    permutation
        Shape ``(n,)``, int64: where the first run starts; copied.
    swaps
        Of each run, as a multiple of ``n``.

    Notes
    -----
    Exponential time in the worst case, :math:`O(n^5)` space. See `Tree`.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = Exact(instance, np.random.default_rng(1), np.arange(3), swaps=10)
    >>> done = 0
    >>> while not search.finished:
    ...     done += search.advance(100)
    >>> search.objective, search.bound, search.closed_share
    (56, 56, 1.0)
    """

    def __init__(
        self,
        instance: Instance,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        swaps: float,
    ) -> None:
        n = instance.order
        self._instance = instance
        self._permutation = permutation.copy()
        self._trace = [(0, objective(instance, permutation))]
        self._done = 0
        ready = neighbourhood(instance)
        starts = [permutation] + [rng.permutation(n) for _ in range(_RUNS - 1)]
        self._runs = [
            Taboo(instance, ready, rng, start, tenure=8 * n, aspiration=10 * n**2)
            for start in starts
        ]
        self._swaps = max(1, _WORK // n**2)
        self._portions = int(swaps * n) // self._swaps
        self._left = self._portions
        self._branching_since = 0
        self._tree: Tree | None = None

    @property
    def objective(self) -> int | float:
        """The objective of the incumbent."""
        return self._trace[-1][1]

    @property
    def permutation(self) -> IntVector:
        """The incumbent: shape ``(n,)``, int64, a copy."""
        return self._permutation.copy()

    @property
    def bound(self) -> int | float | None:
        """What the tree has proven, or None before there is one."""
        return None if self._tree is None else self._tree.bound

    @property
    def closed_share(self) -> float:
        """Which share of the tree is closed, if children share alike; never falls."""
        return 0.0 if self._tree is None else self._tree.closed_share

    @property
    def finished(self) -> bool:
        """Whether the incumbent is proven optimal."""
        return self._tree is not None and self._tree.finished

    @property
    def improvements(self) -> Improvements:
        """The objective of each incumbent so far, by iteration."""
        iterations, objectives = zip(*self._trace, strict=True)
        number = np.int64 if self._instance.is_exact else np.float64
        return Improvements(
            np.array(iterations, dtype=np.int64), np.array(objectives, dtype=number)
        )

    def advance(self, iterations: int) -> int:
        """Do at most `iterations`.

        Parameters
        ----------
        iterations
            At least 1.

        Returns
        -------
        int
            How many were done; 0 while preparing, or if finished.
        """
        if self._tree is None:
            return self._improve_by_taboo(iterations)
        return self._grow(self._tree, iterations)

    def _improve_by_taboo(self, iterations: int) -> int:
        if not self._runs or self._portions == 0:
            self._tree = Tree(self._instance, self._permutation)
            self._branching_since = self._done
            return 0
        if self._left == 0:
            self._runs.pop(0)
            self._left = self._portions
            return 0
        run, done = self._runs[0], 0
        while done < min(iterations, self._left):
            swaps = 0
            while swaps < self._swaps:
                swaps += run.advance(self._swaps - swaps)
            done += 1
            self._done += 1
            self._take(run, self._done)
        self._left -= done
        return done

    def _grow(self, tree: Tree, iterations: int) -> int:
        since, until = self._branching_since, self._done + iterations
        while not tree.finished and tree.work < (until - since) * _WORK:
            tree.grow((until - since) * _WORK)
            self._take(tree, since + tree.improved_at // _WORK + 1)
        if tree.finished:
            until = min(until, since + tree.work // _WORK + 1)
        done = until - self._done
        self._done = until
        return done

    def _take(self, found: Taboo | Tree, iteration: int) -> None:
        """Take over an incumbent if it is better."""
        if found.objective >= self.objective:
            return
        permutation = found.permutation
        value = objective(self._instance, permutation)
        if value >= self.objective:
            return
        self._permutation = permutation
        if self._trace[-1][0] == iteration:
            self._trace.pop()
        self._trace.append((iteration, value))


def _supports(instance: Instance) -> str | None:
    if instance.order > _MAX_ORDER:
        return (
            f"it needs memory and time for at most {_MAX_ORDER} facilities, "
            f"and the instance has {instance.order}"
        )
    return why_not_linearised(instance)


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> Exact:
    return Exact(instance, rng, permutation, swaps=parameters["swaps"])


METHOD = Method(
    name="exact",
    title="Branch and bound",
    summary="Proves the optimum: a tree of partial permutations, bounded by dual "
    "ascent, after a short taboo search.",
    kind="exact",
    version="1",
    parameters=(
        Parameter(
            name="swaps",
            minimum=0,
            maximum=1_000_000,
            default=3000,
            description="Swaps of each of four runs of taboo search before "
            "branching, as a multiple of n; more finds a better incumbent first.",
        ),
    ),
    complexity_time="exponential in n; an iteration is a fixed amount of work",
    complexity_space="O(n^5)",
    category="exact",
    best_for=("up to about 16 facilities", "sparse flows of up to about 25"),
    reference="Hahn, Grant and Hall 1998, doi:10.1016/S0377-2217(97)00063-5",
    supports=_supports,
    max_order=_MAX_ORDER,
    begin=_begin,
)
