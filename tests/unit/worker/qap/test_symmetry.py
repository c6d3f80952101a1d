from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import certified
from worker.qap import Instance
from worker.qap.qaplib import load
from worker.qap.symmetry import facility_symmetry, location_symmetry


def orbits_by_trying(matrix: np.ndarray, linear: np.ndarray) -> list[set[int]]:
    order = len(matrix)
    found = {i: {i} for i in range(order)}
    for images in permutations(range(order)):
        p = np.array(images)
        if (matrix[np.ix_(p, p)] == matrix).all() and (linear[p] == linear).all():
            for i in range(order):
                found[i].add(images[i])
    return sorted({frozenset(orbit) for orbit in found.values()}, key=min)


@settings(max_examples=80)
@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.booleans())
def test_orbits_are_those_that_trying_every_permutation_finds(
    seed, order, has_linear
) -> None:
    rng = np.random.default_rng(seed)
    flow, distance = rng.integers(0, 2, (2, order, order))
    linear = rng.integers(0, 2, (order, order)) if has_linear else None
    instance = Instance(flow, distance, linear)
    none = np.zeros((order, 0))
    for symmetry, matrix, tied in (
        (facility_symmetry(instance), flow, none if linear is None else linear),
        (location_symmetry(instance), distance, none if linear is None else linear.T),
    ):
        _, number = symmetry.orbits(np.arange(order))
        found = [set(np.flatnonzero(number == o)) for o in range(number.max() + 1)]
        assert sorted(found, key=min) == orbits_by_trying(matrix, tied)


@pytest.mark.parametrize(
    ("name", "maps"), [("nug12", 4), ("nug16b", 8), ("esc16b", 384), ("esc32e", 3840)]
)
def test_grids_and_cubes_have_as_many_symmetries_as_known(name: str, maps: int) -> None:
    instance = load(name)
    found = [facility_symmetry(instance), location_symmetry(instance)]
    assert max(len(symmetry.maps) for symmetry in found) == maps


def test_a_map_changes_no_objective() -> None:
    instance = load("esc16b")
    p = np.random.default_rng(1).permutation(16)
    for image in location_symmetry(instance).maps[::50]:
        assert certified(instance, image[p]) == certified(instance, p)


def test_fixing_a_place_keeps_the_maps_that_leave_it() -> None:
    symmetry = location_symmetry(load("esc16b")).fixing(3)
    assert len(symmetry.maps) == 24
    assert (symmetry.maps[:, 3] == 3).all()


def test_too_many_maps_are_cut_down_to_a_group() -> None:
    # Eight pairs: places of one pair are a kind, and the pairs change places freely.
    blocks = 1 - np.kron(np.eye(8, dtype=int), np.ones((2, 2), dtype=int))
    symmetry = location_symmetry(Instance(np.eye(16), blocks + np.eye(16) * 3))
    maps = {tuple(image) for image in symmetry.maps.tolist()}
    assert len(maps) in {1, 2, 6, 24, 120, 720}
    one, other = symmetry.maps[len(maps) // 2], symmetry.maps[-1]
    assert tuple(one[other].tolist()) in maps
