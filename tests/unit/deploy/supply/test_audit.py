"""An audit that was none says so, and nothing is excepted for ever."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from deploy.supply.audit import EXCEPTIONS, Outcome, exceptions, judge

TODAY = date(2026, 11, 23)
FINE: dict[str, Any] = {"name": "a", "version": "1", "vulns": []}
BAD: dict[str, Any] = {
    "name": "b",
    "version": "1",
    "vulns": [{"id": "PYSEC-1", "aliases": ["CVE-1"], "fix_versions": ["2"]}],
}
SKIPPED = {"name": "c", "skip_reason": "Dependency not found"}


def exception(**changed: str) -> str:
    fields = {
        "id": '"PYSEC-1"',
        "package": '"b"',
        "reason": '"the parser is not called here"',
        "expires": "2026-12-31",
    } | changed
    lines = [f"{name} = {value}" for name, value in fields.items() if value]
    return "\n".join(["[[exception]]", *lines])


def test_those_that_are_there_hold_today() -> None:
    text = EXCEPTIONS.read_text(encoding="utf-8")
    assert exceptions(text, datetime.now(UTC).date()) is not None


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"expires": "2026-11-22"}, "expired"),
        ({"expires": "2027-11-22"}, "90 days"),
        ({"expires": '"2026-12-31"'}, "a day"),
        ({"expires": "2026-12-31T00:00:00Z"}, "a day"),
        ({"reason": '"later"'}, "say why"),
        ({"reason": ""}, "needs exactly"),
    ],
)
def test_an_exception_has_a_reason_and_an_end(
    changed: dict[str, str], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        exceptions(exception(**changed), TODAY)


def test_what_nobody_reads_is_refused() -> None:
    with pytest.raises(ValueError, match="exceptions"):
        exceptions("[[exceptions]]\n", TODAY)


def test_what_is_known_to_be_bad_fails_and_is_named() -> None:
    verdict = judge({"dependencies": [FINE, BAD]}, {})
    assert verdict.outcome is Outcome.VULNERABLE
    assert verdict.lines == ("b: PYSEC-1, mended by 2",)


@pytest.mark.parametrize("known", ["PYSEC-1", "CVE-1"])
def test_an_exception_lets_it_pass_by_any_of_its_names(known: str) -> None:
    text = exception(id=f'"{known}"')
    verdict = judge({"dependencies": [FINE, BAD]}, exceptions(text, TODAY))
    assert verdict.outcome is Outcome.FINE


def test_an_exception_is_of_one_package() -> None:
    text = exception(package='"a"')
    verdict = judge({"dependencies": [FINE, BAD]}, exceptions(text, TODAY))
    assert verdict.outcome is Outcome.VULNERABLE


def test_an_exception_that_nothing_needs_has_to_go() -> None:
    reasons = exceptions(exception(), TODAY)
    verdict = judge({"dependencies": [FINE]}, reasons)
    assert verdict.outcome is Outcome.VULNERABLE
    assert "take it out" in verdict.lines[0]


@pytest.mark.parametrize(
    "report", [None, {"dependencies": []}, {"dependencies": [SKIPPED]}]
)
def test_an_audit_of_nothing_is_none(report: dict[str, Any] | None) -> None:
    assert judge(report, {}).outcome is Outcome.NOT_AUDITED


def test_one_that_the_index_does_not_know_among_others_fails() -> None:
    verdict = judge({"dependencies": [FINE, SKIPPED]}, {})
    assert verdict.outcome is Outcome.VULNERABLE
    assert verdict.lines[0].startswith("c: ")


def test_all_asked_and_none_bad_is_fine() -> None:
    assert judge({"dependencies": [FINE]}, {}).outcome is Outcome.FINE
