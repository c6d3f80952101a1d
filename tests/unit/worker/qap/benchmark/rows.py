"""Rows as a run would have left them."""

from typing import Any

from worker.qap.benchmark.table import Row


def row(instance: str = "nug12", method: str = "tabu_search", **given: Any) -> Row:
    """Return a row with the gap that follows from its objective."""
    values: dict[str, Any] = {
        "n": 12,
        "family": "nug",
        "parameters": "",
        "seed": 1,
        "budget": "10 s cpu",
        "until": "gap 0",
        "bounds": "gilmore_lawler",
        "objective": 100,
        "best_known": 100,
        "bound": None,
        "gap_to_bound": None,
        "iterations": 50,
        "elapsed_s": 2.0,
        "time_to_best_s": 1.0,
        "target": 100,
        "time_to_target_s": 1.0,
        "primal_integral": 0.5,
        "termination": "target",
    }
    values |= given
    if "gap" not in values:
        found, best = values["objective"], values["best_known"]
        values["gap"] = None if found is None else (found - best) / best
    return Row(instance=instance, method=method, **values)
