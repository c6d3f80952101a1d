import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from tests.unit.worker.qap.kinds import random_instance
from tests.unit.worker.qap.test_birkhoff import returned
from worker.qap import Instance
from worker.qap.gradient_flow import GradientFlow
from worker.qap.neighbourhood import neighbourhood

SYMMETRIC = ("symmetric", "asymmetric linear", "negative", "float asymmetric linear")


def free_energy(flow: GradientFlow, temperature: float) -> float:
    matrix = flow.matrix
    entropy = -(matrix * np.log(matrix)).sum()
    return flow.relaxation.value(matrix) - temperature * entropy


@pytest.mark.parametrize("kind", SYMMETRIC)
@pytest.mark.parametrize("share", [0.3, 1.0])
def test_short_steps_lower_the_free_energy(kind: str, share: float) -> None:
    flow = GradientFlow(neighbourhood(random_instance(kind, 10, seed=1)))
    temperature = share * flow.relaxation.temperature
    flow.start(np.random.default_rng(2).normal(size=(10, 10)))
    energies = [free_energy(flow, temperature)]
    for _ in range(60):
        list(flow.step(temperature=temperature, length=0.05))
        energies.append(free_energy(flow, temperature))
    # Balancing is approximate: it may cost a little.
    assert max(np.diff(energies)) < 1e-3 * (energies[0] - energies[-1])
    assert energies[-1] < energies[0]


def test_without_pairs_the_flow_comes_to_rest_at_the_best_assignment() -> None:
    costs = np.random.default_rng(2).integers(0, 99, (8, 8))
    flow = GradientFlow(neighbourhood(Instance.from_costs(costs)))
    temperature = 0.3 * flow.relaxation.temperature
    for _ in range(200):
        list(flow.step(temperature=temperature, length=1.0))
    np.testing.assert_allclose(flow.matrix.sum(axis=1), 1, atol=1e-3)
    wanted = linear_sum_assignment(costs)[1]
    np.testing.assert_array_equal(returned(flow.rounded()), wanted)


def test_above_the_critical_temperature_it_returns_to_the_barycentre() -> None:
    rng = np.random.default_rng(3)
    # Equal sums of rows: the barycentre is at rest.
    place = np.arange(12)
    ring = np.minimum(
        *(np.mod(s * np.subtract.outer(place, place), 12) for s in (1, -1))
    )
    flow = GradientFlow(neighbourhood(Instance(ring, ring)))
    flow.start(0.1 * rng.normal(size=(12, 12)))
    for _ in range(200):
        list(flow.step(temperature=1.1 * flow.relaxation.temperature, length=1.0))
    np.testing.assert_allclose(flow.matrix, 1 / 12, atol=1e-6)


def test_smoothing_makes_neighbours_alike() -> None:
    ready = neighbourhood(random_instance("symmetric", 20, seed=1))
    roughness = []
    for smoothing in (0.0, 1.0, 100.0):
        flow = GradientFlow(ready)
        flow.start(np.random.default_rng(1).normal(size=(20, 20)))
        list(flow.step(temperature=1e9, length=1.0, smoothing=smoothing))
        roughness.append((np.diff(flow.potential, axis=0) ** 2).sum())
    assert roughness[0] > 2 * roughness[1] > 4 * roughness[2]
