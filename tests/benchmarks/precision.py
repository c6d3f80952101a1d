"""Certified digits beside mpmath's: whether they are right, and what they cost.

    python -m tests.benchmarks.precision --cases 10000 [--seed 1] [--processes 1]

First random questions, each answered by both; mpmath has twice the digits, and more
where the two differ. Fails if one digit is wrong, a bound does not hold, or a question
with an answer is refused. Then the time of both in this run, at as many digits each:
ours is the whole of `evaluate`, from the text of the argument to that of the value,
with and without the second algorithm, and mpmath's the same way. Then the functions
alone: ours gives a ball with proved error at the precision that `evaluate` takes. Both
have computed the constants at this precision before, and no argument is used twice.
"""

import argparse
import multiprocessing
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata
from typing import Any

import mpmath
from flint import arb, ctx
from mpmath import mp

from db.contracts.expression import parse
from tests.benchmarks.precision_cases import Dice, Verdict, draw_case, judge
from tests.benchmarks.results import Section, paired
from worker.precision import Certainty, evaluate, exact_input
from worker.precision.dedicated import DEDICATED
from worker.precision.evaluate import BITS_PER_DIGIT
from worker.precision.working import working_bits

SPEED: dict[int, tuple[int, tuple[str, ...]]] = {
    50: (
        15,
        ("exp", "log", "sin", "cos", "tan", "atan", "sqrt", "sinh", "pow", "gamma",
         "lgamma", "digamma", "erf", "zeta", "besselj", "airyai", "ellipk", "agm",
         "lambertw", "ei"),
    ),
    1_000: (
        3,
        ("exp", "log", "sin", "cos", "tan", "atan", "sqrt", "sinh", "pow", "gamma",
         "erf", "zeta", "besselj", "airyai", "ellipk", "agm", "lambertw", "ei"),
    ),
    10_000: (
        1,
        ("exp", "log", "sin", "cos", "tan", "atan", "sqrt", "sinh", "pow", "erf",
         "ellipk", "agm"),
    ),
}  # fmt: skip
"""How often each function is asked at so many digits; others take mpmath minutes."""
TWO_ARGUMENTS: dict[str, Callable[..., Any]] = {
    "pow": mp.power,
    "besselj": mp.besselj,
    "agm": mp.agm,
}
SMALL = (
    "sin(x)*exp(-x**2/2)",
    "sqrt(x) + log(1 + x)",
    "exp(-x)*cos(2*pi*x)",
    "atan(x)**2 - pi**2/6",
    "gamma(x + 1/2)",
    "erf(x/sqrt(2))/2 + 1/2",
    "besselj(0, x)",
    "(1 + x/365)**365",
    "x**3 - 2*x + 1",
    "tanh(x)/x",
)
SMALL_DIGITS = 15
QUICK_DIGITS = 1_000
SMALL_CALLS = 400


def verdicts_of(order: tuple[int, int]) -> list[Verdict]:
    """Judge so many questions from this seed."""
    seed, count = order
    dice = Dice(seed)
    found = [judge(draw_case(dice)) for _ in range(count)]
    # What a case asks mpmath cannot be sent to another process.
    return [_plain(each) for each in found]


def _plain(verdict: Verdict) -> Verdict:
    case = verdict.case
    plain = type(case)(case.expression, case.variables, case.digits, answer=int)
    return Verdict(
        plain,
        verdict.found,
        verdict.wrong_digit,
        verdict.broken_bound,
        verdict.refused,
    )


def compare(cases: int, seed: int, processes: int) -> bool:
    """Print what came of so many questions; return whether all were right."""
    began = time.perf_counter()
    share = 100
    orders = [
        (seed * 1_000_003 + start, min(share, cases - start))
        for start in range(0, cases, share)
    ]
    verdicts: list[Verdict] = []
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        for found in pool.imap_unordered(verdicts_of, orders):
            verdicts += found
    wrong = [each for each in verdicts if not each.is_right]
    for each in wrong[:20]:
        print("WRONG", each)
    answered = [each.found for each in verdicts if each.found is not None]
    certainty = Counter(each.certainty.value for each in answered)
    agreed = sum(each.second is not None for each in answered)
    digits = sorted(each.digits for each in answered)
    functions = {each.case.expression.partition("(")[0] for each in verdicts}
    print(f"{len(verdicts):,} cases, seed {seed}, {len(functions)} functions")
    print(f"  digits: median {digits[len(digits) // 2]:,}, most {digits[-1]:,}")
    print(f"  wrong digits: {sum(bool(each.wrong_digit) for each in wrong)}")
    print(f"  broken bounds: {sum(bool(each.broken_bound) for each in wrong)}")
    print(f"  refused: {sum(bool(each.refused) for each in wrong)}")
    print("  " + ", ".join(f"{name}: {certainty[name]:,}" for name in Certainty))
    print(f"  confirmed by a second algorithm: {agreed:,} of {len(answered):,}")
    print(f"  {time.perf_counter() - began:,.0f} s", flush=True)
    return not wrong


def speed() -> None:
    """Print the median ratio of mpmath's time to ours at each number of digits."""
    print(f"\nmpmath {mpmath.__version__} ({mpmath.libmp.BACKEND}), times in ms")
    dice = Dice(7)
    for digits, (times, names) in SPEED.items():
        rows = [_measured(name, digits, times, dice) for name in names]
        print(
            f"\n| {digits:,} digits | checked | unchecked | mpmath | ball | function |"
        )
        print("|---|---|---|---|---|---|")
        for name, *taken in rows:
            print(f"| {name} | " + " | ".join(f"{each:.3f}" for each in taken) + " |")
        for told, ours, theirs in (
            ("text to text, checked", 1, 3),
            ("text to text, unchecked", 2, 3),
            ("functions alone", 4, 5),
        ):
            ratio = statistics.median(row[theirs] / row[ours] for row in rows)
            print(f"median ratio, {told}: {ratio:.1f}x", flush=True)


def collect(
    *, quick: bool, speed: Mapping[int, tuple[int, tuple[str, ...]]] = SPEED
) -> Section:
    """Compare times text to text for the report of `make bench-system`."""
    dice, comparisons = Dice(7), []
    for digits, (times, names) in speed.items():
        if quick and digits > QUICK_DIGITS:
            continue
        rows = [_measured(name, digits, times, dice) for name in names]
        comparisons.append(
            paired(
                [row[1] for row in rows],
                [row[3] for row in rows],
                section="calculations",
                name=f"time of a value to {digits:,} digits, checked",
                peer="mpmath, unchecked",
                unit="ms",
                better="lower",
                conditions=f"text to text, {len(names)} functions, one thread, "
                f"mpmath on {mpmath.libmp.BACKEND}",
            )
        )
    packages = ("mpmath", "python-flint")
    return Section(
        comparisons=comparisons,
        versions={name: metadata.version(name) for name in packages},
    )


def _measured(
    name: str, digits: int, times: int, dice: Dice
) -> tuple[str, float, float, float, float, float]:
    answer = TWO_ARGUMENTS.get(name) or getattr(mp, name.replace("lgamma", "loggamma"))
    text = f"{name}(x, y)" if name in TWO_ARGUMENTS else f"{name}(x)"
    parsed = parse(text, ["x", "y"])
    points = _points(dice)

    def ours(check: bool) -> float:
        given = next(points)
        began = time.perf_counter()
        evaluate(parsed, given, digits, check=check)
        return time.perf_counter() - began

    def theirs() -> tuple[float, float]:
        texts = list(next(points).values())[: 2 if name in TWO_ARGUMENTS else 1]
        began = time.perf_counter()
        given = [mp.mpf(each) for each in texts]
        read = time.perf_counter()
        value = answer(*given)
        done = time.perf_counter()
        mp.nstr(value, digits)
        return time.perf_counter() - began, done - read

    def ball() -> float:
        exact = [exact_input(each).value for each in next(points).values()]
        with working_bits(int(digits * BITS_PER_DIGIT) + 32):
            given = [arb(each) for each in exact][: 2 if name in TWO_ARGUMENTS else 1]
            began = time.perf_counter()
            DEDICATED[name](*given)
            return time.perf_counter() - began

    def median(measure: Callable[[], float]) -> float:
        return 1e3 * statistics.median(measure() for _ in range(times))

    with mpmath.workdps(digits):
        # Once each for the constants, which both keep.
        ours(True), theirs(), ball()
        both = [theirs() for _ in range(times)]
        whole, alone = (
            1e3 * statistics.median(each) for each in zip(*both, strict=True)
        )
        checked, plain = median(lambda: ours(True)), median(lambda: ours(False))
        return name, checked, plain, whole, median(ball), alone


def _points(dice: Dice) -> Iterator[dict[str, str]]:
    """Yield arguments of full length: short ones would favour one side."""
    while True:
        yield {name: f"0.{dice.randint(10**29, 10**30 - 1)}" for name in ("x", "y")}


def small() -> float:
    """Print the time of small calculations; return their median in milliseconds."""
    dice = Dice(11)
    taken: list[float] = []
    for number in range(SMALL_CALLS):
        source = SMALL[number % len(SMALL)]
        x = dice.randint(1, 10**6) / 10**5
        began = time.perf_counter()
        evaluate(parse(source, ["x"]), {"x": x}, SMALL_DIGITS)
        taken.append(1_000 * (time.perf_counter() - began))
    taken.sort()
    median = statistics.median(taken)
    print(
        f"\n{SMALL_CALLS} small calculations to {SMALL_DIGITS} digits, parsed and "
        f"checked: median {median:.3f} ms, p95 {taken[int(0.95 * SMALL_CALLS)]:.3f} ms"
    )
    return median


def main() -> int:
    """Print everything; return 1 if an answer was wrong or small ones are slow."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--cases", type=int, default=10_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--processes", type=int, default=1)
    options.add_argument("--no-speed", action="store_true")
    given = options.parse_args()
    is_right = compare(given.cases, given.seed, given.processes)
    median = small()
    if not given.no_speed:
        ctx.cleanup()
        speed()
    return 0 if is_right and median < 1 else 1


if __name__ == "__main__":
    sys.exit(main())
