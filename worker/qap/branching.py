"""A branch-and-bound tree, grown depth first in slices."""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from worker.qap import dual_ascent_kernel as ascent
from worker.qap.arrays import AnyArray, IntVector
from worker.qap.instance import Instance
from worker.qap.integrality import integrality
from worker.qap.linearised import linearised
from worker.qap.objective import objective
from worker.qap.symmetry import Symmetry, facility_symmetry, location_symmetry

_MOST_ROUNDS = 400
_PATIENCE = 6
_ROOT_PATIENCE = 300
_TOLERANCE = 2.0**-31  # of the objective; half of what counts as optimal
_ROUNDING = 2.0**-49  # of the magnitude: how far two objectives may err
_FINENESS = 256


@dataclass(slots=True, eq=False)
class _Node:
    """What is known at one depth of the path from the root to where the tree grows."""

    facilities: IntVector
    locations: IntVector
    facility_symmetry: Symmetry
    location_symmetry: Symmetry
    share: float
    pairs: AnyArray
    leaders: IntVector
    state: IntVector
    children: list[tuple[int, int, int]] | None = None
    """Bound, facility and location of each, the last to be visited first."""
    family: int = 0
    """How many children there were."""
    visited: tuple[int, int] = (0, 0)
    """The facility and location of the child at work."""


class Tree:
    r"""Search all permutations, leaving out those that cannot be better.

    A node is bounded by dual ascent on the level-1 reformulation-linearization
    [1]_, which its children inherit [2]_, see `dual_ascent_kernel`. It branches on the
    facility, or the location, whose children promise to be smallest; of placements
    that a symmetry of the instance exchanges, only one is tried [3]_.

    Parameters
    ----------
    instance
        One for which `why_not_linearised` says nothing.
    permutation
        Shape ``(n,)``, int64: the first incumbent; copied. The better it is, the
        smaller the tree.

    Notes
    -----
    Memory is :math:`O(n^5)`, as depth comes first. Time is exponential in the worst
    case. A unit of work is about one number read.

    References
    ----------
    .. [1] P. Hahn and T. Grant, "Lower bounds for the quadratic assignment problem
       based upon a dual formulation," *Operations Research* 46 (1998) 912-922,
       doi:10.1287/opre.46.6.912.
    .. [2] P. Hahn, T. Grant and N. Hall, "A branch-and-bound algorithm for the
       quadratic assignment problem based on the Hungarian method," *European Journal
       of Operational Research* 108 (1998) 629-640,
       doi:10.1016/S0377-2217(97)00063-5.
    .. [3] J. Ostrowski, J. Linderoth, F. Rossi and S. Smriglio, "Orbital branching,"
       *Mathematical Programming* 126 (2011) 147-178, doi:10.1007/s10107-009-0273-x.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> tree = Tree(instance, np.array([2, 1, 0]))
    >>> while not tree.finished:
    ...     tree.grow(tree.work + 1)
    >>> tree.objective, tree.bound, tree.closed_share
    (56, 56, 1.0)
    """

    def __init__(self, instance: Instance, permutation: IntVector) -> None:
        costs = linearised(instance)
        n = instance.order
        self._instance = instance
        self._scale = costs.scale
        self._forbidden = costs.forbidden
        self._integrality = integrality(instance) if instance.is_exact else None
        self._improve(permutation)
        self._work = 0
        self._improved_at = 0
        self._nodes = 1
        self._least_proven = costs.base
        self._closed_share = 0.0
        self._buffers: list[AnyArray] = [costs.pairs]
        self._block = np.zeros((n, n, n), dtype=np.int64)
        self._squares = np.zeros((3, n, n), dtype=np.int64)
        self._lines = np.zeros((5, n), dtype=np.int64)
        self._partners = np.zeros((3, n), dtype=np.int64)
        everything = np.arange(n, dtype=np.int64)
        self._path = [
            _Node(
                facilities=everything,
                locations=everything,
                facility_symmetry=facility_symmetry(instance),
                location_symmetry=location_symmetry(instance),
                share=1.0,
                pairs=costs.pairs,
                leaders=costs.placements,
                state=_fresh_state(costs.base),
            )
        ]

    @property
    def objective(self) -> int | float:
        """The objective of the incumbent."""
        return self._objective

    @property
    def permutation(self) -> IntVector:
        """The incumbent: shape ``(n,)``, int64, a copy."""
        return self._permutation.copy()

    @property
    def work(self) -> int:
        """Units of work done."""
        return self._work

    @property
    def improved_at(self) -> int:
        """Units of work done before the incumbent was found; 0 if it is the first."""
        return self._improved_at

    @property
    def nodes(self) -> int:
        """Nodes met so far, the root included."""
        return self._nodes

    @property
    def finished(self) -> bool:
        """Whether every node is closed."""
        return not self._path

    @property
    def bound(self) -> int | float:
        """The least bound of all open nodes, as an objective; never falls."""
        if self._integrality is None:
            proven = math.nextafter(self._least_proven / self._scale, -math.inf)
            return max(proven, self._proven_when_closed()) if self.finished else proven
        if self.finished:
            return self._objective
        least = math.ceil(Fraction(self._least_proven, int(self._scale)))
        return min(self._integrality.round_up(least), self._objective)

    @property
    def closed_share(self) -> float:
        """Which share of the tree is closed, if children share alike; never falls."""
        return 1.0 if self.finished else self._closed_share

    def grow(self, until: int) -> None:
        """Go on until `until` units of work are done, or there is a new incumbent.

        Parameters
        ----------
        until
            Counted from the start; slightly more may be done.
        """
        before = self._objective
        while self._path and self._work < until and self._objective == before:
            node = self._path[-1]
            if node.children is None:
                self._raise_bound(node, until)
            elif node.children:
                self._visit(node)
            else:
                self._close()
        self._take_stock()

    def _raise_bound(self, node: _Node, until: int) -> None:
        m, state, begun = node.facilities.size, node.state, self._work
        gains, shares, w = self._squares
        state[ascent.WORK] = begun
        ascent.raise_bound(
            node.pairs,
            node.leaders,
            gains,
            shares,
            self._block,
            w,
            self._lines,
            self._partners,
            state,
            m,
            self._limit,
            self._forbidden,
            _PATIENCE if len(self._path) > 1 else _ROOT_PATIENCE,
            _MOST_ROUNDS,
            until,
        )
        self._work = int(state[ascent.WORK])
        if state[ascent.PHASE] == ascent.FATHOMED:
            node.children = []
        elif state[ascent.PHASE] == ascent.PROBED:
            if m > 1:
                self._branch(node, gains[:m, :m])
            else:
                self._reach_leaf(node, begun)

    def _branch(self, node: _Node, gains: IntVector) -> None:
        """List the children of the line that promises the least work.

        A child's subtree is taken to shrink with the fifth power of the slack left.
        """
        rows, row_of = node.facility_symmetry.orbits(node.facilities)
        columns, column_of = node.location_symmetry.orbits(node.locations)
        # What one placement of an orbit is proven to cost, all of them cost.
        merged = np.full((rows.size, columns.size), -1, dtype=np.int64)
        np.maximum.at(merged, (row_of[:, np.newaxis], column_of), gains)
        slack = self._limit - int(node.state[ascent.BOUND])
        left = (slack + 1 - merged) * _FINENESS // (slack + 1)
        sizes = np.where(merged < self._forbidden, left, 0) ** 5
        by_row, by_column = sizes.sum(axis=1), sizes.sum(axis=0)
        if by_row.min() <= by_column.min():
            r = int(by_row.argmin())
            line = [(int(rows[r]), int(k)) for k in columns]
            values = merged[r]
        else:
            c = int(by_column.argmin())
            line = [(int(i), int(columns[c])) for i in rows]
            values = merged[:, c]
        bound = int(node.state[ascent.BOUND])
        node.children = sorted(
            (
                (bound + value, i, k)
                for (i, k), value in zip(line, values.tolist(), strict=True)
                if value < self._forbidden
            ),
            reverse=True,
        )
        node.family = len(node.children)

    def _visit(self, node: _Node) -> None:
        """Go down to the next child, unless an incumbent found since rules it out."""
        assert node.children
        value, i, k = node.children.pop()
        m = node.facilities.size
        self._work += m
        if value > self._limit:
            return
        depth = len(self._path)
        size = (m - 1) * (m - 2) // 2
        if len(self._buffers) == depth:
            shape = (size, m - 1, m - 1)
            self._buffers.append(np.empty(shape, dtype=node.pairs.dtype))
        pairs = self._buffers[depth]
        leaders = np.empty((m - 1, m - 1), dtype=np.int64)
        ascent.place(node.pairs, node.leaders, i, k, m, self._forbidden, pairs, leaders)
        self._work += pairs.size
        self._nodes += 1
        node.visited = (i, k)
        self._path.append(
            _Node(
                facilities=np.delete(node.facilities, i),
                locations=np.delete(node.locations, k),
                facility_symmetry=node.facility_symmetry.fixing(node.facilities[i]),
                location_symmetry=node.location_symmetry.fixing(node.locations[k]),
                share=node.share / node.family,
                pairs=pairs,
                leaders=leaders,
                state=_fresh_state(int(node.state[ascent.BOUND] + node.leaders[i, k])),
            )
        )

    def _close(self) -> None:
        """Leave a node whose children are done; its placement need not be tried again.

        Nor need those that a symmetry exchanges with it.
        """
        self._path.pop()
        if not self._path:
            return
        node = self._path[-1]
        i, k = node.visited
        _, row_of = node.facility_symmetry.orbits(node.facilities)
        _, column_of = node.location_symmetry.orbits(node.locations)
        alike = np.ix_(row_of == row_of[i], column_of == column_of[k])
        node.leaders[alike] = self._forbidden

    def _reach_leaf(self, node: _Node, begun: int) -> None:
        permutation = np.empty(self._instance.order, dtype=np.int64)
        for above in self._path[:-1]:
            i, k = above.visited
            permutation[above.facilities[i]] = above.locations[k]
        permutation[node.facilities[0]] = node.locations[0]
        node.children = []
        if objective(self._instance, permutation) < self._objective:
            self._improve(permutation)
            self._improved_at = begun

    def _improve(self, permutation: IntVector) -> None:
        self._permutation = permutation.copy()
        self._objective = objective(self._instance, permutation)
        if self._integrality is not None:
            # Where all objectives are equal the step is 0, and any limit below will do.
            step = max(1, self._integrality.step)
            self._limit = int((self._objective - step) * self._scale)
        else:
            self._limit = math.floor(self._proven_when_closed() * self._scale)

    def _proven_when_closed(self) -> int | float:
        """Return what every permutation costs at least, once no node is open."""
        if self._instance.is_exact:
            return self._objective
        tolerance = _TOLERANCE * abs(self._objective)
        return self._objective - tolerance - _ROUNDING * self._instance.magnitude

    def _take_stock(self) -> None:
        """Bring the bound and the share up to date."""
        if not self._path:
            return
        # An exact node is closed above the limit, another at it or a little above.
        least, share = self._limit + self._instance.is_exact, 0.0
        for node in self._path:
            if node.children is None:
                least = min(least, int(node.state[ascent.BOUND]))
                share += node.share
            elif node.children:
                least = min(least, node.children[-1][0])
                share += node.share * len(node.children) / node.family
        self._least_proven = max(self._least_proven, least)
        # Where every open node lies above the limit, nothing is left to look for.
        closed = 1.0 if self._least_proven > self._limit else 1.0 - share
        self._closed_share = max(self._closed_share, closed)


def _fresh_state(bound: int) -> IntVector:
    state = np.zeros(6, dtype=np.int64)
    state[ascent.BOUND] = bound
    return state


def warm_up_branching(*, fractions: bool = True) -> None:
    """Compile the kernels for the types of element in use."""
    for entry in (1, 0.5) if fractions else (1,):
        matrix = np.array([[0, entry, 0], [entry, 0, 0], [0, 0, 0]])
        tree = Tree(Instance(matrix, matrix), np.arange(3))
        while not tree.finished:
            tree.grow(tree.work + 1)
