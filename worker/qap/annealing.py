"""Simulated annealing with a temperature that finds itself."""

from collections.abc import Iterator

import numpy as np
from typing_extensions import override

from worker.qap import swap_kernel
from worker.qap.arrays import IntVector, Matrix
from worker.qap.checkpoints import checkpoints
from worker.qap.instance import Instance
from worker.qap.neighbourhood import Neighbourhood, neighbourhood
from worker.qap.objective import objective
from worker.qap.placement import Placement
from worker.qap.sliced import SlicedSearch

_SAMPLE = 10  # random swaps, as a multiple of n


class SimulatedAnnealing(SlicedSearch):
    r"""Take swaps for the worse too, the less readily the later.

    Swaps are weighed in circular order. One of delta :math:`\delta > 0` is made with
    probability :math:`e^{-\delta / T}`, others always. The temperature falls from
    :math:`T_0 = \delta_{min} + h (\delta_{max} - \delta_{min})` towards
    :math:`T_1 = \delta_{min}`, extremes of a sample of random swaps, as
    :math:`T \leftarrow T / (1 + \beta T)` [2]_. Once :math:`n (n-1) / 2` swaps in a
    row were refused, the next is made and the temperature stays, for the rest of this
    annealing, where the best permutation was found [1]_. Then another begins, `growth`
    times as long: whatever the budget, the last one that ended had a good part of it.

    Parameters
    ----------
    instance
        What to solve.
    ready
        The instance made ready.
    rng
        Seeds the draws.
    permutation
        Shape ``(n,)``, int64: where to start; copied.
    sweeps
        The length of the first annealing, as a multiple of :math:`n (n-1) / 2`.
    growth
        By how much each annealing is longer than the one before.
    heat
        :math:`h`.

    Attributes
    ----------
    bounds
        The highest and the lowest temperature, known after the sample.

    Notes
    -----
    One iteration is one swap weighed: :math:`O(n)` time; :math:`O(n^2)` space.

    References
    ----------
    .. [1] D. T. Connolly, "An improved annealing scheme for the QAP," *European
       Journal of Operational Research* 46 (1990) 93-100,
       doi:10.1016/0377-2217(90)90301-Q.
    .. [2] M. Lundy and A. Mees, "Convergence of an annealing algorithm,"
       *Mathematical Programming* 34 (1986) 111-124, doi:10.1007/BF01582166.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = SimulatedAnnealing(
    ...     instance, neighbourhood(instance), np.random.default_rng(1),
    ...     np.array([2, 1, 0]), sweeps=10, growth=2, heat=0.1)
    >>> search.advance(100), search.objective
    (100, 56)
    """

    def __init__(
        self,
        instance: Instance,
        ready: Neighbourhood,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        sweeps: float,
        growth: float,
        heat: float,
    ) -> None:
        super().__init__(instance, permutation)
        n = instance.order
        self._instance = instance
        self._ready = ready
        self._sweeps = sweeps
        self._growth = growth
        self._heat = heat
        self._placement = Placement(ready)
        self._placement.move_to(permutation)
        self._order = rng.permutation(n)
        self._random = rng.integers(1, 2**64, size=1, dtype=np.uint64, endpoint=False)
        self._state = np.zeros(4, dtype=np.int64)
        self._values = np.zeros(5)
        self._best = permutation.copy()
        self._base = self.incumbent.objective
        self._checkpoints = checkpoints(n, self._placement.portion)
        self.bounds = (np.inf, 0.0)

    @property
    def temperature(self) -> float:
        """The temperature now, in units of the neighbourhood."""
        return self._values[swap_kernel.TEMPERATURE].item()

    @property
    def current(self) -> IntVector:
        """Where the walk stands: shape ``(n,)``, int64, a copy."""
        return self._placement.permutation.copy()

    @property
    def value(self) -> float:
        """The objective of `current`, known from the first annealing on."""
        gain = self._values[swap_kernel.CURRENT].item()
        return self._base + self._ready.scale * gain

    @override
    def portions(self) -> Iterator[int]:
        n = self._instance.order
        extremes = np.array([np.inf, 0.0])
        left = _SAMPLE * n
        while left:
            done = min(left, self.allowance, self._placement.portion)
            self._sample(extremes, done)
            left -= done
            yield done
        least, largest = extremes.tolist()
        self.bounds = temperatures(least, largest, self._heat)
        length = self._sweeps * (n * (n - 1) // 2)
        while True:
            yield from self._anneal(int(length))
            length *= self._growth

    def _anneal(self, length: int) -> Iterator[int]:
        highest, lowest = self.bounds
        self._base = objective(self._instance, self._placement.permutation)
        cooling = (highest - lowest) / (length * highest * lowest)
        # What it starts from counts for nothing: it will be far from it soon.
        self._values[:] = 0, np.inf, highest, cooling, highest
        self._state[:] = 0, 1, 0, 0
        while length:
            left = self._checkpoints.left(self.iterations)
            done = min(length, left, self.allowance, self._placement.portion)
            self._weigh(done)
            length -= done
            now = self.iterations + done
            if self._checkpoints.reached(now) or length == 0:
                gain = self._ready.scale * self._values[swap_kernel.BEST].item()
                self.incumbent.offer(self._best, self._base + gain, now)
            yield done

    def _sample(self, extremes: Matrix, swaps: int) -> None:
        ready, placement = self._ready, self._placement
        swap_kernel.sample(
            ready.flow,
            placement.flow_t,
            placement.placed,
            placement.placed_t,
            ready.linear,
            ready.kinds,
            placement.permutation,
            extremes,
            self._random,
            ready.is_symmetric,
            ready.tolerance,
            swaps,
        )

    def _weigh(self, swaps: int) -> None:
        ready, placement = self._ready, self._placement
        swap_kernel.anneal(
            ready.flow,
            placement.flow_t,
            placement.placed,
            placement.placed_t,
            ready.linear,
            ready.kinds,
            placement.permutation,
            self._order,
            self._best,
            self._state,
            self._values,
            self._random,
            ready.is_symmetric,
            ready.tolerance,
            swaps,
        )


def temperatures(least: float, largest: float, heat: float) -> tuple[float, float]:
    """Return where to begin and where to end.

    Parameters
    ----------
    least, largest
        The sizes of deltas in a sample; infinity and 0 if there was none.
    heat
        How far to begin between them, from 0 to 1.

    Returns
    -------
    tuple
        The first and the last temperature: above 0, the first not below the last.
    """
    if largest == 0:
        return 1.0, 1.0
    return least + heat * (largest - least), least


def warm_up_annealing(*, fractions: bool = True) -> None:
    """Compile the kernels for the types of element in use."""
    for entry in (1, 0.5) if fractions else (1,):
        matrix = np.array([[0, entry, 0], [entry, 0, 0], [0, 0, 0]])
        instance = Instance(matrix, matrix)
        search = SimulatedAnnealing(
            instance,
            neighbourhood(instance),
            np.random.default_rng(0),
            np.arange(3),
            sweeps=1,
            growth=2,
            heat=0.1,
        )
        search.advance(99)
