import io
from pathlib import Path

import pytest

from tests.unit.worker.qap.benchmark.rows import row
from worker.qap.benchmark import session
from worker.qap.benchmark.claim import Line, Options, Verdict
from worker.qap.benchmark.plan import Budget, PlannedRun, cross
from worker.qap.benchmark.session import Files, judge, rows_kept, run_all

RUNS = cross(["nug12"], ["tabu_search", "scipy:faq"], [1, 2], [Budget(seconds=10)])


class Asked:
    """In place of other processes: answers at once, and remembers the question."""

    def __init__(self, breaks_after: int = 99) -> None:
        self.runs: list[PlannedRun] = []
        self.breaks_after = breaks_after

    def __call__(self, runs, *, jobs):
        for run in runs:
            if len(self.runs) == self.breaks_after:
                raise KeyboardInterrupt
            self.runs.append(run)
            value = 104 if run.method == "scipy:faq" else 101
            yield row(run.instance, run.method, seed=run.seed, objective=value)


def go(monkeypatch, asked: Asked, path: Path) -> tuple[list, str]:
    monkeypatch.setattr(session, "perform_all", asked)
    out = io.StringIO()
    files = Files(csv=path, json=path.with_suffix(".json"))
    rows = run_all(RUNS, kept=rows_kept(path), files=files, jobs=2, out=out)
    return rows, out.getvalue()


def test_an_interrupted_table_is_continued(monkeypatch, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    with pytest.raises(KeyboardInterrupt):
        go(monkeypatch, Asked(breaks_after=3), path)
    assert len(rows_kept(path)) == 3
    # As after a power cut in the middle of a line.
    path.write_text(path.read_text()[:-9])
    asked = Asked()
    rows, text = go(monkeypatch, asked, path)
    assert [run.key for run in asked.runs] == [run.key for run in RUNS[2:]]
    assert {each.key for each in rows} == {run.key for run in RUNS}
    assert "(2 more are in the table already)" in text


def test_the_file_ends_up_with_the_ratios(monkeypatch, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    rows, _ = go(monkeypatch, Asked(), path)
    assert rows_kept(path) == rows
    assert [each.gap_ratio for each in rows] == [0.25, None, 0.25, None]
    assert path.with_suffix(".json").read_text().count('"gap_ratio": 0.25') == 2


def test_every_row_is_shown_as_it_comes(monkeypatch, tmp_path: Path) -> None:
    _, text = go(monkeypatch, Asked(), tmp_path / "table.csv")
    assert text.splitlines()[1].startswith("4 runs, 2 at a time: at most about 20 s")
    assert "1/4 nug12" in text
    assert "4/4 nug12" in text


class Suite:
    summary = "Something."

    def __init__(self, verdict: Verdict) -> None:
        self.verdict = verdict

    def runs(self, options):
        return []

    def lines(self, rows, options):
        return [Line("much", "little", self.verdict)]


@pytest.mark.parametrize(
    ("verdict", "is_met"),
    [(Verdict.MET, True), (Verdict.NOT_THERE, True), (Verdict.MISSED, False)],
)
def test_only_a_miss_is_a_miss(verdict: Verdict, is_met: bool) -> None:
    out = io.StringIO()
    assert judge({"one": Suite(verdict)}, [], Options(), out) is is_met
    assert str(verdict) in out.getvalue()


def test_a_shortened_measure_says_so() -> None:
    full, short = io.StringIO(), io.StringIO()
    judge({"one": Suite(Verdict.MET)}, [], Options(), full)
    judge({"one": Suite(Verdict.MET)}, [], Options(seconds_scale=0.5), short)
    assert "NOT THE FULL MEASURE" not in full.getvalue()
    assert "NOT THE FULL MEASURE" in short.getvalue()
