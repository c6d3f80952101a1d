"""The objective in Python's integers, from the text of the instance: no solver code."""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

LIBRARY = Path(__file__).parents[3] / "worker" / "qap" / "qaplib" / "data"

Rows = list[list[int]]


@dataclass(frozen=True)
class Matrices:
    """One instance; what it lacks is None."""

    flow: Rows | None
    distance: Rows | None
    linear: Rows | None = None

    @property
    def order(self) -> int:
        given = self.flow or self.linear
        assert given is not None
        return len(given)

    def objective(self, permutation: list[int]) -> int:
        """Return what the permutation costs; it must be one."""
        places = range(self.order)
        assert sorted(permutation) == list(places), "not a permutation"
        total = 0
        if self.flow is not None and self.distance is not None:
            for i in places:
                row, away = self.flow[i], self.distance[permutation[i]]
                total += sum(row[j] * away[permutation[j]] for j in places)
        if self.linear is not None:
            total += sum(self.linear[i][permutation[i]] for i in places)
        return total


def matrices_of(instance: dict[str, Any]) -> Matrices:
    """Return the matrices of an ``instance`` as it was submitted."""
    if "name" in instance and "flow" not in instance:
        return library_matrices(instance["name"])
    if "qaplib" in instance:
        return _parse(instance["qaplib"])
    if "costs" in instance:
        return Matrices(None, None, instance["costs"])
    return Matrices(instance["flow"], instance["distance"], instance.get("linear"))


@cache
def library_matrices(name: str) -> Matrices:
    """Return a shipped instance, from its file."""
    return _parse((LIBRARY / f"{name}.dat").read_text(encoding="ascii"))


def present_value(cash_flows: list[float], initial_investment: float) -> float:
    """Return what flows are worth today at ten per cent, in cents, by fractions."""
    growth = 1 + Fraction(0.1)
    worth = sum(Fraction(flow) / growth**n for n, flow in enumerate(cash_flows, 1))
    return float(round(worth - Fraction(initial_investment), 2))


def _parse(text: str) -> Matrices:
    order, *numbers = map(int, text.replace(",", " ").split())
    flow, distance = (
        [numbers[at + row * order : at + (row + 1) * order] for row in range(order)]
        for at in (0, order * order)
    )
    return Matrices(flow, distance)
