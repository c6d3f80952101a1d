import numpy as np
import pytest

from worker.qap import METHODS, IterationLimit, TargetObjective, solve
from worker.qap.qaplib import best_known, load

NUG12 = load("nug12")


@pytest.mark.parametrize("name", ["nug12", "scr12", "chr12b", "esc16a"])
def test_small_published_optima_are_reached(name: str) -> None:
    target = best_known(name).value
    rules = [TargetObjective(target), IterationLimit(8_000)]
    rng = np.random.default_rng(1)
    assert solve(load(name), "fft_laplace", stop=rules, rng=rng).objective == target


def test_it_is_near_the_optimum_of_nug30_after_a_thousand_steps() -> None:
    rng = np.random.default_rng(3)
    result = solve(
        load("nug30"), "fft_laplace", stop=IterationLimit(1000), rng=rng, bounds=()
    )
    assert result.objective <= 1.02 * best_known("nug30").value


@pytest.mark.parametrize(
    "parameters",
    [
        {"steps": 40},
        {"temperature": 2.0},
        {"mixing": 0.1},
        {"correlation": 0},
        {"smoothing": 5.0},
    ],
)
def test_the_parameters_steer_the_search(parameters) -> None:
    def path(given):
        found = []
        search = METHODS["fft_laplace"].start(NUG12, np.random.default_rng(1), given)
        while search.iterations < 120:
            search.advance(1)
            found.append(search.flow.matrix.tolist())
        return found

    assert path(parameters) != path({})
