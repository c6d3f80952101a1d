"""Robust taboo search."""

import numpy as np

from worker.qap.arrays import IntVector
from worker.qap.instance import Instance
from worker.qap.methods.method import Method, Parameter, Parameters
from worker.qap.neighbourhood import neighbourhood
from worker.qap.taboo import Taboo


def _begin(
    instance: Instance,
    rng: np.random.Generator,
    parameters: Parameters,
    permutation: IntVector,
) -> Taboo:
    order = instance.order
    return Taboo(
        instance,
        neighbourhood(instance),
        rng,
        permutation,
        tenure=parameters["tenure"] * order,
        aspiration=int(parameters["aspiration"] * order**2),
    )


METHOD = Method(
    name="tabu_search",
    title="Robust taboo search",
    summary="Makes the best swap that was not undone lately, with random tenures.",
    kind="heuristic",
    version="1",
    parameters=(
        Parameter(
            name="tenure",
            minimum=0.1,
            maximum=100,
            default=8,
            description="Longest tenure, as a multiple of n; more leads farther away.",
        ),
        Parameter(
            name="aspiration",
            minimum=1,
            maximum=1000,
            default=10,
            description="Iterations, as a multiple of n squared, after which a "
            "placement not seen is forced; more diversifies less.",
        ),
    ),
    complexity_time="O(n^2) an iteration",
    complexity_space="O(n^2)",
    category="local search",
    best_for=("any instance of up to some hundred facilities", "short times"),
    reference="Taillard 1991, doi:10.1016/S0167-8191(05)80147-4",
    begin=_begin,
)
