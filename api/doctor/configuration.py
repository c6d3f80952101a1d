"""What is looked at of the settings: whether they hold, and whether any is lost."""

from pydantic import ValidationError

from api.doctor.finding import Finding, ok, wrong
from api.doctor.surroundings import Surroundings
from db.contracts.near_miss import did_you_mean
from db.contracts.settings import OpenToAllError
from db.contracts.variables import KNOWN, unknown


def settings(around: Surroundings) -> Finding:
    """Read them; two that contradict each other are refused there."""
    try:
        found = around.settings
    except ValidationError as error:
        faults = [
            f"{'.'.join(map(str, each['loc'])) or 'together'}: {each['msg']}"
            for each in error.errors(include_url=False, include_input=False)
        ]
        return wrong(
            "; ".join(faults),
            "Correct these variables: docs/reference/settings.md has their domains.",
        )
    given = sorted(name for name in KNOWN if name in around.environment)
    if not given:
        return ok(f"none is set: all are the usual ones, home {found.home}")
    return ok(f"set: {', '.join(given)}")


def variables(around: Surroundings) -> Finding:
    """Find names that begin as ours do and that nothing reads."""
    lost = unknown(around.environment)
    if not lost:
        return ok("every variable that begins with SOLVEQUEUE_ is known")
    fixes = [
        f"{name}: {did_you_mean(name, KNOWN) or 'there is no such setting. '}".strip()
        for name in lost
    ]
    return wrong(
        f"nobody reads {', '.join(lost)}",
        " ".join(fixes) + " Correct or unset it; see docs/reference/settings.md.",
    )


def access(around: Surroundings) -> Finding:
    found = around.settings
    try:
        found.refuse_if_open()
    except OpenToAllError as error:
        detail, _, fix = str(error).partition(". ")
        return wrong(detail, fix)
    return ok(f"listens on {found.api_host}, AUTH_MODE is {found.auth_mode}")
