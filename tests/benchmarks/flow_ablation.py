"""Gaps of the relaxed flows with and without each of their ingredients.

    python -m tests.benchmarks.flow_ablation [iterations]

Each number is the mean gap to the best known objective, in per cent, of eight seeds
after so many iterations (500 unless given).
"""

import sys

import numpy as np

from worker.qap import IterationLimit, gap_to_best_known, solve
from worker.qap.qaplib import best_known, load

INSTANCES = ("nug30", "kra30a", "tai50a", "tai50b")
SEEDS = tuple(range(1, 9))
ROWS: tuple[tuple[str, str, dict[str, float]], ...] = (
    ("as it is", "fft_laplace", {}),
    ("rough potential", "fft_laplace", {"smoothing": 0}),
    ("rough noise", "fft_laplace", {"correlation": 0}),
    ("no Laplacian at all", "fft_laplace", {"correlation": 0, "smoothing": 0}),
    ("starts without the incumbent", "fft_laplace", {"mixing": 1}),
    ("flows of two steps", "fft_laplace", {"steps": 2}),
    ("as it is", "reverse_time", {}),
    ("one step backwards", "reverse_time", {"reversal": 1}),
    ("hardly any way back", "reverse_time", {"reversal": 1, "kick": 0.001}),
    ("a smaller kick", "reverse_time", {"kick": 0.3}),
    ("no worse ones taken", "reverse_time", {"deviation": 0}),
)


def gap(method: str, name: str, parameters: dict[str, float], limit: int) -> float:
    """Return the mean gap of all seeds, in per cent."""
    gaps = [
        gap_to_best_known(
            solve(
                load(name),
                method,
                stop=IterationLimit(limit),
                rng=np.random.default_rng(seed),
                parameters=parameters,
                bounds=(),
            ).objective,
            best_known(name).value,
        )
        for seed in SEEDS
    ]
    return 100 * float(np.mean(gaps))


def main() -> None:
    limit = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    print(f"{'':44}" + "".join(f"{name:>9}" for name in INSTANCES))
    for title, method, parameters in ROWS:
        print(f"{method:14}{title:30}", end="")
        for name in INSTANCES:
            print(f"{gap(method, name, parameters, limit):9.2f}", end="", flush=True)
        print()


if __name__ == "__main__":
    main()
