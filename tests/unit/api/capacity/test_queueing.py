import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.capacity.queueing import (
    erlang_b,
    erlang_c,
    mean_wait,
    servers_for,
    utilisation,
    wait_quantile,
)
from tests.benchmarks.capacity import simulation

JOBS = 200_000


def exact_erlang_b(servers: int, offered: Fraction) -> Fraction:
    terms = [offered**k / math.factorial(k) for k in range(servers + 1)]
    return terms[-1] / sum(terms)


@pytest.mark.parametrize("servers", [1, 2, 7, 40])
@pytest.mark.parametrize("offered", [Fraction(1, 3), Fraction(5), Fraction(31)])
def test_erlang_b_is_the_sum_of_its_definition(servers: int, offered: Fraction) -> None:
    exact = exact_erlang_b(servers, offered)
    assert erlang_b(servers, float(offered)) == pytest.approx(float(exact), rel=1e-12)


def test_erlang_c_is_what_the_definition_says() -> None:
    blocked = exact_erlang_b(10, Fraction(8))
    exact = blocked / (1 - Fraction(8, 10) * (1 - blocked))
    assert erlang_c(10, 8.0) == pytest.approx(float(exact), rel=1e-12)
    assert erlang_c(3, 3.0) == 1.0


def test_a_very_large_fleet_does_not_overflow() -> None:
    assert 0.0 < erlang_c(100_000, 99_900.0) < 1.0


@pytest.mark.parametrize("load", [0.1, 0.5, 0.95])
def test_one_server_waits_as_pollaczek_and_khinchine_say(load: float) -> None:
    for cv in (0.0, 1.0, 2.5):
        wanted = load * (1 + cv**2) / (2 * (1 - load))
        assert mean_wait(1, load, 1.0, service_cv=cv) == pytest.approx(wanted)


def test_more_than_can_be_served_waits_for_ever() -> None:
    assert mean_wait(4, 2.0, 2.0) == math.inf
    assert wait_quantile(0.95, 4, 2.1, 2.0) == math.inf


def test_the_quantile_of_one_server_is_that_of_its_law() -> None:
    # M/M/1: P(W > t) = load exp(-(1 - load) t).
    t = wait_quantile(0.95, 1, 0.8, 1.0)
    assert 0.8 * math.exp(-0.2 * t) == pytest.approx(0.05)


@given(
    rate=st.floats(0.01, 500),
    service=st.floats(0.01, 20),
    longest=st.floats(0.01, 60),
    cv=st.floats(0, 4),
)
def test_the_fleet_suffices_and_one_less_does_not(
    rate: float, service: float, longest: float, cv: float
) -> None:
    servers = servers_for(
        rate, service, share=0.95, longest_wait=longest, service_cv=cv
    )
    wait = wait_quantile(0.95, servers, rate, service, service_cv=cv)
    assert wait <= longest
    if servers > 1:
        less = wait_quantile(0.95, servers - 1, rate, service, service_cv=cv)
        assert less > longest


def test_a_fleet_beyond_reason_is_refused() -> None:
    with pytest.raises(ValueError, match="more than"):
        servers_for(1e9, 10.0, share=0.95, longest_wait=1.0)


def test_utilisation_is_demand_times_rate() -> None:
    assert utilisation(12.0, 0.25, 4) == 0.75


@pytest.mark.parametrize(("servers", "load"), [(1, 0.6), (4, 0.8), (24, 0.8)])
def test_simulated_exponential_servers_wait_as_the_formula_says(
    servers: int, load: float
) -> None:
    rng = np.random.default_rng(20261123)
    arrivals = simulation.poisson(load * servers, JOBS, rng)
    services = simulation.gamma(1.0, 1.0, JOBS, rng)
    found = simulation.waits(arrivals.tolist(), services.tolist(), servers)
    exact = mean_wait(servers, load * servers, 1.0)
    simulated = simulation.by_batches(found)
    # Three times the half interval: this seed's, but no luck is needed.
    assert abs(simulated.value - exact) <= 1.5 * simulated.half
    assert simulated.half < 0.15 * exact
    p95 = simulation.by_batches(found, 0.95)
    assert abs(p95.value - wait_quantile(0.95, servers, load * servers, 1.0)) <= (
        1.5 * p95.half
    )


def test_littles_law_holds_in_the_simulation() -> None:
    rng = np.random.default_rng(7)
    arrivals = simulation.poisson(3.6, JOBS, rng)
    services = simulation.gamma(1.0, 1.5, JOBS, rng)
    found = simulation.waits(arrivals.tolist(), services.tolist(), 4)
    # How many wait, looked at by others at moments of their own.
    looks = np.sort(rng.uniform(0, arrivals[-1], JOBS))
    come = np.searchsorted(arrivals, looks)
    begun = np.searchsorted(np.sort(arrivals + found), looks)
    assert np.mean(come - begun) == pytest.approx(3.6 * np.mean(found), rel=0.03)
