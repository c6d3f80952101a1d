import io
from pathlib import Path

import pytest

from worker.qap.__main__ import main as program
from worker.qap.benchmark.command import main, seeds


def test_a_benchmark_writes_its_table(tmp_path: Path) -> None:
    out, path = io.StringIO(), tmp_path / "table.csv"
    words = "--instances nug12 --methods tabu_search --iterations 30 --seeds 1-2"
    parameters = ["--parameter", "tenure=4", "--csv", str(path)]
    assert main([*words.split(), *parameters], out) == 0
    header, *lines = path.read_text().splitlines()
    assert header.startswith("instance,n,family,method,parameters,seed")
    assert [line.split(",")[4:6] for line in sorted(lines)] == [
        ["tenure=4", "1"],
        ["tenure=4", "2"],
    ]
    assert "2 runs" in out.getvalue()


@pytest.mark.parametrize(
    "words",
    [
        "",
        "--suite nonsense",
        "--suite taboo --instances nug12",
        "--instances nugg12",
        "--instances nug12 --methods tabu",
        "--instances nug12 --bounds nobody",
        "--instances nug12 --seconds 0",
        "--instances nug12 --seeds x",
        "--instances nug12 --parameter tenure",
        "--suite contract --seconds-scale 0",
        "--suite contract --seconds 1",
        "--suite contract --bounds nobody",
        "--instances nug12 --quick",
    ],
)
def test_wrong_usage_ends_with_two(words: str, capsys) -> None:
    with pytest.raises(SystemExit) as caught:
        main(words.split(), io.StringIO())
    assert caught.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_hours_of_results_are_not_overwritten(tmp_path: Path, capsys) -> None:
    path = tmp_path / "table.csv"
    path.write_text("precious")
    with pytest.raises(SystemExit):
        main(["--instances", "nug12", "--csv", str(path)], io.StringIO())
    assert path.read_text() == "precious"
    assert "--resume" in capsys.readouterr().err


def test_seeds_may_have_gaps() -> None:
    assert seeds("2-4,9,3") == (2, 3, 4, 9)


def test_the_program_names_its_commands() -> None:
    out = io.StringIO()
    assert program([], out) == program(["solve"], out) == 2
    assert "benchmark" in out.getvalue()
