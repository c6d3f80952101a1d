import numpy as np
import pytest
from scipy.optimize import quadratic_assignment

from tests.unit.worker.qap.kinds import random_instance
from worker.qap import Instance, certify
from worker.qap.benchmark.peers import PEERS, Peer, restart, supports
from worker.qap.benchmark.plan import Budget
from worker.qap.qaplib import load

INSTANCE = random_instance("asymmetric", 7, seed=4)


class Ticks:
    """A clock that has advanced by a second at every look."""

    def __init__(self) -> None:
        self.now_s = -1.0

    def __call__(self) -> float:
        self.now_s += 1.0
        return self.now_s


def counting(permutations: list[list[int]]) -> Peer:
    return Peer(
        name="counting",
        title="counting",
        attempt=lambda instance, rng, number: np.array(permutations[number]),
    )


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_a_peer_returns_a_permutation_with_its_objective(peer: Peer) -> None:
    done = restart(
        peer,
        INSTANCE,
        np.random.default_rng(1),
        budget=Budget(iterations=3),
        target=None,
        clock=Ticks(),
    )
    assert sorted(done.permutation.tolist()) == list(range(7))
    exact = certify(INSTANCE.flow, INSTANCE.distance, None, done.permutation)
    assert done.objective == exact
    assert done.count == 3


@pytest.mark.parametrize("peer", PEERS.values(), ids=PEERS)
def test_a_peer_answers_the_same_to_the_same_seed(peer: Peer) -> None:
    first, second = (
        restart(
            peer,
            INSTANCE,
            np.random.default_rng(7),
            budget=Budget(iterations=4),
            target=None,
            clock=Ticks(),
        )
        for _ in range(2)
    )
    assert first.trajectory == second.trajectory


def test_faq_begins_as_scipy_does_by_default() -> None:
    instance = load("nug12")
    found = PEERS["scipy:faq"].attempt(instance, np.random.default_rng(1), 0)
    theirs = quadratic_assignment(
        instance.flow,
        instance.distance,
        method="faq",
        options={"rng": np.random.default_rng(2)},
    )
    assert certify(instance.flow, instance.distance, None, found) == theirs.fun


def test_the_best_of_all_restarts_is_kept() -> None:
    orders = [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]]
    instance = random_instance("asymmetric", 3, seed=2)
    values = [certify(instance.flow, instance.distance, None, p) for p in orders]
    done = restart(
        counting(orders),
        instance,
        np.random.default_rng(1),
        budget=Budget(iterations=4),
        target=None,
        clock=Ticks(),
    )
    assert done.objective == min(values)
    expected = [
        (i + 1.0, v) for i, v in enumerate(values) if v < min([*values[:i], 10**9])
    ]
    assert list(done.trajectory) == expected


def test_a_restart_that_began_in_time_is_finished() -> None:
    done = restart(
        counting([[0, 1]] * 9),
        Instance([[0, 1], [1, 0]], [[0, 1], [1, 0]]),
        np.random.default_rng(1),
        budget=Budget(seconds=2.5),
        target=None,
        clock=Ticks(),
    )
    assert (done.count, done.elapsed_s, done.longest_s) == (3, 3.0, 1.0)


def test_a_target_reached_ends_it() -> None:
    done = restart(
        counting([[0, 1]] * 9),
        Instance([[0, 1], [1, 0]], [[0, 1], [1, 0]]),
        np.random.default_rng(1),
        budget=Budget(iterations=9),
        target=2,
        clock=Ticks(),
    )
    assert (done.count, done.objective) == (1, 2)


def test_linear_costs_are_beyond_peers() -> None:
    assert supports(random_instance("linear", 4, seed=1)) is not None
    assert supports(INSTANCE) is None
