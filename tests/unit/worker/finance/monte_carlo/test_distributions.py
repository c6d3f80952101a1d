import numpy as np
import pytest
from scipy import stats

from worker.finance.monte_carlo.distributions import (
    Discrete,
    Distribution,
    Lognormal,
    Normal,
    Pert,
    Triangular,
    Uniform,
)

PERT_SHAPE = (1 + 4 * 2 / 6, 1 + 4 * 4 / 6)
KNOWN = {
    "normal": (Normal(3, 2), stats.norm(3, 2)),
    "lognormal": (
        Lognormal(3, 2),
        stats.lognorm(np.log1p(4 / 9) ** 0.5, scale=3 * np.exp(-np.log1p(4 / 9) / 2)),
    ),
    "uniform": (Uniform(-1, 4), stats.uniform(-1, 5)),
    "triangular": (Triangular(1, 2, 6), stats.triang(0.2, 1, 5)),
    "left": (Triangular(1, 1, 6), stats.triang(0.0, 1, 5)),
    "right": (Triangular(1, 6, 6), stats.triang(1.0, 1, 5)),
    "pert": (Pert(1, 3, 7), stats.beta(*PERT_SHAPE, 1, 6)),
}
EACH = pytest.mark.parametrize(("ours", "known"), KNOWN.values(), ids=KNOWN)


@EACH
def test_quantiles_are_those_of_the_distribution(
    ours: Distribution, known: stats.distributions.rv_frozen
) -> None:
    normal = np.linspace(-4, 4, 41)
    expected = known.ppf(stats.norm.cdf(normal))
    assert ours.of_normal(normal) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@EACH
def test_direct_draws_have_the_distribution(
    ours: Distribution, known: stats.distributions.rv_frozen
) -> None:
    drawn = ours.draw(np.random.default_rng(5), 4000)
    assert stats.kstest(drawn, known.cdf).pvalue > 0.001


def test_discrete_values_come_as_often_as_told() -> None:
    coin = Discrete((5.0, -1.0, 2.0), (0.5, 0.2, 0.3))
    shares = stats.norm.ppf([0.0, 0.1, 0.199, 0.201, 0.499, 0.501, 0.9, 1.0])
    assert coin.of_normal(shares).tolist() == [-1, -1, -1, 2, 2, 5, 5, 5]
    drawn = coin.draw(np.random.default_rng(1), 100_000)
    assert (drawn == 5).mean() == pytest.approx(0.5, abs=0.01)
    assert (drawn == -1).mean() == pytest.approx(0.2, abs=0.01)
