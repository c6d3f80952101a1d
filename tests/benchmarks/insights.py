"""How often findings are right: `python -m tests.benchmarks.insights`.

Histories of nothing but chance first: how many of them have any finding. Then histories
with planted facts: how many of those are found, with the right sign, and how many of
the 95 % intervals hold the truth.
"""

import argparse
from collections.abc import Callable

import numpy as np
from rich.console import Console
from rich.table import Table

from schedules.insights.finding import Finding
from schedules.insights.study import FAMILY_WISE, study
from tests.histories import Planted, history

Fact = tuple[str, Planted, Callable[[Finding], bool], float]

FACTS: tuple[Fact, ...] = (
    (
        "memetic is better by 2 %",
        Planted(better={"memetic": 2.0}),
        lambda each: "memetic" in each.claim and "/tabu_search" in each.claim,
        2.0,
    ),
    (
        "20 % more jobs fail",
        Planted(failing=0.2),
        lambda each: each.kind.name == "failure_anomaly",
        20.0,
    ),
    (
        "answers take twice as long",
        Planted(slower=2.0),
        lambda each: each.kind.name == "latency_anomaly",
        100.0,
    ),
    (
        "load swings by 50 % a day",
        Planted(cycle=0.5),
        lambda each: each.kind.name == "load_forecast",
        50.0,
    ),
    (
        "the second half gains 1 %",
        Planted(late_gain=1.0),
        lambda each: each.kind.name == "more_seconds",
        1.0,
    ),
    (
        "every third hour is full",
        Planted(full=1 / 3),
        lambda each: each.kind.name == "worker_sizing",
        100 / 3,
    ),
    (
        "a provider fails 40 % more",
        Planted(failing_provider="second"),
        lambda each: each.claim == "provider_at_risk/second",
        40.0,
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--histories", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    console = Console(width=100)
    seeds = range(options.seed, options.seed + options.histories)
    false = sum(bool(study(history(np.random.default_rng(seed)))) for seed in seeds)
    console.print(
        f"Nothing but chance: {false} of {options.histories} histories have a finding "
        f"({100 * false / options.histories:.1f} %; wanted at most 5 %, "
        f"stated {100 * FAMILY_WISE:g} %)."
    )
    table = Table(title="Planted facts")
    for head in ("", "found", "right sign", "interval holds it", "median effect"):
        table.add_column(head, justify="left" if not head else "right")
    for name, planted, is_it, truth in FACTS:
        table.add_row(name, *_look(planted, is_it, truth, seeds))
    console.print(table)
    console.print(
        "Found: in how many of the histories. Sign and interval: of those found; an "
        "effect is of the second beside the first, in the order of the alphabet."
    )


def _look(
    planted: Planted, is_it: Callable[[Finding], bool], truth: float, seeds: range
) -> tuple[str, str, str, str]:
    found_in = 0
    found = []
    for seed in seeds:
        these = [
            e for e in study(history(np.random.default_rng(seed), planted)) if is_it(e)
        ]
        found_in += bool(these)
        found += [each.hypothesis for each in these]
    right = sum(np.sign(each.effect) == np.sign(truth) for each in found)
    holds = sum(each.low <= truth <= each.high for each in found)
    return (
        f"{100 * found_in / len(seeds):.0f} %",
        f"{100 * right / max(1, len(found)):.0f} %",
        f"{100 * holds / max(1, len(found)):.0f} %",
        f"{np.median([each.effect for each in found]) if found else np.nan:.3g}",
    )


if __name__ == "__main__":
    main()
