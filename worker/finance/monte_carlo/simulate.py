"""Draw paths in chunks until there are enough of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from worker.finance.exceptions import FinanceError
from worker.finance.monte_carlo.copula import Copula
from worker.finance.monte_carlo.distributions import Vector
from worker.finance.monte_carlo.moments import Moments, merged, moments_of
from worker.finance.monte_carlo.path_rates import path_rates
from worker.finance.monte_carlo.project import Project, present_values

MAX_PATHS = 10_000_000
MIN_PATHS = 1_000
DRAWS_A_CHUNK = 1 << 16
"""Numbers drawn for a chunk: a few milliseconds, or 50 where quantiles are dear."""
_LEAST_CHUNK, _LARGEST_CHUNK = 128, 1 << 14

Termination = Literal["paths", "standard_error", "stopped"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many paths, and when fewer are enough."""

    paths: int
    seed: int
    copula: Copula | None = None
    is_antithetic: bool = False
    with_rates: bool = False
    target_error: float | None = None
    """Of the mean, in currency."""
    target_relative_error: float | None = None
    """Of the mean, by its size."""


@dataclass(frozen=True)
class Simulation:
    """All paths' values and what was summed up meanwhile."""

    values: Vector
    """Net present values in order of paths; 8 bytes each, all kept."""
    moments: Moments
    independent: Moments
    """Of what is independent: the values, or means of antithetic pairs."""
    termination: Termination
    rates: Vector = field(default_factory=lambda: np.empty(0))
    """Internal rates of those paths that have just one."""
    without_rate: int = 0
    with_several_rates: int = 0

    @property
    def standard_error(self) -> float:
        """Of the mean."""
        return self.independent.standard_error


def simulate(
    project: Project,
    plan: Plan,
    on_progress: Callable[[float], bool] | None = None,
) -> Simulation:
    r"""Value a project on many paths.

    Parameters
    ----------
    project
        What is drawn and what follows.
    plan
        How many paths; `paths` from 1,000 to 10 million, an even number if antithetic.
    on_progress
        Called after each chunk with the share that is done; False ends it there.

    Returns
    -------
    Simulation
        Equal seeds and plans give equal results: chunk :math:`k` draws from the
        :math:`k`-th spawn of the seed, and chunks are merged in order.

    Raises
    ------
    FinanceError
        A path cannot be valued; see `present_values`.

    Notes
    -----
    :math:`O(n)` a path for :math:`n` periods. Memory: 8 bytes a path (80 MB for ten
    million), twice that with rates, so that quantiles are exact and not sketched. The
    sample size of an early end depends on the sample; the interval's coverage is right
    in the limit (Chow and Robbins 1965), which the thousand paths before the first look
    are for.

    References
    ----------
    .. [1] P. Glasserman, *Monte Carlo Methods in Financial Engineering*, Springer
       2003, sections 1.1 and 4.2.
    .. [2] Y. S. Chow, H. Robbins, "On the asymptotic theory of fixed-width sequential
       confidence intervals for the mean", *Annals of Mathematical Statistics* 36
       (1965) 457-462, doi:10.1214/aoms/1177700156.
    """
    is_whole = plan.paths % 2 == 0 or not plan.is_antithetic
    if not MIN_PATHS <= plan.paths <= MAX_PATHS or not is_whole:
        raise FinanceError(
            f"there cannot be {plan.paths} paths",
            suggestion=f"Ask for {MIN_PATHS} to {MAX_PATHS}, for pairs an even number.",
            path=("paths",),
        )
    chunk = chunk_size(project)
    values, rates = np.empty(plan.paths), []
    moments = independent = Moments()
    done = without = several = spawned = 0
    termination: Termination = "paths"
    while done < plan.paths:
        size = min(chunk, plan.paths - done)
        rng = np.random.default_rng(
            np.random.SeedSequence(plan.seed, spawn_key=(spawned,))
        )
        spawned += 1
        with np.errstate(all="ignore"):  # what overflows is refused by its value
            flows, rate = _draw(project, plan, rng, size)
        part = values[done : done + size]
        part[:] = present_values(flows, rate)
        moments = merged(moments, moments_of(part))
        if plan.is_antithetic:
            pairs = (part[: size // 2] + part[size // 2 :]) / 2
            independent = merged(independent, moments_of(pairs))
        else:
            independent = moments
        if plan.with_rates:
            found, none, many = path_rates(flows, size)
            rates.append(found)
            without, several = without + none, several + many
        done += size
        if done >= MIN_PATHS and _is_precise(plan, independent):
            termination = "standard_error"
            break
        goes_on = on_progress is None or on_progress(done / plan.paths)
        if not goes_on and done < plan.paths:
            termination = "stopped"
            break
    return Simulation(
        values=values[:done],
        moments=moments,
        independent=independent,
        termination=termination,
        rates=np.concatenate(rates) if rates else np.empty(0),
        without_rate=without,
        with_several_rates=several,
    )


def chunk_size(project: Project) -> int:
    """Return how many paths a chunk has: by the project alone, and even."""
    numbers = max(len(project.quantities), project.length)
    return min(max(DRAWS_A_CHUNK // numbers, _LEAST_CHUNK), _LARGEST_CHUNK) // 2 * 2


def _is_precise(plan: Plan, independent: Moments) -> bool:
    error = independent.standard_error
    if plan.target_error is not None and error <= plan.target_error:
        return True
    return (
        plan.target_relative_error is not None
        and error <= plan.target_relative_error * abs(independent.mean)
    )


def _draw(
    project: Project, plan: Plan, rng: np.random.Generator, size: int
) -> tuple[list[float | Vector], float | Vector]:
    half = size // 2 if plan.is_antithetic else size
    normals: Mapping[str, Vector] = {}
    if plan.copula is not None:
        rows = plan.copula.normals(rng, half)
        normals = dict(zip(plan.copula.names, rows, strict=True))
    drawn: dict[str, float | Vector] = {}
    for name, quantity in project.quantities.items():
        if isinstance(quantity, float | int):
            drawn[name] = float(quantity)
        elif name in normals or plan.is_antithetic:
            normal = normals.get(name)
            if normal is None:
                normal = rng.standard_normal(half)
            if plan.is_antithetic:
                normal = np.concatenate((normal, -normal))
            drawn[name] = quantity.of_normal(normal)
        else:
            drawn[name] = quantity.draw(rng, size)
    return project.flows(drawn), drawn["discount_rate"]
