"""What a method is, and what a search by it promises."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from worker.qap.arrays import IntVector
from worker.qap.exceptions import InvalidParameterError
from worker.qap.instance import Instance
from worker.qap.result import Improvements

Parameters = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A number that a caller may choose.

    Parameters
    ----------
    name
        The key in `parameters`.
    minimum, maximum
        Its domain; both ends belong to it.
    default
        What it is when not given.
    description
        One sentence: what a larger value does.
    is_integer
        Whether fractions are refused.
    """

    name: str
    minimum: float
    maximum: float
    default: float
    description: str
    is_integer: bool = False

    def check(self, value: object) -> None:
        """Refuse a value outside the domain.

        Parameters
        ----------
        value
            What the caller gave.

        Raises
        ------
        InvalidParameterError
            It is no number, not integral though it must be, or out of range.
        """
        wanted = "a whole number" if self.is_integer else "a number"
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or not self.minimum <= value <= self.maximum
            or (self.is_integer and value != int(value))
        ):
            domain = f"{wanted} from {self.minimum} to {self.maximum}"
            raise InvalidParameterError(
                f"{self.name} is {value!r}, not {domain}.",
                pointer=("parameters", self.name),
                suggestion=f"Give {domain}; the default is {self.default}.",
            )


class Search(Protocol):
    """A run in slices: it stands still between two calls of `advance`.

    Nothing it does may depend on how its iterations are cut into slices.
    """

    @property
    def objective(self) -> int | float:
        """The objective of the incumbent; never rises. Known from the start."""

    @property
    def permutation(self) -> IntVector:
        """The incumbent: shape ``(n,)``, int64, a copy."""

    @property
    def bound(self) -> int | float | None:
        """A lower bound that the search itself has proven, or None."""

    @property
    def finished(self) -> bool:
        """Whether there is nothing left to do."""

    @property
    def improvements(self) -> Improvements:
        """The objective of each incumbent so far, by iteration."""

    def advance(self, iterations: int) -> int:
        """Do at most `iterations`; return how many were done.

        Preparation in between counts as none, so 0 means "call again" unless
        `finished`. It must end soon: one iteration is the grain of interruption.
        """


def _any_instance(instance: Instance) -> str | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A named way to search.

    Parameters
    ----------
    name
        Its key in `METHODS` and the name of its file.
    title
        How people write it.
    summary
        One sentence: how it searches.
    kind
        Whether it proves its answer.
    version
        Raised when the same seed begins to give another answer.
    parameters
        What a caller may choose.
    complexity_time, complexity_space
        Of one iteration, and of a run; as text.
    category
        The family it belongs to.
    best_for
        The instances it suits.
    reference
        The paper it follows.
    begin
        Starts a search from a permutation; reached through `start`.
    supports
        Returns why an instance is out of its reach, or None; takes any by default.
    max_order
        The most facilities that `supports` allows; None if it allows any number.
    """

    name: str
    title: str
    summary: str
    kind: Literal["heuristic", "exact"]
    version: str
    parameters: tuple[Parameter, ...]
    complexity_time: str
    complexity_space: str
    category: str
    best_for: tuple[str, ...]
    reference: str
    begin: Callable[[Instance, np.random.Generator, Parameters, IntVector], Search]
    supports: Callable[[Instance], str | None] = _any_instance
    max_order: int | None = None

    def start(
        self,
        instance: Instance,
        rng: np.random.Generator,
        parameters: Parameters | None = None,
        permutation: IntVector | None = None,
    ) -> Search:
        """Return a search that has not advanced yet.

        Parameters
        ----------
        instance
            One that the method supports.
        rng
            The source of all its randomness.
        parameters
            Those that differ from their defaults.
        permutation
            Shape ``(n,)``, int64: where to start. None draws one from `rng`.

        Returns
        -------
        Search
            Its incumbent is never worse than `permutation`.

        Raises
        ------
        InvalidParameterError
            A parameter is unknown or outside its domain.
        """
        values = self._complete(parameters or {})
        if permutation is None:
            permutation = rng.permutation(instance.order)
        return self.begin(instance, rng, values, permutation)

    def _complete(self, given: Parameters) -> Parameters:
        known = {parameter.name: parameter for parameter in self.parameters}
        for name in given:
            if name not in known:
                names = ", ".join(known) or "none"
                raise InvalidParameterError(
                    f"{self.name} has no parameter {name!r}.",
                    pointer=("parameters", name),
                    suggestion=f"Its parameters: {names}.",
                )
            known[name].check(given[name])
        return {name: given.get(name, known[name].default) for name in known}
