"""Whether a number is worth telling: a pure function of a rule and what it has seen.

An excursion begins with a number beyond the limit and is over with one that is within
it by the hysteresis. It is told once, when it begins, and once more when it is over.
"""

from dataclasses import replace

from db.contracts.threshold import (
    Change,
    Condition,
    Lasting,
    Rule,
    Standing,
    ThresholdState,
    Verdict,
)


def judge(rule: Rule, standing: Standing, value: float, at: float) -> Verdict:
    """Return how the rule stands after this number, and what is to be told of it.

    A number that is not newer than the last one changes nothing, so that the same may
    be judged twice. An excursion that begins within the cooldown is muted: it is told
    if it lasts until then. A change has no length: it is told, and the next is measured
    from there.
    """
    if standing.judged_at is not None and at <= standing.judged_at:
        return Verdict(standing)
    reference = value if standing.reference is None else standing.reference
    seen = replace(standing, last_value=value, judged_at=at, reference=reference)
    is_cooling = seen.raised_at is not None and at - seen.raised_at < rule.cooldown_s
    if seen.state is not ThresholdState.ARMED and _is_back(rule, reference, value):
        is_told = seen.state is ThresholdState.RAISED
        armed = replace(seen, state=ThresholdState.ARMED)
        if is_told:
            return Verdict(replace(armed, resolved_at=at), Change.RESOLVED)
        return Verdict(armed)
    if seen.state is ThresholdState.RAISED or not _is_beyond(rule, reference, value):
        return Verdict(seen)
    if not is_cooling:
        return Verdict(_raised(rule, seen, value, at), Change.RAISED)
    if seen.state is ThresholdState.ARMED:
        suppressed = seen.suppressed + 1
        seen = replace(seen, state=ThresholdState.MUTED, suppressed=suppressed)
    return Verdict(seen)


def judge_lasting(
    rule: Rule, seen: Lasting, value: float, at: float, *, for_s: float
) -> tuple[Lasting, Change]:
    """Judge a number that has to be beyond the limit for so long to be told."""
    standing = seen.standing
    is_old = standing.judged_at is not None and at <= standing.judged_at
    is_armed = standing.state is ThresholdState.ARMED
    if is_armed and not is_old and _is_beyond(rule, value, value):
        since = at if seen.beyond_since is None else seen.beyond_since
        if at - since < for_s:
            waiting = replace(standing, last_value=value, judged_at=at)
            return Lasting(waiting, since), Change.NOTHING
    verdict = judge(rule, standing, value, at)
    since_then = seen.beyond_since if is_old else None
    return Lasting(verdict.standing, since_then), verdict.change


def _raised(rule: Rule, seen: Standing, value: float, at: float) -> Standing:
    raised = replace(seen, raised_at=at, raises=seen.raises + 1)
    if rule.condition is Condition.CHANGE_BY:
        return replace(raised, state=ThresholdState.ARMED, reference=value)
    return replace(raised, state=ThresholdState.RAISED)


def _is_beyond(rule: Rule, reference: float, value: float) -> bool:
    match rule.condition:
        case Condition.ABOVE:
            return value > _given(rule.value)
        case Condition.BELOW:
            return value < _given(rule.value)
        case Condition.OUTSIDE:
            return value < _given(rule.low) or value > _given(rule.high)
        case Condition.CHANGE_BY:
            return abs(value - reference) >= _given(rule.value)


def _is_back(rule: Rule, reference: float, value: float) -> bool:
    by = rule.hysteresis
    match rule.condition:
        case Condition.ABOVE:
            return value <= _given(rule.value) - by
        case Condition.BELOW:
            return value >= _given(rule.value) + by
        case Condition.OUTSIDE:
            return _given(rule.low) + by <= value <= _given(rule.high) - by
        case Condition.CHANGE_BY:
            return not _is_beyond(rule, reference, value)


def _given(number: float | None) -> float:
    assert number is not None, "a rule has what its condition needs"
    return number
