"""What is to be run, before anything runs."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from typing_extensions import override

from worker.qap.exceptions import InvalidParameterError, UnknownInstanceError
from worker.qap.qaplib import names

ClockName = Literal["cpu", "wall"]
Key = tuple[str, str, int, str, str, str, str]

_BY_SUFFIX = {"lipa", "tai"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How long a run may last: in iterations, on any machine alike, or in seconds.

    Parameters
    ----------
    iterations
        At least 1; for a peer, how many restarts. None where `seconds` is given.
    seconds
        Above 0, by `clock`. None where `iterations` is given.
    clock
        Whether seconds are those of the process on a core (``"cpu"``), which others
        on the machine hardly change, or those of the wall.

    Raises
    ------
    InvalidParameterError
        Not exactly one of both is given, or it is too small.

    Examples
    --------
    >>> str(Budget(seconds=10)), str(Budget(iterations=5000))
    ('10 s cpu', '5000 iterations')
    """

    iterations: int | None = None
    seconds: float | None = None
    clock: ClockName = "cpu"

    def __post_init__(self) -> None:
        given = [b for b in (self.iterations, self.seconds) if b is not None]
        if len(given) != 1 or not given[0] > 0:
            raise InvalidParameterError(
                f"A budget of {self.iterations} iterations and {self.seconds} seconds.",
                pointer=("budget",),
                suggestion="Give one of both, above 0.",
            )

    @override
    def __str__(self) -> str:
        if self.iterations is not None:
            return f"{self.iterations} iterations"
        return f"{self.seconds:g} s {self.clock}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """One call of a method with one seed.

    Parameters
    ----------
    instance
        A name of the shipped library.
    method
        A name in `METHODS` or `PEERS`.
    seed
        Of the run's generator.
    budget
        When it ends at the latest.
    parameters
        Name and value of those that differ from the method's defaults, by name.
    target_gap
        The gap to the best known at which the run has reached its target.
    stops_at_target
        Whether it ends there. Otherwise it goes on to its limit, or its proof.
    bounds
        Names in `BOUNDS`: computed beside the search, in its time.
    is_patient
        Whether peers are asked too of which one restart takes minutes.
    """

    instance: str
    method: str
    seed: int
    budget: Budget
    parameters: tuple[tuple[str, float], ...] = ()
    target_gap: float = 0.0
    stops_at_target: bool = True
    bounds: tuple[str, ...] = ("gilmore_lawler",)
    is_patient: bool = False

    @property
    def parameters_text(self) -> str:
        """The parameters as one word each."""
        return " ".join(f"{name}={value:g}" for name, value in self.parameters)

    @property
    def until_text(self) -> str:
        """What ends it beside the budget."""
        return f"gap {self.target_gap:g}" if self.stops_at_target else "limit"

    @property
    def bounds_text(self) -> str:
        """The bounds as one word each."""
        return " ".join(self.bounds)

    @property
    def key(self) -> Key:
        """What tells it from every other run of a table."""
        return (
            self.instance,
            self.method,
            self.seed,
            str(self.budget),
            self.parameters_text,
            self.until_text,
            self.bounds_text,
        )


def cross(
    instances: Sequence[str],
    methods: Sequence[str],
    seeds: Sequence[int],
    budgets: Sequence[Budget],
    *,
    parameters: Iterable[tuple[str, float]] = (),
    target_gap: float = 0.0,
    stops_at_target: bool = True,
    bounds: Sequence[str] = ("gilmore_lawler",),
    is_patient: bool = False,
) -> list[PlannedRun]:
    """Return every combination.

    Parameters
    ----------
    instances, methods, seeds, budgets
        What is combined. Methods alternate fastest, so that whatever slows the
        machine for a while slows all of them.
    parameters, target_gap, stops_at_target, bounds, is_patient
        The same for every run; see `PlannedRun`.

    Returns
    -------
    list of PlannedRun
        Each once.

    Examples
    --------
    >>> runs = cross(["nug12"], ["tabu_search"], [1, 2], [Budget(seconds=1)])
    >>> [run.seed for run in runs]
    [1, 2]
    """
    return list(
        dict.fromkeys(
            PlannedRun(
                instance=instance,
                method=method,
                seed=seed,
                budget=budget,
                parameters=tuple(sorted(parameters)),
                target_gap=target_gap,
                stops_at_target=stops_at_target,
                bounds=tuple(bounds),
                is_patient=is_patient,
            )
            for instance in instances
            for budget in budgets
            for seed in seeds
            for method in methods
        )
    )


def matching(patterns: Sequence[str]) -> list[str]:
    """Return the shipped instances that these patterns name.

    Parameters
    ----------
    patterns
        Names, or patterns with ``*``, ``?`` and ``[…]``, in any case.

    Returns
    -------
    list of str
        Each once, in the order of the patterns.

    Raises
    ------
    UnknownInstanceError
        A pattern matches nothing.

    Examples
    --------
    >>> matching(["nug3*", "had12"])
    ['nug30', 'had12']
    """
    found: dict[str, None] = {}
    for pattern in patterns:
        matched = [name for name in names() if fnmatchcase(name, pattern.lower())]
        if not matched:
            raise UnknownInstanceError(pattern, names())
        found.update(dict.fromkeys(matched))
    return list(found)


def longest_s(runs: Iterable[PlannedRun], jobs: int) -> float:
    """Return about how long the runs take at most.

    Parameters
    ----------
    runs
        Those that are left to do.
    jobs
        How many at a time, each with a core of its own.

    Returns
    -------
    float
        Seconds. Runs limited by iterations are not counted: nobody knows beforehand.

    Examples
    --------
    >>> longest_s(cross(["nug12"], ["tabu_search"], [1, 2], [Budget(seconds=3)]), 2)
    3.0
    """
    return sum(run.budget.seconds or 0.0 for run in runs) / jobs


def family(name: str) -> str:
    """Return the kind of instance that a QAPLIB name stands for.

    Parameters
    ----------
    name
        Of an instance.

    Returns
    -------
    str
        The letters in front. Where the last letter tells another construction, as in
        tai25a (uniform) and tai25b (structured), it is added.

    Examples
    --------
    >>> family("nug30"), family("tai25b"), family("ste36a")
    ('nug', 'tai-b', 'ste')
    """
    match = re.match(r"([a-z]+)\d*([a-z]?)", name.lower())
    letters, suffix = match.groups() if match else (name, "")
    return f"{letters}-{suffix}" if letters in _BY_SUFFIX and suffix else letters
