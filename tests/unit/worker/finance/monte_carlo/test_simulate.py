import numpy as np
import pytest

from worker.finance.exceptions import FinanceError
from worker.finance.monte_carlo.copula import gaussian_copula
from worker.finance.monte_carlo.distributions import Normal, Pert, Triangular, Uniform
from worker.finance.monte_carlo.project import DriverProject, PeriodProject
from worker.finance.monte_carlo.simulate import Plan, chunk_size, simulate

PERIODS = PeriodProject(1000.0, [Normal(300, 60)] * 5, 0.1)
FACTORS = 1.1 ** -np.arange(1, 6)
MEAN = -1000 + 300 * FACTORS.sum()
DEVIATION = 60 * (FACTORS**2).sum() ** 0.5
DRIVERS = DriverProject(
    5,
    20e3,
    Triangular(800, 1000, 1300),
    Normal(50, 5),
    Uniform(30, 40),
    2000.0,
    Pert(-0.05, 0.03, 0.1),
    0.25,
    0.0,
    Uniform(0.05, 0.12),
)
COPULA = gaussian_copula(("volume", "price"), np.array([[1, -0.4], [-0.4, 1]]))


def test_a_sum_of_normals_is_the_normal_it_should_be() -> None:
    found = simulate(PERIODS, Plan(paths=50_000, seed=1))
    assert found.standard_error == pytest.approx(DEVIATION / 50_000**0.5, rel=0.02)
    assert abs(found.moments.mean - MEAN) < 4 * found.standard_error
    assert found.moments.deviation == pytest.approx(DEVIATION, rel=0.02)
    assert found.moments.skewness == pytest.approx(0, abs=0.05)
    assert found.moments.excess_kurtosis == pytest.approx(0, abs=0.1)


def test_equal_seeds_give_equal_paths_whatever_comes_after() -> None:
    short = simulate(DRIVERS, Plan(paths=10_000, seed=5, copula=COPULA))
    longer = simulate(DRIVERS, Plan(paths=30_000, seed=5, copula=COPULA))
    whole = 10_000 // chunk_size(DRIVERS) * chunk_size(DRIVERS)
    assert (short.values[:whole] == longer.values[:whole]).all()
    again = simulate(DRIVERS, Plan(paths=10_000, seed=5, copula=COPULA))
    assert (again.values == short.values).all()
    assert again.moments == short.moments
    other = simulate(DRIVERS, Plan(paths=10_000, seed=6, copula=COPULA))
    assert other.moments.mean != short.moments.mean


def test_moments_are_those_of_the_paths() -> None:
    found = simulate(DRIVERS, Plan(paths=20_001, seed=2))
    assert len(found.values) == found.moments.count == 20_001
    assert found.moments.mean == pytest.approx(found.values.mean())
    assert found.moments.variance == pytest.approx(found.values.var(ddof=1))


def test_the_copula_does_not_change_what_is_drawn_alone() -> None:
    free = simulate(DRIVERS, Plan(paths=100_000, seed=3))
    bound = simulate(DRIVERS, Plan(paths=100_000, seed=3, copula=COPULA))
    assert bound.moments.deviation < 0.95 * free.moments.deviation


def test_pairs_keep_the_mean_and_tell_their_error_truly() -> None:
    plan = Plan(paths=4_000, seed=0, is_antithetic=True)
    runs = [
        simulate(DRIVERS, Plan(paths=plan.paths, seed=seed, is_antithetic=True))
        for seed in range(120)
    ]
    means = np.array([run.moments.mean for run in runs])
    errors = np.array([run.standard_error for run in runs])
    free = simulate(DRIVERS, Plan(paths=100_000, seed=1))
    assert abs(means.mean() - free.moments.mean) < 4 * free.standard_error
    assert errors.mean() == pytest.approx(means.std(ddof=1), rel=0.25)
    assert errors.mean() < 0.5 * free.moments.deviation / plan.paths**0.5


def test_it_ends_once_the_error_is_small_enough() -> None:
    found = simulate(PERIODS, Plan(paths=1_000_000, seed=1, target_error=1.0))
    assert found.termination == "standard_error"
    assert found.standard_error <= 1.0
    assert 1_000 <= len(found.values) < 30_000
    relative = Plan(paths=1_000_000, seed=1, target_relative_error=0.01)
    found = simulate(PERIODS, relative)
    assert found.standard_error <= 0.01 * abs(found.moments.mean)


def test_told_to_stop_it_gives_what_there_is() -> None:
    told: list[float] = []

    def on_progress(fraction: float) -> bool:
        told.append(fraction)
        return fraction < 0.2

    found = simulate(PERIODS, Plan(paths=200_000, seed=1), on_progress)
    assert found.termination == "stopped"
    assert len(found.values) == round(told[-1] * 200_000)
    assert 0.2 <= told[-1] < 0.3
    assert told == sorted(told)


def test_rates_come_with_the_paths() -> None:
    found = simulate(PERIODS, Plan(paths=5_000, seed=1, with_rates=True))
    total = len(found.rates) + found.without_rate + found.with_several_rates
    assert total == 5_000
    # With one change of sign a value above 0 is a rate above the discount rate.
    assert (found.rates > 0.1).mean() == pytest.approx(
        (found.values > 0).mean(), abs=1e-3
    )


@pytest.mark.parametrize("paths", [0, 999, 10_000_001])
def test_too_few_or_too_many_paths_are_refused(paths: int) -> None:
    with pytest.raises(FinanceError):
        simulate(PERIODS, Plan(paths=paths, seed=1))


def test_half_a_pair_is_refused() -> None:
    with pytest.raises(FinanceError, match="1001"):
        simulate(PERIODS, Plan(paths=1001, seed=1, is_antithetic=True))
