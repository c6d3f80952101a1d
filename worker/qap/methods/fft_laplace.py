"""Gradient flow of the relaxed objective, smoothed by fast cosine transforms."""

from collections.abc import Generator, Iterator

import numpy as np
from typing_extensions import override

from worker.qap.arrays import AnyArray, IntVector
from worker.qap.birkhoff import balanced
from worker.qap.flow_search import FlowSearch
from worker.qap.gradient_flow import mixed
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters

_CRITICAL = 1.0  # temperatures, as multiples of the relaxation's
_COLD = 0.1
_LONGER = 4  # times as many steps for the first flow
_SPREAD = 2.0
_SWEEPS = 4


class FFTLaplace(FlowSearch):
    r"""Let a doubly stochastic matrix flow to a vertex, again and again.

    The first flow cools down from a disturbed barycentre. Every later one starts from
    a mixture of the permutation matrix at hand and a random doubly stochastic one.
    What a flow arrives at is rounded and descended from; the result is the next at
    hand unless it is worse. After n flows without anything better a random
    permutation is descended from and takes its place.

    The noise behind a random start is a field on the grid of facilities and
    locations that one implicit step of the heat equation has smoothed: facilities
    that are alike are drawn to locations that are alike.

    Parameters
    ----------
    instance
        What to solve.
    rng
        The source of all randomness.
    permutation
        Shape ``(n,)``, int64: where to start; copied.
    steps
        Of a flow.
    temperature
        From which later flows cool down, as a multiple of the relaxation's.
    mixing
        The least share of the random matrix in a start.
    correlation
        :math:`\ell`: noise is multiplied by :math:`(1 - \ell\Delta)^{-1}`.
    smoothing
        :math:`\nu` in the first step of a flow.

    Notes
    -----
    :math:`O(n^3)` time a step, :math:`O(n^2)` space. See `GradientFlow`.

    Examples
    --------
    >>> instance = Instance([[0, 3, 1], [3, 0, 2], [1, 2, 0]],
    ...                     [[0, 5, 4], [5, 0, 6], [4, 6, 0]])
    >>> search = FFTLaplace(instance, np.random.default_rng(1), np.array([2, 1, 0]),
    ...                     steps=15, temperature=0.4, mixing=0.7, correlation=2,
    ...                     smoothing=0)
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
        temperature: float,
        mixing: float,
        correlation: float,
        smoothing: float,
    ) -> None:
        super().__init__(instance, rng, permutation)
        self._steps = steps
        self._temperature = temperature
        self._mixing = mixing
        self._correlation = correlation
        self._smoothing = smoothing

    @override
    def portions(self) -> Iterator[int]:
        yield from self.prepare()
        flow, smoothing = self.flow, self._smoothing
        current, value = yield from self.descend(self.permutation)
        noise = yield from self._noise()
        flow.start(noise)
        yield from flow.pause()
        yield from self.cool(_CRITICAL, _COLD, _LONGER * self._steps, smoothing)
        barren = 0
        while True:
            found, objective = yield from self.settle()
            barren = 0 if objective < value else barren + 1
            if objective <= value:
                current, value = found, objective
            if barren == current.size:
                barren = 0
                afresh = self.rng.permutation(current.size)
                current, value = yield from self.descend(afresh)
            noise = yield from self._noise()
            share = self.rng.uniform(self._mixing, 1)
            here = flow.relaxation.matrix(current)
            yield from flow.pause()
            there = balanced(noise, _SWEEPS)
            yield from flow.pause()
            potential = mixed(here, there, share)
            yield from flow.pause()
            flow.start(potential)
            yield from flow.pause()
            yield from self.cool(self._temperature, _COLD, self._steps, smoothing)

    def _noise(self) -> Generator[int, None, AnyArray]:
        """Draw a smooth random potential."""
        noise = self.rng.standard_normal(self.flow.matrix.shape)
        yield from self.flow.pause()
        if self._correlation > 0:
            yield from self.flow.laplacian.solve(noise, 1, self._correlation)
        noise *= _SPREAD / np.sqrt((noise**2).mean())
        return noise


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> FFTLaplace:
    return FFTLaplace(
        instance,
        rng,
        permutation,
        steps=int(parameters["steps"]),
        temperature=parameters["temperature"],
        mixing=parameters["mixing"],
        correlation=parameters["correlation"],
        smoothing=parameters["smoothing"],
    )


METHOD = Method(
    name="fft_laplace",
    title="Gradient flow with Fourier smoothing",
    summary="Flows through doubly stochastic matrices to a vertex, rounds, descends, "
    "and starts again from a smooth disturbance.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="steps",
            minimum=2,
            maximum=1000,
            default=15,
            description="Steps of a flow; more cool down more slowly.",
            is_integer=True,
        ),
        Parameter(
            name="temperature",
            minimum=0.1,
            maximum=10,
            default=0.4,
            description="Where flows begin to cool down, as a multiple of the critical "
            "temperature; more forgets more of the start.",
        ),
        Parameter(
            name="mixing",
            minimum=0,
            maximum=1,
            default=0.7,
            description="Least share of the random matrix in a start; more leads "
            "farther away.",
        ),
        Parameter(
            name="correlation",
            minimum=0,
            maximum=1000,
            default=2,
            description="Smoothing of the noise that starts are made of; more moves "
            "larger groups of facilities together.",
        ),
        Parameter(
            name="smoothing",
            minimum=0,
            maximum=1000,
            default=0.1,
            description="Smoothing of the potential in the first steps of a flow; more "
            "decides on coarse structure first.",
        ),
    ),
    complexity_time="O(n^3) an iteration",
    complexity_space="O(n^2)",
    category="continuous relaxation",
    best_for=("instances up to some hundred facilities", "dense instances"),
    reference="Ascher, Ruuth and Wetton 1995, doi:10.1137/0732037",
    begin=_begin,
)
