"""Ours beside what scipy offers, at equal time: never worse."""

from dataclasses import dataclass

from worker.qap.benchmark.claim import Line, Options, Verdict
from worker.qap.benchmark.gap_suite import present
from worker.qap.benchmark.plan import PlannedRun, cross
from worker.qap.benchmark.table import Row
from worker.qap.benchmark.text import per_cent


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSuite:
    """The same seeds, budget and clock for ours and for peers.

    Parameters
    ----------
    summary
        One sentence: what it shows.
    seconds
        The budget of each run.
    instances
        Names of the shipped library.
    methods
        Ours.
    peers
        Names in `PEERS`.
    """

    summary: str
    seconds: float
    instances: tuple[str, ...]
    methods: tuple[str, ...] = ("memetic", "auto")
    peers: tuple[str, ...] = ("scipy:faq", "scipy:2opt")

    def runs(self, options: Options) -> list[PlannedRun]:
        """Return ours and theirs, taking turns.

        Parameters
        ----------
        options
            Seeds, scale, clock, methods.

        Returns
        -------
        list of PlannedRun
            Nothing if none of ours is there.
        """
        ours = present(options.methods or self.methods)
        return cross(
            self.instances,
            [*ours, *self.peers] if ours else [],
            options.seeds,
            [options.budget(self.seconds)],
            bounds=options.bounds,
        )

    def lines(self, rows: list[Row], options: Options) -> list[Line]:
        """Return a line for each of ours and each peer.

        Parameters
        ----------
        rows
            Those of `runs`, and perhaps others.
        options
            As for `runs`.

        Returns
        -------
        list of Line
            Seed by seed; instances where ours is worse by name.
        """
        budget = str(options.budget(self.seconds))
        asked = {run.key for run in self.runs(options)}
        done = {
            (row.instance, row.method, row.seed): row
            for row in rows
            if row.key in asked
        }
        lines = []
        for method in options.methods or self.methods:
            for peer in self.peers:
                wanted = f"{method}, {budget}: never worse than {peer}, seed by seed"
                pairs = [
                    (done.get((name, method, seed)), done.get((name, peer, seed)))
                    for name in self.instances
                    for seed in options.seeds
                ]
                lines.append(_line(wanted, method, pairs))
        return lines


def _line(wanted: str, method: str, pairs: list[tuple[Row | None, Row | None]]) -> Line:
    if not present((method,)):
        return Line(wanted, f"{method} is not in the registry", Verdict.NOT_THERE)
    better = equal = skipped = 0
    worse: dict[str, str] = {}
    for ours, theirs in pairs:
        if ours is None or theirs is None or theirs.objective is None:
            skipped += 1
        elif ours.objective is None or ours.objective > theirs.objective:
            worse[f"{ours.instance}/{ours.seed}"] = (
                f"{per_cent(ours.gap)} % beside {per_cent(theirs.gap)} %"
            )
        elif ours.objective == theirs.objective:
            equal += 1
        else:
            better += 1
    if not better + equal + len(worse):
        return Line(wanted, "nothing was run", Verdict.NOT_THERE)
    measured = f"better {better}, equal {equal}, worse {len(worse)}"
    if skipped:
        measured += f", {skipped} skipped or not run"
    if worse:
        measured += "; " + ", ".join(f"{place} {text}" for place, text in worse.items())
    return Line(wanted, measured, Verdict.MISSED if worse else Verdict.MET)
