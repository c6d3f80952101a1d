"""What has to last to be told is told once it has, whatever comes before."""

import pytest

from db.contracts.threshold import Change, Condition, Lasting, Rule
from db.judgement import judge_lasting

ABOVE = Rule(condition=Condition.ABOVE, value=10.0, hysteresis=2.0)


def run(series: str, *, for_s: float, rule: Rule = ABOVE) -> str:
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
    assert run(series, for_s=for_s) == told


def test_a_number_that_is_not_newer_changes_nothing() -> None:
    seen, _ = judge_lasting(ABOVE, Lasting(), 11.0, 1000.0, for_s=2.0)
    assert judge_lasting(ABOVE, seen, 7.0, 999.0, for_s=2.0) == (seen, Change.NOTHING)
    _, change = judge_lasting(ABOVE, seen, 11.0, 1002.0, for_s=2.0)
    assert change is Change.RAISED


def test_the_cooldown_is_counted_from_what_was_told() -> None:
    rule = Rule(condition=Condition.ABOVE, value=10.0, cooldown_s=6.0)
    assert run("bbobbbbb", for_s=1.0, rule=rule) == ".RS....R"
