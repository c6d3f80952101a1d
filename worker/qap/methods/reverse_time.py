"""Escape over saddles: a gradient flow whose time runs backwards for a while."""

from collections.abc import Generator, Iterator

import numpy as np
from typing_extensions import override

from worker.qap.arrays import IntVector
from worker.qap.flow_search import FlowSearch
from worker.qap.gradient_flow import mixed
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters

_COLD = 0.1  # temperature, as a multiple of the relaxation's
_WARM_STEPS = 2
_BLUR = 0.5  # share of the barycentre in a smoothed permutation matrix
_LENGTH = 0.5  # of a step backwards
_GROWTH = 1.3


class ReverseTime(FlowSearch):
    r"""Flow forwards into a basin, backwards out of it over a saddle, forwards again.

    The permutation at hand, smoothed, is brought to rest at a warm temperature. A
    random direction is drawn and the flow disturbed along it; then time runs
    backwards along that direction, which turns towards negative curvature meanwhile,
    until the curvature is negative or the time is over. From there the flow cools
    down forwards into the basin beyond.

    The time backwards is controlled: it grows whenever the way ended where it began,
    and shrinks whenever it did not. What is found becomes the one at hand if it is
    not much worse than the record: record-to-record travel [1]_. After n ways out
    without a better one a random permutation is descended from and sets the record
    anew.

    Parameters
    ----------
    instance
        What to solve.
    rng
        The source of all randomness.
    permutation
        Shape ``(n,)``, int64: where to start; copied.
    steps
        Of a flow forwards.
    reversal
        The most steps backwards.
    temperature
        At which time is reversed, as a multiple of the relaxation's.
    kick
        Size of the disturbance.
    deviation
        How much worse than the record is still taken, in units of the
        relaxation's temperature.

    Notes
    -----
    :math:`O(n^3)` time a step, :math:`O(n^2)` space. See `GradientFlow.reverse`.

    References
    ----------
    .. [1] G. Dueck, "New optimization heuristics: The great deluge algorithm and the
       record-to-record travel," *Journal of Computational Physics* 104 (1993) 86-92,
       doi:10.1006/jcph.1993.1010.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = ReverseTime(instance, np.random.default_rng(1), np.array([2, 1, 0]),
    ...                      steps=12, reversal=20, temperature=0.6, kick=1,
    ...                      deviation=0.5)
    >>> search.advance(1), search.objective
    (1, 56)
    """

    def __init__(
        self,
        instance: Instance,
        rng: np.random.Generator,
        permutation: IntVector,
        *,
        steps: int,
        reversal: int,
        temperature: float,
        kick: float,
        deviation: float,
    ) -> None:
        super().__init__(instance, rng, permutation)
        self._steps = steps
        self._reversal = reversal
        self._temperature = temperature
        self._kick = kick * np.sqrt(instance.order)
        self._deviation = deviation

    @override
    def portions(self) -> Iterator[int]:
        yield from self.prepare()
        deviation = self._deviation * self.flow.relaxation.temperature
        current, value = yield from self.descend(self.permutation)
        time, record, barren = 1.0, value, 0
        yield from self.escape(current, int(time))
        yield from self.cool(self._temperature, _COLD, self._steps)
        while True:
            found, objective = yield from self.settle()
            left = objective != value
            time = time / _GROWTH if left else time * _GROWTH
            time = min(max(time, 1.0), float(self._reversal))
            barren = 0 if objective < record else barren + 1
            record = min(record, objective)
            if objective <= record + deviation:
                current, value = found, objective
            if barren == current.size:
                afresh = self.rng.permutation(current.size)
                current, value = yield from self.descend(afresh)
                record, barren = value, 0
            yield from self.escape(current, int(time))
            yield from self.cool(self._temperature, _COLD, self._steps)

    def escape(self, permutation: IntVector, most: int) -> Generator[int, None, float]:
        """Lead the flow from a permutation towards a saddle.

        Parameters
        ----------
        permutation
            Shape ``(n,)``, int64.
        most
            How many steps backwards at most, at least 1.

        Yields
        ------
        int
            1 after each step, 0 within.

        Returns
        -------
        float
            The curvature along the way out, where it ended.
        """
        flow = self.flow
        temperature = self._temperature * flow.relaxation.temperature
        centre = np.full(flow.matrix.shape, 1 / permutation.size)
        potential = mixed(flow.relaxation.matrix(permutation), centre, _BLUR)
        yield from flow.pause()
        flow.start(potential)
        yield from flow.pause()
        for _ in range(_WARM_STEPS):
            yield from flow.step(temperature=temperature, length=1.0)
            yield 1
        direction = self.rng.standard_normal(centre.shape)
        yield from flow.pause()
        flow.disturb(direction, self._kick)
        yield from flow.pause()
        curvature = 1.0
        for k in range(most):
            curvature = yield from flow.reverse(
                direction, temperature=temperature, length=_LENGTH
            )
            yield 1
            if curvature < 0 < k:
                break
        return curvature


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> ReverseTime:
    return ReverseTime(
        instance,
        rng,
        permutation,
        steps=int(parameters["steps"]),
        reversal=int(parameters["reversal"]),
        temperature=parameters["temperature"],
        kick=parameters["kick"],
        deviation=parameters["deviation"],
    )


METHOD = Method(
    name="reverse_time",
    title="Reversed gradient flow",
    summary="Leaves each basin of a relaxed flow over a saddle, by running time "
    "backwards along a direction of negative curvature.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="steps",
            minimum=2,
            maximum=1000,
            default=12,
            description="Steps of a flow forwards; more cool down more slowly.",
            is_integer=True,
        ),
        Parameter(
            name="reversal",
            minimum=1,
            maximum=1000,
            default=20,
            description="Most steps backwards in time; more climb higher.",
            is_integer=True,
        ),
        Parameter(
            name="temperature",
            minimum=0.1,
            maximum=10,
            default=0.6,
            description="At which time is reversed, as a multiple of the critical "
            "temperature; more lowers the saddles.",
        ),
        Parameter(
            name="kick",
            minimum=0.001,
            maximum=100,
            default=1,
            description="Size of the disturbance before time is reversed; more leaves "
            "sooner and less along the unstable directions.",
        ),
        Parameter(
            name="deviation",
            minimum=0,
            maximum=100,
            default=0.5,
            description="How much worse than the record is taken, in units of the "
            "critical temperature; more wanders farther.",
        ),
    ),
    complexity_time="O(n^3) an iteration",
    complexity_space="O(n^2)",
    category="continuous relaxation",
    best_for=("instances up to some hundred facilities", "many basins side by side"),
    reference="E and Zhou 2011, doi:10.1088/0951-7715/24/6/008",
    begin=_begin,
)
