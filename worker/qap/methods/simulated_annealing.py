"""Simulated annealing."""

import numpy as np

from worker.qap.annealing import SimulatedAnnealing
from worker.qap.arrays import IntVector
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.neighbourhood import neighbourhood


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> SimulatedAnnealing:
    return SimulatedAnnealing(
        instance,
        neighbourhood(instance),
        rng,
        permutation,
        sweeps=parameters["sweeps"],
        growth=parameters["growth"],
        heat=parameters["heat"],
    )


METHOD = Method(
    name="simulated_annealing",
    title="Simulated annealing",
    summary="Takes swaps for the worse too, the less readily the longer it runs.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="sweeps",
            minimum=1,
            maximum=1_000_000,
            default=100,
            description="Length of the first annealing, as a multiple of n(n-1)/2 "
            "swaps; more cools more slowly.",
        ),
        Parameter(
            name="growth",
            minimum=1,
            maximum=10,
            default=1.5,
            description="How many times longer each annealing is than the one before; "
            "more restarts less often.",
        ),
        Parameter(
            name="heat",
            minimum=0,
            maximum=1,
            default=0.1,
            description="Where to begin between the least and the largest delta of a "
            "sample; more begins hotter.",
        ),
    ),
    complexity_time="O(n) an iteration, which weighs one swap",
    complexity_space="O(n^2)",
    category="annealing",
    best_for=("grids and other distances with structure", "little memory"),
    reference="Connolly 1990, doi:10.1016/0377-2217(90)90301-Q",
    begin=_begin,
)
