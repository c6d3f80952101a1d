"""What the pages for operators name is there: alerts, commands, settings, log lines."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.exceptions import TyperException as WrongUse

from api.cli import app
from db.contracts.alert import USUAL
from db.contracts.metric import METRICS
from db.contracts.variables import KNOWN

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "operations"
PAGES = sorted(FOLDER.glob("*.md"))
RUNBOOKS = (FOLDER / "runbooks.md").read_text(encoding="utf-8")
SECTIONS = re.split(r"^### (.+)$", RUNBOOKS, flags=re.M)[1:]
SECTION = dict(zip(SECTIONS[::2], SECTIONS[1::2], strict=True))
RULES = ROOT / "deploy" / "prometheus" / "rules.yaml"
ASKED = ("Users notice", "See", "Do", "Over", "Prevent")
COMMAND = re.compile(r"^(?:\$ )?(?:[A-Z_]+=\S+ )*(?:exec )?solvequeue (?=[a-z])(.+)$")


def kebab(name: str) -> str:
    """Return the heading of an alert: ``queue_old`` and ``QueueOld`` are queue-old."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name).replace("_", "-").lower()


def rules_of_prometheus() -> list[str]:
    if not RULES.exists():
        return []
    return re.findall(r"^\s*- alert: (\w+)$", RULES.read_text("utf-8"), re.M)


@pytest.mark.parametrize("name", [*USUAL, *rules_of_prometheus()])
def test_every_alert_has_its_runbook(name: str) -> None:
    assert kebab(name) in SECTION


@pytest.mark.parametrize("heading", SECTION)
def test_a_runbook_answers_what_is_asked_or_leads_on(heading: str) -> None:
    text = SECTION[heading]
    if re.match(r"\s*\*[^\n]+\* (?:The same as|As) \[", text):
        return
    assert re.match(r"\s*\*(Critical|Warning|Page|Ticket)\. ", text)
    assert [
        asked for asked in ASKED if not re.search(rf"\*\*{asked}\*\*", text, re.I)
    ] == []
    assert re.search(r"\*\*causes\*\*|act on|as \[disk-low\]", text, re.I)


def test_each_runbook_is_of_an_alert() -> None:
    of_prometheus = RUNBOOKS.partition("## Rules of Prometheus")[2]
    ours = [name for name in SECTION if f"### {name}\n" not in of_prometheus]
    assert ours == [kebab(name) for name in USUAL]
    if named := rules_of_prometheus():
        assert set(SECTION) - set(ours) == {kebab(name) for name in named}


def quoted(page: Path) -> Iterator[str]:
    """Yield each call of the command that a page shows, in blocks and in lines."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"^```(?:sh|console|bash|ini)\n(.*?)^```$", text, re.S | re.M)
    outside = re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)
    lines = [line for block in blocks for line in block.splitlines()]
    for line in [*lines, *re.findall(r"`([^`\n]+)`", outside)]:
        # Behind a pipe, a semicolon or a comment it is another's.
        for part in re.split(r"\s[|;#]\s|(?<=\S);\s|\s#|&&", line):
            found = COMMAND.match(part.strip())
            if found is not None:
                yield found.group(1)


@cache
def tree() -> Any:
    return typer.main.get_command(app)


def parse(line: str) -> None:
    """Parse as a call would; fail by what is no command, option or argument."""
    words = shlex.split(line)
    group, info = tree(), "solvequeue"
    context = group.make_context(info, ["--help"], resilient_parsing=True)
    while hasattr(group, "commands"):
        assert words, f"names no command: {line}"
        assert words[0] in group.commands, f"no such command: {line}"
        group, info = group.commands[words[0]], words.pop(0)
        if hasattr(group, "commands"):
            context = group.make_context(
                info, ["--help"], parent=context, resilient_parsing=True
            )
    group.make_context(info, words, parent=context)


CALLS = sorted({(page.name, call) for page in PAGES for call in quoted(page)})


def test_the_pages_show_calls() -> None:
    assert len(CALLS) > 30


@pytest.mark.parametrize(("page", "call"), CALLS)
def test_every_call_is_one_that_the_command_knows(page: str, call: str) -> None:
    parse(call)


@pytest.mark.parametrize(
    "call",
    [
        "nothing",
        "jobs",
        "alerts list --stat open",
        "queues pause",
        "jobs list --limit x",
    ],
)
def test_a_wrong_call_is_noticed(call: str) -> None:
    with pytest.raises((AssertionError, WrongUse)):
        parse(call)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_setting_is_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(
        re.findall(
            r"\b((?:SOLVEQUEUE|JWT|AUTH|DATABASE|REDIS|BROKER)_[A-Z_]*[A-Z])\b", text
        )
    )
    assert named - KNOWN == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_metric_is_one(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(
        re.findall(r"\b(solvequeue_[a-z_]+_(?:total|seconds|ratio|depth))\b", text)
    )
    assert named - METRICS.keys() == set()


def test_every_line_of_the_log_is_one_that_is_written() -> None:
    sources = "".join(
        path.read_text(encoding="utf-8")
        for package in ("api", "db", "worker", "schedules")
        for path in (ROOT / package).rglob("*.py")
    )
    named = set(re.findall(r'"action": "([a-z_]+)"', RUNBOOKS))
    assert len(named) > 3
    assert [each for each in named if f'"action": "{each}"' not in sources] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    wrong = []
    for to in re.findall(r"\]\(([^)#\s]*)(#[^)\s]+)?\)", page.read_text("utf-8")):
        file, anchor = to
        if "://" in file:
            continue
        target = page if not file else (page.parent / file).resolve()
        if not target.exists():
            wrong.append(file)
        elif anchor and target.suffix == ".md":
            heads = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.M)
            slugs = {
                re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-")
                for head in heads
            }
            if anchor[1:] not in slugs:
                wrong.append(file + anchor)
    assert wrong == []


def test_each_test_that_a_page_names_is_there() -> None:
    named = {
        path
        for page in PAGES
        for path in re.findall(r"\b(tests/[\w/]+\.py)\b", page.read_text("utf-8"))
    }
    assert len(named) > 30
    assert [path for path in sorted(named) if not (ROOT / path).is_file()] == []


def test_each_threat_has_a_test_that_shows_what_stands_against_it() -> None:
    page = (FOLDER / "threat-model.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([STRIDE]) \|(.+)\|$", page, re.M)
    assert {kind for kind, _ in rows} == set("STRIDE")
    for _, row in rows:
        threat, against, shown, _ = (cell.strip() for cell in row.split(" |"))
        assert threat
        assert against
        assert "`tests/" in shown, threat
