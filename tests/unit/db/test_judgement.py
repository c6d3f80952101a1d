"""An excursion is told once, however the numbers go up and down within it."""

import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.contracts.threshold import (
    Change,
    Condition,
    Lasting,
    Rule,
    Standing,
    ThresholdState,
)
from db.judgement import judge, judge_lasting

ABOVE = Rule(condition=Condition.ABOVE, value=10.0, hysteresis=2.0)
BELOW = Rule(condition=Condition.BELOW, value=-10.0, hysteresis=2.0)
OUTSIDE = Rule(condition=Condition.OUTSIDE, low=-10.0, high=10.0, hysteresis=2.0)
CHANGE = Rule(condition=Condition.CHANGE_BY, value=3.0)
SERIES = st.lists(st.integers(-15, 15).map(float), max_size=60)


def run(
    rule: Rule, series: Sequence[float], *, every_s: float = 1.0
) -> tuple[list[Change], Standing]:
    """Judge numbers that come so often; return what is told of each."""
    standing, told = Standing(), []
    for i, value in enumerate(series):
        verdict = judge(rule, standing, value, 1000.0 + i * every_s)
        standing = verdict.standing
        told.append(verdict.change)
    return told, standing


def letter(rule: Rule, value: float) -> str:
    """Return where a number lies, worked out apart from the code: o, m or b."""
    high = 10.0 if rule is not BELOW else 99.0
    low = -10.0 if rule is not ABOVE else -99.0
    if not low <= value <= high:
        return "b"
    return "o" if low + 2.0 <= value <= high - 2.0 else "m"


@pytest.mark.parametrize("rule", [ABOVE, BELOW, OUTSIDE], ids=lambda r: r.condition)
@given(series=SERIES)
def test_each_excursion_is_told_once_and_its_end_once(
    rule: Rule, series: list[float]
) -> None:
    letters = "".join(letter(rule, value) for value in series)
    excursions = list(re.finditer("b[bm]*", letters))
    told, standing = run(rule, series)
    raised = [i for i, each in enumerate(told) if each is Change.RAISED]
    resolved = [i for i, each in enumerate(told) if each is Change.RESOLVED]
    assert raised == [each.start() for each in excursions]
    assert resolved == [each.end() for each in excursions if each.end() < len(letters)]
    assert (standing.raises, standing.suppressed) == (len(excursions), 0)
    assert standing.last_value == (series[-1] if series else None)


@given(series=SERIES, cooldown=st.integers(0, 20))
def test_it_is_never_told_sooner_than_the_cooldown(
    series: list[float], cooldown: int
) -> None:
    rule = Rule(
        condition=Condition.ABOVE, value=10.0, hysteresis=2.0, cooldown_s=cooldown
    )
    told, standing = run(rule, series)
    raised = [i for i, each in enumerate(told) if each is Change.RAISED]
    assert all(series[i] > 10.0 for i in raised)
    assert all(b - a >= cooldown for a, b in pairwise(raised))
    # What is told is never told as over twice, nor is what was not told.
    kinds = [each for each in told if each is not Change.NOTHING]
    pairs = [Change.RAISED, Change.RESOLVED] * len(kinds)
    assert kinds == pairs[: len(kinds)]
    excursions = re.findall("b[bm]*", "".join(letter(ABOVE, value) for value in series))
    # One that was muted is told later, or was over before.
    assert len(raised) <= len(excursions) <= len(raised) + standing.suppressed


@given(series=SERIES)
def test_a_change_is_measured_from_what_was_told_last(series: list[float]) -> None:
    told, standing = run(CHANGE, series)
    reference = series[0] if series else None
    for value, change in zip(series, told, strict=True):
        assert reference is not None
        assert (change is Change.RAISED) == (abs(value - reference) >= 3.0)
        if change is Change.RAISED:
            reference = value
    assert standing.reference == reference
    assert Change.RESOLVED not in told
    assert standing.state is ThresholdState.ARMED


@given(series=SERIES)
def test_the_same_number_judged_again_changes_nothing(series: list[float]) -> None:
    standing = Standing()
    for i, value in enumerate(series):
        once = judge(OUTSIDE, standing, value, float(i))
        for at in (float(i), i - 0.5):
            again = judge(OUTSIDE, once.standing, -value, at)
            assert again.change is Change.NOTHING
            assert again.standing == once.standing
        standing = once.standing


def test_a_muted_excursion_is_told_when_it_lasts() -> None:
    rule = Rule(condition=Condition.ABOVE, value=10.0, hysteresis=2.0, cooldown_s=5.0)
    told, standing = run(rule, [11, 8, 11, 9, 9, 9, 11, 11])
    assert [i for i, each in enumerate(told) if each is Change.RAISED] == [0, 6]
    assert (standing.suppressed, standing.raises) == (1, 2)
    told, standing = run(rule, [11, 8, 11, 8, 11])
    assert told[1:] == [Change.RESOLVED, *[Change.NOTHING] * 3]
    assert (standing.suppressed, standing.state) == (2, ThresholdState.MUTED)


def test_the_limit_itself_is_no_excursion_and_without_hysteresis_its_end() -> None:
    rule = Rule(condition=Condition.ABOVE, value=10.0)
    assert run(rule, [10.0, 10.5, 10.0])[0] == [
        *(Change.NOTHING, Change.RAISED, Change.RESOLVED)
    ]


def run_lasting(series: str, *, for_s: float, rule: Rule = ABOVE) -> str:
    """Judge a letter a second: beyond, middle or ok; return what is told of each."""
    seen, told = Lasting(), ""
    values = {"b": 11.0, "m": 9.0, "o": 7.0}
    letters = {Change.NOTHING: ".", Change.RAISED: "R", Change.RESOLVED: "S"}
    for i, letter in enumerate(series):
        seen, change = judge_lasting(
            rule, seen, values[letter], 1000.0 + i, for_s=for_s
        )
        told += letters[change]
    return told


@pytest.mark.parametrize(
    ("series", "for_s", "told"),
    [
        ("bbb", 0.0, "R.."),
        ("bbbb", 2.0, "..R."),
        ("bboobbb", 2.0, "......R"),
        # In the middle it is not beyond: it has to begin anew.
        ("bbmbbb", 2.0, ".....R"),
        # Once it is told, the middle is not the end of it.
        ("bbbmmbo", 2.0, "..R...S"),
        ("bbbobbb", 2.0, "..RS..R"),
        ("ooo", 2.0, "..."),
    ],
)
def test_an_excursion_is_told_once_it_has_lasted(
    series: str, for_s: float, told: str
) -> None:
    assert run_lasting(series, for_s=for_s) == told


def test_a_number_that_is_not_newer_changes_nothing() -> None:
    seen, _ = judge_lasting(ABOVE, Lasting(), 11.0, 1000.0, for_s=2.0)
    assert judge_lasting(ABOVE, seen, 7.0, 999.0, for_s=2.0) == (seen, Change.NOTHING)
    _, change = judge_lasting(ABOVE, seen, 11.0, 1002.0, for_s=2.0)
    assert change is Change.RAISED


def test_the_cooldown_is_counted_from_what_was_told() -> None:
    rule = Rule(condition=Condition.ABOVE, value=10.0, cooldown_s=6.0)
    assert run_lasting("bbobbbbb", for_s=1.0, rule=rule) == ".RS....R"
