"""What a check has found, and what to do about it."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Verdict(StrEnum):
    """What became of a check."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing has to be done."""
    WRONG = "wrong"
    """Something has to be done: `fix` says what."""
    SKIPPED = "skipped"
    """It could not be looked at; `detail` says why."""


class Finding(BaseModel):
    """One check's answer."""

    model_config = ConfigDict(frozen=True)

    check: str = ""
    verdict: Verdict
    detail: str
    fix: str = ""


def ok(detail: str) -> Finding:
    return Finding(verdict=Verdict.OK, detail=detail)


def note(detail: str, fix: str = "") -> Finding:
    return Finding(verdict=Verdict.NOTE, detail=detail, fix=fix)


def wrong(detail: str, fix: str) -> Finding:
    return Finding(verdict=Verdict.WRONG, detail=detail, fix=fix)


def skipped(detail: str) -> Finding:
    return Finding(verdict=Verdict.SKIPPED, detail=detail)
