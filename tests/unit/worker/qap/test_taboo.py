import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.worker.qap.kinds import KINDS, certified, instances, random_instance
from worker.qap import Instance, swap_delta
from worker.qap.neighbourhood import neighbourhood
from worker.qap.qaplib import load
from worker.qap.taboo import Taboo


def begin(instance: Instance, seed: int = 0, **parameters: float) -> Taboo:
    rng = np.random.default_rng(seed)
    values = {"tenure": 8 * instance.order, "aspiration": 10 * instance.order**2}
    search = Taboo(
        instance,
        neighbourhood(instance),
        rng,
        rng.permutation(instance.order),
        **(values | parameters),
    )
    assert search.advance(1) == 0
    return search


def deltas_after_update(search: Taboo) -> np.ndarray:
    """Return the deltas with the update that the next scan would add."""
    x, y, x2, y2 = search.state.lines
    deltas = search.state.deltas.copy()
    width = deltas.shape[1]
    for d in range(len(deltas)):
        there = slice(d + 1, d + 1 + width)
        deltas[d] += (x[:width] - x[there]) * (y[there] - y[:width])
        deltas[d] += (x2[:width] - x2[there]) * (y2[there] - y2[:width])
    return deltas * search.state.scale


@settings(max_examples=60)
@given(instances(max_order=19), st.integers(0, 99), st.integers(0, 70))
def test_after_any_number_of_moves_every_delta_is_right(instance, seed, steps) -> None:
    search = begin(instance, seed)
    search.advance(steps)
    found, n, p = deltas_after_update(search), instance.order, search.state.p
    for d in range(n // 2):
        for i in range(n):
            wanted = swap_delta(instance, p, i, (i + d + 1) % n)
            tolerance = 0 if instance.is_exact else 1e-10 * instance.magnitude
            assert found[d, i] == pytest.approx(wanted, abs=tolerance)
    assert search.state.values[0] == pytest.approx(certified(instance, p), rel=1e-12)


@settings(max_examples=40)
@given(instances(max_order=12), st.integers(0, 99), st.integers(0, 300))
def test_every_swap_is_free_from_when_one_placement_is(instance, seed, steps) -> None:
    search = begin(instance, seed)
    search.advance(steps)
    n, p, kinds = instance.order, search.state.p, search.state.kinds
    np.testing.assert_array_equal(search.state.taboo_at, search.state.taboo.T)
    for d in range(n // 2):
        for i in range(n):
            j = (i + d + 1) % n
            wanted = min(search.state.taboo[i, p[j]], search.state.taboo[j, p[i]])
            if kinds[i] == kinds[j]:
                wanted = 2**31 - 1
            assert search.state.free[d, i] == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_the_incumbent_has_the_objective_it_claims(kind: str) -> None:
    instance = random_instance(kind, 17, seed=5)
    search = begin(instance)
    done = 0
    while done < 3000:
        done += search.advance(3000 - done)
    tolerance = 0 if instance.is_exact else 1e-12 * instance.magnitude
    wanted = certified(instance, search.permutation)
    assert search.objective == pytest.approx(wanted, abs=tolerance)


@pytest.mark.parametrize(
    ("name", "best"), [("nug30", 6124), ("chr12a", 9552), ("bur26a", 5426670)]
)
def test_published_optima_are_reached(name: str, best: int) -> None:
    search = begin(load(name), seed=1)
    search.advance(300_000)
    assert search.objective == best


def test_a_placement_not_seen_for_long_is_forced() -> None:
    instance = load("nug12")
    search = begin(instance, aspiration=1000)
    order = np.arange(12)
    for _ in range(40):
        search.advance(500)
        ages = search.state.taboo.copy()
        ages[order, search.state.p] = search.state.counters[0]
        # At most one is forced an iteration, after waiting its turn.
        assert ages.min() >= search.state.counters[0] - 1000 - 144 or (
            search.state.counters[0] < 2000
        )


def test_moving_the_clock_back_changes_nothing() -> None:
    plain, rewound = begin(load("nug20")), begin(load("nug20"))
    for search in (plain, rewound):
        search.advance(1000)
    state = rewound.state
    shift = 2**30 - 500 - int(state.counters[0])
    state.counters[:2] += shift
    for dates in (state.taboo, state.taboo_at, state.free):
        dates += shift
    for search in (plain, rewound):
        search.advance(1000)
        search.advance(8000)
    assert state.counters[0] < 2**30
    np.testing.assert_array_equal(plain.state.p, state.p)
    np.testing.assert_array_equal(plain.state.best, state.best)


def test_where_all_facilities_are_alike_nothing_moves() -> None:
    search = begin(random_instance("constant", 6, seed=1))
    before = search.state.p.copy()
    assert search.advance(100) == 100
    np.testing.assert_array_equal(search.state.p, before)


def test_improvements_beyond_the_room_keep_the_last(monkeypatch) -> None:
    monkeypatch.setattr("worker.qap.walk._TRACE_SIZE", 5)
    search = begin(load("nug30"))
    search.advance(2000)
    trace = search.improvements
    assert len(trace.iterations) == 5
    assert trace.objectives[-1] == search.objective
    assert trace.iterations[0] == 0


@settings(max_examples=30)
@given(instances(max_order=12), st.integers(0, 99))
def test_a_restart_forgets_everything_but_the_draws(instance, seed) -> None:
    used, fresh = begin(instance, seed), begin(instance, seed)
    used.advance(150)
    permutation = np.random.default_rng(seed + 1).permutation(instance.order)
    used.state.random[0] = fresh.state.random[0] = 5
    for search in (used, fresh):
        search.restart(permutation)
        assert search.preparing
        while search.advance(40) == 0:
            pass
    np.testing.assert_array_equal(used.state.p, fresh.state.p)
    np.testing.assert_array_equal(used.permutation, fresh.permutation)
    np.testing.assert_array_equal(
        used.improvements.objectives, fresh.improvements.objectives
    )
    assert used.last_improvement == fresh.improvements.iterations[-1]
