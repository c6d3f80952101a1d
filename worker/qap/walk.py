"""A walk over all swaps that can be advanced, shared by every method that polishes."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np

from worker.qap import walk_kernel
from worker.qap.arrays import AnyArray, IntVector
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood
from worker.qap.objective import objective
from worker.qap.products import multiply_rows
from worker.qap.result import Improvements

_LANES = 8
_TRACE_SIZE = 10_000
_MOST_STEPS = 2**28  # so that the clock stays well below 2**31
_PORTION = 2**24  # products a call of `advance` does while it prepares


class State(NamedTuple):
    """What kernels work on, in the order in which they take it.

    Shapes for order n, with a width that is the next multiple of 8. The kernels
    change every array but the first four.
    """

    flow: AnyArray
    """Shape ``(n, n)``: as in `Neighbourhood`; so are the next three."""
    distance: AnyArray
    linear: AnyArray
    kinds: IntVector
    product: AnyArray
    """Shape ``(n, width)``: flow times placed, the distances between where facilities
    are; of the padding nothing is meant."""
    deltas: AnyArray
    """Shape ``(n // 2, width)``; the update that `lines` describes is yet to come."""
    free: AnyArray
    """Shape ``(n // 2, width)``, int32: the iteration from which a swap is allowed."""
    taboo: AnyArray
    """Shape ``(n, n)``, int32: until when a facility is kept from a location."""
    taboo_at: AnyArray
    """The transpose of `taboo`."""
    p: IntVector
    located: IntVector
    """The inverse of `p`."""
    best: IntVector
    """The incumbent."""
    placed: AnyArray
    """Shape ``(4, n)``: distances from the two facilities swapped last, and to them."""
    columns: AnyArray
    """Shape ``(3, n)``: of the product, those of these two; and the diagonal."""
    lines: AnyArray
    """Shape ``(4, width + n // 2 + 1)``: factors of two outer products."""
    least: AnyArray
    """Shape ``(width,)``: the least delta allowed in each column."""
    fresh: AnyArray
    """Shape ``(n,)``: room for the deltas of a facility just moved."""
    fresh_free: AnyArray
    threshold: AnyArray
    """Shape ``(2,)``: a delta below the first makes a new incumbent; no delta
    reaches the second."""
    counters: IntVector
    """Shape ``(4,)``: see `walk_kernel`."""
    values: AnyArray
    """Shape ``(2,)``, float64: the objectives of `p` and of `best`."""
    random: AnyArray
    """Shape ``(1,)``, uint64: never 0."""
    trace: IntVector
    trace_values: AnyArray
    """Both of one length: when each incumbent was found, and its objective."""
    is_symmetric: bool
    scale: int
    tolerance: float


class Walk(ABC):
    """Swap two facilities in every iteration, knowing the deltas of all swaps.

    Parameters
    ----------
    instance
        The instance itself, for objectives.
    ready
        The instance made ready.
    rng
        Seeds the draws.
    permutation
        Shape ``(n,)``, int64: where to start; copied.

    Attributes
    ----------
    state
        What the kernels work on.

    Notes
    -----
    :math:`O(n^2)` time an iteration, after :math:`O(n^3)` once; :math:`O(n^2)` space.
    In floats, rounding gathers in the deltas, so that they are computed afresh
    every :math:`20 n + 1000` iterations.
    """

    finished = False
    bound = None

    def __init__(
        self,
        instance: Instance,
        ready: Neighbourhood,
        rng: np.random.Generator,
        permutation: IntVector,
    ) -> None:
        n = instance.order
        half, width = n // 2, -(-n // _LANES) * _LANES
        number = ready.flow.dtype
        self._instance = instance
        # Never seen: all before the start, each at a moment of its own.
        self._unseen = -np.arange(n * n, dtype=np.int32).reshape(n, n)
        seed = rng.integers(1, 2**64, size=1, dtype=np.uint64, endpoint=False)
        self.state = State(
            flow=ready.flow,
            distance=ready.distance,
            linear=ready.linear,
            kinds=ready.kinds,
            product=np.zeros((n, width), dtype=number),
            deltas=np.zeros((half, width), dtype=number),
            free=np.zeros((half, width), dtype=np.int32),
            taboo=np.zeros((n, n), dtype=np.int32),
            taboo_at=np.zeros((n, n), dtype=np.int32),
            p=np.zeros(n, dtype=np.int64),
            located=np.zeros(n, dtype=np.int64),
            best=np.zeros(n, dtype=np.int64),
            placed=np.zeros((4, n), dtype=number),
            columns=np.zeros((3, n), dtype=number),
            lines=np.zeros((4, width + half + 1), dtype=number),
            least=np.zeros(width, dtype=number),
            fresh=np.zeros(n, dtype=number),
            fresh_free=np.zeros(n, dtype=np.int32),
            threshold=np.array([0, np.finfo(number).max], dtype=number),
            counters=np.zeros(4, dtype=np.int64),
            values=np.zeros(2, dtype=np.float64),
            random=seed,
            trace=np.zeros(_TRACE_SIZE, dtype=np.int64),
            trace_values=np.zeros(_TRACE_SIZE, dtype=np.float64),
            is_symmetric=ready.is_symmetric,
            scale=ready.scale,
            tolerance=ready.tolerance,
        )
        self._prepared_rows = 0
        self._until_afresh = 0
        self.restart(permutation)

    def restart(self, permutation: IntVector) -> None:
        """Begin again elsewhere; only the draws go on.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64; copied. It is the only incumbent.
        """
        state, n = self.state, self._instance.order
        state.p[:] = state.best[:] = permutation
        state.located[permutation] = np.arange(n)
        state.taboo[:] = self._unseen
        state.taboo_at[:] = self._unseen.T
        start = objective(self._instance, permutation)
        state.values[:] = start
        state.counters[:] = 0, -(n * n), 1, 0
        state.trace[0], state.trace_values[0] = 0, start
        self._start_preparing()

    @property
    def preparing(self) -> bool:
        """Whether the next call of `advance` does no iteration."""
        return self._prepared_rows < self._instance.order

    @property
    def last_improvement(self) -> int:
        """In which iteration the incumbent was found; 0 if it is the start."""
        latest = int(self.state.counters[walk_kernel.IMPROVEMENTS]) - 1
        return int(self.state.trace[latest])

    @property
    def objective(self) -> int | float:
        """The objective of the incumbent; for floats up to rounding."""
        value = self.state.values[walk_kernel.BEST].item()
        return int(value) if self._instance.is_exact else value

    @property
    def permutation(self) -> IntVector:
        """The incumbent: shape ``(n,)``, int64, a copy."""
        return self.state.best.copy()

    @property
    def improvements(self) -> Improvements:
        """The objective of each incumbent so far, by iteration."""
        size = int(self.state.counters[walk_kernel.IMPROVEMENTS])
        values = self.state.trace_values[:size]
        return Improvements(
            self.state.trace[:size].copy(),
            values.astype(np.int64 if self._instance.is_exact else np.float64),
        )

    def advance(self, iterations: int) -> int:
        """Do at most `iterations`, or some of the preparation.

        Parameters
        ----------
        iterations
            At least 1.

        Returns
        -------
        int
            How many were done; 0 while preparing.
        """
        if self.preparing:
            self._prepare()
            return 0
        state, steps = self.state, min(iterations, _MOST_STEPS)
        if state.counters[walk_kernel.CLOCK] >= walk_kernel.CLOCK_LIMIT:
            walk_kernel.rewind(state.taboo, state.taboo_at, state.free, state.counters)
        if not self._instance.is_exact:
            steps = min(steps, self._until_afresh)
            self._until_afresh -= steps
        self.walk(steps)
        if self._until_afresh == 0 and not self._instance.is_exact:
            self._start_preparing()
        return steps

    @abstractmethod
    def walk(self, iterations: int) -> None:
        """Do exactly so many iterations, with `state` prepared."""

    def _start_preparing(self) -> None:
        state = self.state
        state.values[walk_kernel.CURRENT] = objective(self._instance, state.p)
        self._placed = np.ascontiguousarray(state.distance[np.ix_(state.p, state.p)])
        state.product[:] = 0
        state.lines[:] = 0
        self._prepared_rows = 0

    def _prepare(self) -> None:
        """Multiply flow and placed for some more rows; after the last, start."""
        state, n = self.state, self._instance.order
        first = self._prepared_rows
        last = min(n, first + max(1, _PORTION // (n * n)))
        turned = np.ascontiguousarray(self._placed.T)
        multiply_rows(state.flow, turned, state.product, first, last)
        if not state.is_symmetric:
            flow = np.ascontiguousarray(state.flow.T)
            multiply_rows(flow, self._placed, state.product, first, last)
        self._prepared_rows = last
        if last < n:
            return
        self._until_afresh = 20 * n + 1000
        walk_kernel.fill_deltas(
            state.flow,
            self._placed,
            state.linear,
            state.product,
            state.deltas,
            state.p,
            state.is_symmetric,
        )
        walk_kernel.fill_free(state.taboo, state.free, state.kinds, state.p)
