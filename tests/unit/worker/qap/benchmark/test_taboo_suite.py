from worker.qap.benchmark import taboo_suite
from worker.qap.benchmark.claim import Options, Verdict
from worker.qap.benchmark.compiled_c import NoCompilerError
from worker.qap.benchmark.taboo_suite import TabooSuite, measure


def suite(least: float) -> TabooSuite:
    return TabooSuite(
        summary="Rates.",
        instances=("nug12",),
        seconds=1e-4,
        least_ratio={"nug12": least},
    )


def test_rates_are_iterations_over_their_time() -> None:
    rates = measure(
        {"a": lambda n, _: n / 50, "b": lambda n, _: n / 2, "c": None}, 1, float
    )
    assert rates == {"a": 50.0, "b": 2.0, "c": None}


def test_the_ratio_to_the_textbook_decides() -> None:
    for least, verdict in ((1e-9, Verdict.MET), (1e9, Verdict.MISSED)):
        (line,) = suite(least).lines([], Options())
        assert line.verdict is verdict


def test_without_a_compiler_the_line_says_so_loudly(monkeypatch) -> None:
    def refuse(*_: str):
        raise NoCompilerError("none is installed")

    monkeypatch.setattr(taboo_suite, "compiled", refuse)
    (line,) = suite(1e-9).lines([], Options())
    assert "NO C REFERENCE: none is installed" in line.measured
