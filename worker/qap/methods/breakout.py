"""Breakout local search."""

import numpy as np

from worker.qap.arrays import IntVector
from worker.qap.breakout import Breakout
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.neighbourhood import neighbourhood


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> Breakout:
    return Breakout(
        instance,
        neighbourhood(instance),
        rng,
        permutation,
        jump=max(1, round(parameters["jump"] * instance.order)),
        patience=int(parameters["patience"]),
        directed=parameters["directed"],
        old=parameters["old"],
    )


METHOD = Method(
    name="breakout",
    title="Breakout local search",
    summary="Descends, then leaves the local optimum as far as the past suggests.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="jump",
            minimum=0.01,
            maximum=1,
            default=0.15,
            description="Least swaps away from a local optimum, as a share of n; more "
            "leads farther away.",
        ),
        Parameter(
            name="patience",
            minimum=10,
            maximum=1_000_000,
            default=2500,
            description="Local optima without a new incumbent after which n random "
            "swaps start afresh; more intensifies longer.",
            is_integer=True,
        ),
        Parameter(
            name="directed",
            minimum=0,
            maximum=1,
            default=0.75,
            description="Least share of jumps by the best swaps not taboo; more keeps "
            "nearer to good permutations.",
        ),
        Parameter(
            name="old",
            minimum=0,
            maximum=1,
            default=0.3,
            description="Share of the other jumps that restore the placements left "
            "longest ago; the rest are random.",
        ),
    ),
    complexity_time="O(n^2) an iteration",
    complexity_space="O(n^2)",
    category="local search",
    best_for=("structured instances", "long runs without a population"),
    reference="Benlic & Hao 2013, doi:10.1016/j.amc.2012.10.106",
    begin=_begin,
)
