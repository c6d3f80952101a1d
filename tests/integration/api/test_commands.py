"""The command line against the service, with a worker beside it."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app as command
from db.backplane import Backplane
from db.contracts.alert import AlertKind
from tests.integration.api.live import LiveApi
from tests.one_worker import working
from tests.sample_alerts import BAD, add_provider, add_rule, all_alerts, check

ROOT = Path(__file__).parents[3]
Record = dict[str, Any]


class Shell:
    """Runs commands against one service."""

    def __init__(self, url: str) -> None:
        self.environment = {"SOLVEQUEUE_URL": url}

    def run(self, *words: str, stdin: str | None = None) -> Result:
        return CliRunner(env=self.environment).invoke(command, words, input=stdin)

    def text(self, *words: str, stdin: str | None = None) -> str:
        result = self.run(*words, stdin=stdin)
        assert result.exit_code == 0, result.output
        return result.stdout

    def lines(self, *words: str, stdin: str | None = None) -> list[Record]:
        told = self.text(*words, "--json", stdin=stdin)
        return [json.loads(line) for line in told.splitlines()]

    def record(self, *words: str, stdin: str | None = None) -> Record:
        (found,) = self.lines(*words, stdin=stdin)
        return found


@pytest.fixture
def shell(live: LiveApi) -> Shell:
    return Shell(live.url)


@pytest.fixture
def worked(live: LiveApi, app_backplane: Backplane) -> Iterator[Shell]:
    """Yield a shell for a service that has a worker."""
    with working(app_backplane):
        yield Shell(live.url)


QUICK = ("--seconds", "5", "--iterations", "50")


def test_a_batch_of_names_and_files_is_solved(worked: Shell, tmp_path: Path) -> None:
    (tmp_path / "more.jsonl").write_text(
        '"nug12"\n{"instance": {"name": "chr12a"}, "seed": 7}\n'
        '{"flow": [[0, 1], [1, 0]], "distance": [[0, 2], [2, 0]]}\n'
    )
    more = str(tmp_path / "more.jsonl")
    *items, family = worked.lines("batch", "nug14", more, *QUICK)
    assert sorted(item["index"] for item in items) == [0, 1, 2, 3]
    assert all(item["result"]["objective"] for item in items)
    assert (family["kind"], family["state"]) == ("batch", "succeeded")
    seeds = {item["index"]: item["result"]["seed"] for item in items}
    assert seeds[2] == 7
    shown = worked.text("watch", family["id"])
    assert "4 succeeded" in shown
    assert worked.lines("watch", family["id"])[-1]["id"] == family["id"]


def test_a_batch_comes_from_standard_input(worked: Shell) -> None:
    told = worked.lines("batch", "-", *QUICK, stdin='{"name": "nug12"}\n\n"nug14"\n')
    assert [item["state"] for item in told] == ["succeeded"] * 3


def test_wrong_items_are_left_out_if_that_is_asked_for(worked: Shell) -> None:
    refused = worked.run("batch", "nug12", "nosuch", "--json")
    assert refused.exit_code == 4
    assert "items/1" in refused.stdout
    result = worked.run("batch", "nug12", "nosuch", "--skip-invalid", *QUICK)
    assert result.exit_code == 0, result.output
    assert "1 is left out" in result.stderr
    assert "1 were rejected" in result.stdout


def test_a_benchmark_ends_with_its_report(worked: Shell) -> None:
    options = ("--method", "two_swap", "--method", "tabu_search", "--seeds", "1-2")
    *runs, report, family = worked.lines("benchmark", "nug12", *options, *QUICK)
    assert len(runs) == 4
    assert report["final"] is True
    names = {each["contender"] for each in report["report"]["contenders"]}
    assert names == {"two_swap", "tabu_search"}
    shown = worked.text("watch", family["id"])
    assert "mean gap" in shown
    assert "tabu_search" in shown


def test_what_is_detached_tells_how_to_come_back(shell: Shell) -> None:
    shown = shell.text("batch", "nug12", "--detach")
    assert "solvequeue watch job_" in shown
    job = shell.record("batch", "nug12", "--detach")
    cancelled = shell.text("jobs", "cancel", job["id"])
    assert "was asked to end" in cancelled or "is cancelled" in cancelled


def test_an_instance_comes_from_standard_input(worked: Shell) -> None:
    qaplib = "2\n\n0 1\n1 0\n\n0 3\n3 0\n"
    job = worked.lines("solve", "-", *QUICK, stdin=qaplib)[-1]
    assert job["result"]["objective"] == 6


def test_an_expression_is_calculated(worked: Shell) -> None:
    assert worked.text("calc", "pi", "--digits", "30") == (
        "3.14159265358979323846264338328\n"
    )
    found = worked.lines("calc", "-", "--var", "x=1/3", stdin="x*3\nsqrt(4)\n")
    assert [each["value"] for each in found] == ["1.00000000000000", "2.00000000000000"]
    assert found[0]["certainty"] == "exact"
    refused = worked.run("calc", "os.system('x')", "--json")
    assert refused.exit_code == 4
    assert "error" in json.loads(refused.stdout)


def test_cash_flows_are_valued_wherever_they_come_from(
    worked: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "flows.csv"
    file.write_text("100, 120\n140\n")
    options = ("--initial", "300", "--rate", "0.1")
    ways = [
        worked.record("finance", "npv", "100", "120", "140", *options),
        worked.record("finance", "npv", "--file", str(file), *options),
        worked.record("finance", "npv", "-", *options, stdin="[100, 120, 140]"),
    ]
    assert {each["outcome"]["npv"] for each in ways} == {-4.73}
    assert "npv" in worked.text("finance", "npv", "100", "120", "140", *options)


def test_every_calculation_of_flows_has_a_command(worked: Shell) -> None:
    flows = ("300", "400", "500", "--initial", "1000")
    expected = {
        "irr": ("irr", 0.0890),
        "mirr": ("mirr", None),
        "roi": ("roi", 0.2),
        "payback": ("payback_periods", 2.6),
        "discounted-payback": ("payback_periods", None),
        "profitability-index": ("profitability_index", None),
    }
    for name, (field, value) in expected.items():
        outcome = worked.record("finance", name, *flows)["outcome"]
        assert value is None or outcome[field] == pytest.approx(value, abs=1e-4)
    dated = ("2026-01-01=-1000", "2027-01-01=1100")
    assert worked.record("finance", "xirr", *dated)["outcome"]["irr"] == 0.1
    assert "xnpv" in worked.record("finance", "xnpv", *dated)["outcome"]


def test_any_calculation_runs_by_its_example(worked: Shell) -> None:
    shown = worked.text("finance", "show", "scenario")
    outcome = worked.record("finance", "run", "scenario", "-", stdin=shown)["outcome"]
    assert outcome["scenarios"]
    names = {each["name"] for each in worked.lines("finance", "list")}
    assert {"npv", "monte_carlo", "evaluate"} <= names


def test_instances_and_methods_are_shown(shell: Shell, tmp_path: Path) -> None:
    listed = shell.lines("instances", "list", "--search", "tai")
    names = [each["name"] for each in listed]
    assert names
    assert all("tai" in name for name in names)
    assert shell.record("instances", "show", "nug30")["best_known"] == 6124
    file = tmp_path / "factory.json"
    file.write_text('{"flow": [[0, 1], [1, 0]], "distance": [[0, 2], [2, 0]]}')
    stored = shell.record("instances", "upload", str(file))
    assert shell.record("instances", "show", stored["sha256"])["order"] == 2
    assert "memetic" in shell.text("methods", "list")
    assert shell.record("methods", "show", "memetic")["parameters"]
    assert shell.run("methods", "show", "memetik").exit_code == 4


def test_a_schedule_lives_from_its_making_to_its_end(worked: Shell) -> None:
    made = worked.record(
        *("schedules", "create", "nightly", "--instance", "nug12"),
        *("--cron", "0 2 * * *", "--time-zone", "Europe/Berlin", "--seconds", "1"),
    )
    assert made["job"]["limits"] == {"time_s": 1.0}
    assert "0 2 * * * (Europe/Berlin)" in worked.text("schedules", "list")
    assert "is paused" in worked.text("schedules", "pause", made["id"])
    assert worked.record("schedules", "show", made["id"])["paused"] is True
    assert "goes on, next at" in worked.text("schedules", "resume", made["id"])
    job = worked.record("schedules", "run", made["id"])
    assert job["origin_id"] == made["id"]
    (run,) = worked.lines("schedules", "runs", made["id"])
    assert (run["cause"], run["job_id"]) == ("trigger", job["id"])
    assert "is deleted" in worked.text("schedules", "delete", made["id"], "--yes")
    assert worked.run("schedules", "show", made["id"]).exit_code == 4


@pytest.mark.parametrize(
    "options", [[], ["--instance", "nug12"], ["--every", "9"], ["--job", "-"]]
)
def test_a_schedule_needs_a_job_and_a_time(shell: Shell, options: list[str]) -> None:
    assert shell.run("schedules", "create", "x", *options, stdin="{}").exit_code == 2


def test_a_schedule_takes_any_job_of_a_file(shell: Shell) -> None:
    job = json.dumps({"items": [{"instance": {"name": "nug12"}}]})
    options = ("--job", "-", "--kind", "batch", "--every", "3600", "--paused")
    made = shell.record("schedules", "create", "many", *options, stdin=job)
    assert (made["kind"], made["paused"]) == ("batch", True)


def test_a_provider_lives_from_its_naming_to_its_end(shell: Shell) -> None:
    made = shell.record(
        *("providers", "add", "Weather", "https://api.weather.example/status"),
        *("--category", "data", "--every", "600", "--tier", "1", "--fields", "-"),
        stdin='{"limits": [{"per": "day", "calls": 100}]}',
    )
    assert made["limits"][0]["calls"] == 100
    assert "Weather" in shell.text("providers", "list", "--category", "data")
    assert "is paused" in shell.text("providers", "pause", made["id"])
    assert "is checked again" in shell.text("providers", "resume", made["id"])
    assert "will be checked" in shell.text("providers", "check", made["id"])
    assert "Weather: up" in shell.text("providers", "stats", made["id"])
    assert shell.record("providers", "stats", made["id"])["budgets"]
    assert shell.record("providers", "show", made["id"])["tier"] == 1
    shell.text("providers", "delete", made["id"], "--yes")
    assert "No providers" in shell.text("providers", "list", "--category", "data")


def test_a_rule_lives_from_its_making_to_its_end(shell: Shell) -> None:
    made = shell.record(
        *("alerts", "rules", "create", "Half full", "--kind", "disk"),
        *("--set", "value=0.5", "--set", "measure=share", "--set", "severity=info"),
    )
    assert (made["value"], made["severity"]) == (0.5, "info")
    change = ("alerts", "rules", "change", made["id"], "--set", "value=0.4")
    changed = shell.record(*change)
    assert changed["value"] == 0.4
    assert "Half full" in shell.text("alerts", "rules", "list", "--kind", "disk")
    assert shell.run("alerts", "rules", "change", made["id"]).exit_code == 2
    shell.text("alerts", "rules", "delete", made["id"], "--yes")
    assert shell.run("alerts", "rules", "show", made["id"]).exit_code == 4


def test_an_alert_is_seen_and_is_over(shell: Shell, app_backplane: Backplane) -> None:
    database = app_backplane.database
    add_rule(database, AlertKind.STATE, states=["offline"])
    check(database, add_provider(database), BAD)
    alert = all_alerts(database)[0].id
    (listed,) = shell.lines("alerts", "list", "--state", "open", "--unseen")
    assert listed["id"] == alert
    assert alert in shell.text("alerts", "list")
    seen = shell.record("alerts", "ack", alert, "--note", "on it")
    assert (seen["acknowledged"], seen["note"]) == (True, "on it")
    assert shell.lines("alerts", "list", "--unseen") == []
    assert shell.record("alerts", "resolve", alert)["state"] == "resolved"
    assert shell.record("alerts", "show", alert)["resolution"] == "by_hand"


def test_automations_are_switched(shell: Shell) -> None:
    assert "No insights" in shell.text("insights", "list")
    names = {each["name"] for each in shell.lines("insights", "automations", "list")}
    assert names == {"route_auto", "pause_provider"}
    told = shell.lines("insights", "automations", "enable", "route_auto")
    assert {each["name"] for each in told if each["enabled"]} == {"route_auto"}
    told = shell.lines("insights", "automations", "disable", "route_auto")
    assert not any(each["enabled"] for each in told)
    assert "Nothing was done" in shell.text("insights", "automations", "log")


def test_a_queue_is_paused_and_resumed(shell: Shell) -> None:
    assert shell.record("queues", "pause", "bulk")["paused_at"]
    assert "paused" in shell.text("queues", "list")
    assert shell.record("queues", "resume", "bulk")["paused_at"] is None
    assert shell.run("queues", "pause", "nosuch").exit_code == 4


def test_a_reader_who_goes_ends_it_without_a_word(live: LiveApi) -> None:
    # A pipe of its own: what ends a command is the system's answer.
    reader, writer = os.pipe()
    os.close(reader)
    program = "from api.cli import main; main()"
    with os.fdopen(writer, "wb") as unread:
        ended = subprocess.run(
            [sys.executable, "-c", program, "instances", "list", "--url", live.url],
            stdout=unread,
            stderr=subprocess.PIPE,
            cwd=ROOT,
            check=False,
        )
    assert (ended.stderr, ended.returncode) == (b"", 141)


def test_what_is_not_a_terminal_gets_no_colours(shell: Shell) -> None:
    assert "\x1b" not in shell.text("methods", "list")
