"""Asks for known vulnerabilities of what is locked: `make audit`.

pip-audit asks the package index. It calls a requirement that the index knows nothing of
"skipped" and ends well, also if that is all of them: here such a run was no audit, and
says so. With ``--strict`` it fails then; without, a machine without a network passes.
"""

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "requirements.txt"
EXCEPTIONS = Path(__file__).with_name("exceptions.toml")
LONGEST = timedelta(days=90)
FIELDS = {"id", "package", "reason", "expires"}
NOT_AUDITED = """
***********************************************************************
* NOT AUDITED: {why}.
* Whether what is locked has known vulnerabilities is NOT KNOWN.
* Run `make audit STRICT=1` where the package index can be asked.
***********************************************************************
"""


class Outcome(IntEnum):
    """What came of it, as the exit code."""

    FINE = 0
    VULNERABLE = 1
    NOT_AUDITED = 2


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of an audit, and what there is to say."""

    outcome: Outcome
    lines: tuple[str, ...]


def exceptions(text: str, today: date) -> dict[tuple[str, str], str]:
    """Return the reasons by package and id; raise ValueError for a bad one."""
    given = tomllib.loads(text)
    if given.keys() - {"exception"}:
        raise ValueError(f"nobody reads {', '.join(given.keys() - {'exception'})}")
    reasons: dict[tuple[str, str], str] = {}
    for each in given.get("exception", []):
        if each.keys() != FIELDS:
            raise ValueError(f"{each.get('id')}: needs exactly {sorted(FIELDS)}")
        if type(each["expires"]) is not date:
            raise ValueError(f"{each['id']}: expires has to be a day")
        if each["expires"] < today:
            raise ValueError(f"{each['id']} expired on {each['expires']}: look again")
        if each["expires"] > today + LONGEST:
            raise ValueError(f"{each['id']}: at most {LONGEST.days} days ahead")
        if len(each["reason"].split()) < 4:
            raise ValueError(f"{each['id']}: say why, so that others can judge it")
        reasons[each["package"], each["id"]] = each["reason"]
    return reasons


def judge(
    report: dict[str, Any] | None, reasons: dict[tuple[str, str], str]
) -> Verdict:
    """Return what pip-audit's report comes to; None is one that did not come."""
    if report is None:
        return Verdict(Outcome.NOT_AUDITED, ("pip-audit could not ask",))
    asked = report["dependencies"]
    skipped = [each["name"] for each in asked if "skip_reason" in each]
    if not asked or len(skipped) == len(asked):
        why = f"the package index told nothing of any of {len(asked)} requirements"
        return Verdict(Outcome.NOT_AUDITED, (why,))
    lines = [f"{name}: the package index does not know it" for name in skipped]
    used = set()
    for name, found in _vulnerabilities(asked):
        names = {found["id"], *found.get("aliases", [])}
        excused = {(name, each) for each in names} & reasons.keys()
        used |= excused
        if not excused:
            mended = ", ".join(found.get("fix_versions", [])) or "nothing yet"
            lines.append(f"{name}: {found['id']}, mended by {mended}")
    lines += [
        f"{name}: {known} is excepted and not found any more: take it out"
        for name, known in sorted(reasons.keys() - used)
    ]
    if lines:
        return Verdict(Outcome.VULNERABLE, tuple(lines))
    return Verdict(Outcome.FINE, (f"{len(asked)} requirements, none known to be bad",))


def _vulnerabilities(asked: list[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    for each in asked:
        for found in each.get("vulns", []):
            yield each["name"], found


def _ask(tool: str) -> dict[str, Any] | None:
    """Return the report, or None where the index could not be asked."""
    answer = subprocess.run(  # noqa: S603 (the Makefile's)
        [
            *(tool, "--requirement", str(LOCK), "--disable-pip", "--require-hashes"),
            *("--format", "json", "--progress-spinner", "off", "--timeout", "10"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return dict(json.loads(answer.stdout))
    except ValueError:
        sys.stderr.write(answer.stderr[-2000:])
        return None


def main(tool: str, *options: str) -> int:
    """Audit the lock with ``tool``; return the exit code."""
    today = datetime.now(UTC).date()
    try:
        reasons = exceptions(EXCEPTIONS.read_text(encoding="utf-8"), today)
    except ValueError as error:
        sys.stderr.write(f"deploy/supply/exceptions.toml: {error}\n")
        return Outcome.VULNERABLE
    verdict = judge(_ask(tool), reasons)
    if verdict.outcome is not Outcome.NOT_AUDITED:
        sys.stdout.write("\n".join(verdict.lines) + "\n")
        return verdict.outcome
    sys.stderr.write(NOT_AUDITED.format(why=verdict.lines[0]))
    return verdict.outcome if "--strict" in options else Outcome.FINE


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
