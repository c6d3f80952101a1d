"""All that is compared with a peer, in one run and one report.

`make bench-system`, or `python -m tests.benchmarks.system [--quick] [--only jobs …]`.
Writes report.json, report.md and plots into `--output`. Each section runs in a process
of its own, so that none inherits another's memory or threads.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from pathlib import Path

from rich.console import Console

from tests.benchmarks.machine import Look, utc_now, warnings_of
from tests.benchmarks.results import Report, Section
from tests.benchmarks.running import ROOT
from tests.benchmarks.system_plots import draw
from tests.benchmarks.system_report import markdown

SECTIONS = {
    "jobs": "tests.benchmarks.job_overhead",
    "api": "tests.benchmarks.http_surface",
    "relay": "tests.benchmarks.broadcast",
    "solving": "tests.benchmarks.faq_peers",
    "calculations": "tests.benchmarks.precision",
}
OUTPUT = ROOT / ".solvequeue" / "bench-system"
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
console = Console(width=100)


def main() -> int:
    options = _options()
    if options.section:
        print(_section(options).model_dump_json())
        return 0
    chosen = options.only or list(SECTIONS)
    options.output.mkdir(parents=True, exist_ok=True)
    look = Look()
    sections, failed = {}, []
    for name in chosen:
        console.print(f"{name} …")
        found = _in_own_process(name, sys.argv[1:])
        if found is None:
            failed.append(f"The section {name} failed: see what it wrote above.")
        else:
            sections[name] = found
    machine = look.machine()
    versions: dict[str, str] = {}
    for section in sections.values():
        versions |= section.versions
    report = Report(
        began=look.began,
        ended=utc_now(),
        quick=options.quick,
        machine=machine,
        versions=versions,
        warnings=[*warnings_of(machine), *failed],
        sections=sections,
    )
    plots = draw(report, options.output)
    (options.output / "report.json").write_text(report.model_dump_json(indent=1))
    (options.output / "report.md").write_text(markdown(report, plots))
    console.print(f"Written: {options.output / 'report.md'}, report.json and plots")
    return 1 if failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="a few minutes, with wide intervals")
    add("--only", nargs="+", choices=SECTIONS, help="some sections")
    add("--output", type=Path, default=OUTPUT)
    add("--peers-python", type=Path, help="the Python that has other queues")
    add("--arq-python", type=Path, help="the Python that has arq")
    add("--section", choices=SECTIONS, help=argparse.SUPPRESS)
    return parser.parse_args()


def _in_own_process(name: str, arguments: list[str]) -> Section | None:
    """Return what a section found; None if it failed."""
    done = subprocess.run(
        [sys.executable, "-m", __spec__.name, *arguments, "--section", name],
        env={**os.environ, **ONE_THREAD},
        stdout=subprocess.PIPE,
        check=False,
        text=True,
    )
    if done.returncode:
        return None
    # What it prints last; the kernels' compiler may have said something before.
    return Section.model_validate(json.loads(done.stdout.splitlines()[-1]))


def _section(options: argparse.Namespace) -> Section:
    collect: Callable[..., Section] = import_module(SECTIONS[options.section]).collect
    if options.section == "jobs":
        from tests.benchmarks.peer_queues import Pythons

        standard = Pythons()
        pythons = Pythons(
            arq=options.arq_python or standard.arq,
            others=options.peers_python or standard.others,
        )
        collect = partial(collect, peers=pythons)
    return collect(quick=options.quick)


if __name__ == "__main__":
    sys.exit(main())
