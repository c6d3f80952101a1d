"""The drop-in beside scipy's `quadratic_assignment`: objectives and times, as ratios.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 python -m tests.benchmarks.scipy_dropin

Each cell is ours divided by scipy's, of the same call in the same process: least time
of some repetitions, by the clock of the process. Fails if an objective is worse, or if
2-opt ends elsewhere.
"""

import math
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.optimize

from worker.qap.qaplib import best_known, load
from worker.qap.qaplib import names as library
from worker.qap.scipy_compat import quadratic_assignment

REPETITIONS = 3
SEED = 1
FAQ = ("chr12a", "nug30", "kra30a", "tai40a", "sko49", "tai80b", "sko100a", "tai256c")
TWO_OPT = ("chr12a", "nug20", "bur26a", "nug30", "tai40a", "sko49")
AUTO = ("nug30", "kra30a", "tai40a", "sko49", "tai80b", "sko100a")


def least_time(call: Callable[[], Any], repetitions: int) -> tuple[Any, float]:
    """Return what `call` returns, and the least seconds that it took."""
    result, least = None, math.inf
    for _ in range(repetitions):
        begun = time.process_time()
        result = call()
        least = min(least, time.process_time() - begun)
    return result, least


def side_by_side(name: str, method: str, repetitions: int) -> tuple[Any, Any, float]:
    """Return scipy's answer, ours, and our time over scipy's."""
    flow, distance = load(name).flow, load(name).distance

    def asked(function: Callable[..., Any]) -> Callable[[], Any]:
        return lambda: function(
            flow,
            distance,
            method=method,
            options={"rng": np.random.default_rng(SEED)},
        )

    theirs, their_s = least_time(
        asked(scipy.optimize.quadratic_assignment), repetitions
    )
    ours, our_s = least_time(asked(quadratic_assignment), REPETITIONS)
    return theirs, ours, our_s / their_s


def gap(name: str, fun: float) -> str:
    return f"{100 * (fun / best_known(name).value - 1):.2f} %"


def compare(method: str, names: tuple[str, ...]) -> bool:
    """Print a table; return whether no objective is worse."""
    print(f"\n`{method}`\n")
    print("| instance | gap of scipy | of ours | objective ratio | time ratio |")
    print("|---|---|---|---|---|")
    quality, times, is_good = [], [], True
    for name in names:
        theirs, ours, ratio = side_by_side(name, method, 3 if method == "faq" else 1)
        is_good &= bool(ours.fun <= theirs.fun)
        if method == "2opt":
            is_good &= bool((ours.col_ind == theirs.col_ind).all())
        quality.append(ours.fun / theirs.fun)
        times.append(ratio)
        print(
            f"| {name} | {gap(name, theirs.fun)} | {gap(name, ours.fun)} "
            f"| {quality[-1]:.4f} | {ratio:.3g} |",
            flush=True,
        )
    print(
        f"| geometric mean | | | {np.exp(np.mean(np.log(quality))):.4f} "
        f"| {np.exp(np.mean(np.log(times))):.3g} |"
    )
    return is_good


def one_second(names: tuple[str, ...]) -> bool:
    """Print what `auto` makes of a second; return whether it is never worse."""
    print("\n`auto`, 1 s\n")
    print("| instance | gap of scipy's default | of ours |")
    print("|---|---|---|")
    is_good = True
    for name in names:
        flow, distance = load(name).flow, load(name).distance
        theirs = scipy.optimize.quadratic_assignment(flow, distance)
        ours = quadratic_assignment(flow, distance, "auto", {"seed": SEED})
        is_good &= bool(ours.fun <= theirs.fun)
        print(f"| {name} | {gap(name, theirs.fun)} | {gap(name, ours.fun)} |")
    return is_good


def whole_library() -> bool:
    """Ask both of every instance, to minimise and to maximise; count what came."""
    better, calls, ratios, is_good = 0, 0, [], True
    for name in library():
        flow, distance = load(name).flow, load(name).distance
        for maximize in (False, True):
            theirs, ours = (
                function(flow, distance, options={"maximize": maximize}).fun
                for function in (
                    scipy.optimize.quadratic_assignment,
                    quadratic_assignment,
                )
            )
            calls += 1
            better += bool(ours != theirs)
            is_good &= bool(ours >= theirs if maximize else ours <= theirs)
            if not maximize and theirs > 0:
                ratios.append(ours / theirs)
    print(f"\n`faq`, the whole library: {calls} calls, {better} with a better answer,")
    print("none worse;" if is_good else "SOME WORSE;", end=" ")
    mean = np.exp(np.mean(np.log(ratios)))
    print(f"objective ratio where the least is wanted: {mean:.3f} (geometric mean)")
    return is_good


def main() -> int:
    """Print the tables; return 1 if one of ours is worse."""
    for method in ("faq", "2opt", "auto"):
        # Compiled, or loaded from the cache, before anything is measured.
        options = {"maxiter": 9} if method == "auto" else {}
        for number in (1, 0.5):
            matrix = np.arange(16).reshape(4, 4) * number
            quadratic_assignment(matrix, matrix.T, method, options)
    results = [compare("faq", FAQ), compare("2opt", TWO_OPT), one_second(AUTO)]
    results.append(whole_library())
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
