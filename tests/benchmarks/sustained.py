"""How many trivial jobs a second the service keeps up with, and for how long.

`python -m tests.benchmarks.sustained --database sqlite --rate 250 --minutes 10` has
jobs come at a rate, whatever is unanswered, and counts from when each was due. Without
`--rate` it steps the rate up until p99 is above `--p99`, tells what was full, and then
stays at the highest rate that held. Bare Celery tasks take the same steps beside it.
"""

import argparse
import json
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import redis
from rich.console import Console
from rich.table import Table

from tests.benchmarks.bare_celery import QUEUE
from tests.benchmarks.bare_celery import app as bare
from tests.benchmarks.load_step import STAGES, Step, percentile, run_step
from tests.benchmarks.load_targets import TARGETS, Target
from tests.benchmarks.running import Running, service, worker
from tests.benchmarks.ways import BareTask, Record, RestJob, wait_until_warm

GROWTH = 1.2
"""From one step to the next."""
STEP_SECONDS = 20.0
BURST = 1000
console = Console(width=100)


def main() -> None:
    options = _options()
    with ExitStack() as stack:
        running = stack.enter_context(
            service(
                worker("tests.benchmarks.bare_celery", QUEUE, name="bare"),
                database=options.database,
            )
        )
        bare.conf.broker_url = running.broker_url
        record = Record(running.settings)
        wait_until_warm(RestJob(running.port, record), record)
        console.print(
            f"{options.database}, {options.way}: "
            f"{'Poisson' if options.poisson else 'even'} arrivals, "
            f"{options.clients} clients"
            + (f", what is due in {options.window:g} s at once" * bool(options.window))
        )
        report = {"conditions": vars(options), "bare_burst": [_burst(running)]}
        rate = options.rate
        for way in options.ceiling:
            steps = climb(running, way, options)
            report[f"ceiling_{way}"] = [_as_data(step) for step in steps]
            held = [step.rate for step in steps if step.holds(options.p99)]
            if way == options.way and held and not rate:
                rate = max(held)
        if rate and options.minutes:
            with _target(running, options.way) as target:
                step = _step(target, rate, 60 * options.minutes, options)
            tell(target, [step], options.p99)
            tell_minutes(step)
            report["sustained"] = _as_data(step)
        report["bare_burst"].append(_burst(running))
        bursts = " and ".join(f"{each:.0f}" for each in report["bare_burst"])
        console.print(
            f"Bare Celery, {BURST} at once, before and after: {bursts} a second"
        )
    if options.json:
        options.json.write_text(json.dumps(report, indent=1, default=str))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--database", choices=("sqlite", "postgresql"), default="sqlite")
    add("--way", choices=TARGETS, default="single")
    add("--rate", type=float, help="jobs a second; without it the ceiling is sought")
    add("--minutes", type=float, default=10.0, help="at the rate; 0: only the ceiling")
    add("--p99", type=float, default=0.5, help="seconds that 99 of 100 must not exceed")
    add("--ceiling", nargs="*", choices=TARGETS, help="ways whose rate is stepped up")
    add("--from", dest="lowest", type=float, default=50.0, help="first rate of these")
    add("--step-seconds", type=float, default=STEP_SECONDS)
    add("--clients", type=int, default=16)
    add("--window", type=float, default=0.1, help="seconds that a batch gathers")
    add("--even", dest="poisson", action="store_false", help="evenly, not at random")
    add("--seed", type=int, default=1)
    add("--json", type=Path)
    options = parser.parse_args()
    if options.ceiling is None:
        options.ceiling = [] if options.rate else [options.way, "celery"]
    return options


def climb(running: Running, way: str, options: argparse.Namespace) -> list[Step]:
    """Step the rate up until it does not hold; return all steps."""
    steps: list[Step] = []
    rate = options.lowest
    with _target(running, way) as target:
        while not steps or steps[-1].holds(options.p99):
            steps.append(_step(target, rate, options.step_seconds, options))
            rate *= GROWTH
        tell(target, steps, options.p99)
    return steps


def _target(running: Running, way: str) -> Target:
    return TARGETS[way](running)


def _step(
    target: Target, rate: float, seconds: float, options: argparse.Namespace
) -> Step:
    return run_step(
        target,
        rate,
        seconds,
        poisson=options.poisson,
        window=options.window if target.name.startswith("batch") else 0.0,
        clients=options.clients,
        seed=options.seed,
    )


def _burst(running: Running) -> float:
    """Return how many bare tasks a second are done, all of them sent at once."""
    client = redis.Redis.from_url(running.redis_url, socket_timeout=10)
    return BURST / BareTask(client).many(BURST)


def tell(target: Target, steps: list[Step], p99: float) -> None:
    """Print a line a step, then of the last one where the time went."""
    table = Table(title=f"{target.name}: latency from when due, to {target.cause}")
    heads = ("rate", "done/s", "p50, ms", "p95, ms", "p99, ms", "lost", "left", "idle")
    for head in (*heads, "holds"):
        table.add_column(head, justify="right")
    for step in steps:
        p = [f"{1000 * step.percentile(share):.0f}" for share in (50, 95, 99)]
        table.add_row(
            f"{step.rate:.0f}",
            f"{step.done_per_second:.0f}",
            *p,
            str(step.unfinished),
            str(step.backlog),
            f"{step.shares.idle:.2f}",
            "yes" if step.holds(p99) else "no",
        )
    console.print(table)
    last = steps[-1]
    if last.errors:
        console.print(f"Refused: {last.errors}")
    console.print(f"At {last.rate:.0f}/s: {last.bottleneck()}")
    if last.stages:
        stages = Table(title="Where the time went, ms")
        for head in ("stage", "p50", "p99", ""):
            stages.add_column(head, justify="right" if head else "left")
        for name, times in last.stages.items():
            p50, p99 = (1000 * percentile(times, share) for share in (50, 99))
            stages.add_row(name, f"{p50:.1f}", f"{p99:.1f}", STAGES[name])
        console.print(stages)
    parts = Table(title=f"Processors, of {last.shares.cores} cores")
    for head in ("part", "cores", "busiest process", "MiB"):
        parts.add_column(head, justify="right")
    for part in last.shares.parts:
        parts.add_row(
            part.part, f"{part.cores:.2f}", f"{part.busiest:.2f}", f"{part.rss_mb:.0f}"
        )
    parts.add_row("what else runs here", f"{last.shares.others:.2f}", "", "")
    parts.add_row("idle", f"{last.shares.idle:.2f}", "", "")
    console.print(parts)


def tell_minutes(step: Step) -> None:
    table = Table(title="Minute by minute, of what came in it")
    for head in ("minute", "jobs/s", "p50, ms", "p99, ms"):
        table.add_column(head, justify="right")
    for minute in step.by_minute:
        seconds = min(60.0, step.seconds - 60 * (minute["minute"] - 1))
        table.add_row(
            f"{minute['minute']:.0f}",
            f"{minute['jobs'] / max(seconds, 1e-9):.0f}",
            f"{1000 * minute['p50_s']:.0f}",
            f"{1000 * minute['p99_s']:.0f}",
        )
    console.print(table)


def _as_data(step: Step) -> dict[str, object]:
    return {
        "rate": step.rate,
        "seconds": step.seconds,
        "jobs": step.count,
        "done_per_second": step.done_per_second,
        "unfinished": step.unfinished,
        "backlog": step.backlog,
        "errors": step.errors,
        **{f"p{q}_s": step.percentile(q) for q in (50, 95, 99)},
        "stages_s": {
            name: {f"p{q}": percentile(times, q) for q in (50, 99)}
            for name, times in step.stages.items()
        },
        "processors": asdict(step.shares),
        "bottleneck": step.bottleneck(),
        "by_minute": step.by_minute,
    }


if __name__ == "__main__":
    main()
