import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.cli.capacity import size

ASKED = ["capacity", "--jobs-per-day", "1e6", "--solve-seconds", "2", "--cv", "1.5"]


def test_a_fleet_is_told_with_what_breaks_first() -> None:
    result = CliRunner().invoke(app, ASKED)
    assert result.exit_code == 0, result.output
    for word in ("solver processes", "95 % start within", "breaks first", "postgresql"):
        assert word in result.output


def test_a_program_gets_the_plan_and_what_it_leans_on() -> None:
    result = CliRunner().invoke(app, [*ASKED, "--json"])
    told = json.loads(result.output)
    assert told["plan"]["p95_wait"] <= told["load"]["p95_wait"]
    assert told["plan"]["solver_processes"] >= 46
    assert told["costs"]


def test_an_unknown_database_is_refused() -> None:
    result = CliRunner().invoke(app, [*ASKED, "--database", "mysql"])
    assert result.exit_code == 2
    assert "sqlite" in result.output


def test_costs_of_ones_own_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    shipped = Path(__file__).parents[4] / "api" / "capacity" / "costs.json"
    told = json.loads(shipped.read_text())
    told["machine"] = "a machine of mine"
    path.write_text(json.dumps(told))
    result = CliRunner().invoke(app, [*ASKED, "--costs", str(path)])
    assert "a machine of mine" in result.output


@pytest.mark.parametrize(
    ("count", "told"), [(0, "0 B"), (1536, "1.5 KiB"), (2.5 * 2**40, "2.5 TiB")]
)
def test_sizes_are_told_in_their_largest_unit(count: float, told: str) -> None:
    assert size(count) == told
