"""Makes all checks that can be made, one after another."""

from collections.abc import Iterator, Mapping

from api.doctor.finding import Finding, Verdict, skipped, wrong
from api.doctor.registry import CHECKS, Check, Place
from api.doctor.surroundings import Surroundings


def examine(surroundings: Surroundings) -> Iterator[Finding]:
    """Yield what each check finds; one that fails itself is a finding too."""
    well: dict[str, bool] = {}
    for check in checks_of(surroundings):
        found = _made(check, surroundings, well)
        well[check.name] = found.verdict in (Verdict.OK, Verdict.NOTE)
        yield found.model_copy(update={"check": check.name})


def checks_of(surroundings: Surroundings) -> list[Check]:
    """Return those that can be made from here."""
    other = Place.HERE if surroundings.url else Place.AFAR
    return [check for check in CHECKS if check.place is not other]


def _made(
    check: Check, surroundings: Surroundings, well: Mapping[str, bool]
) -> Finding:
    missing = [name for name in check.needs if not well.get(name, False)]
    if missing:
        return skipped(f"needs {' and '.join(missing)}")
    try:
        return check.load()(surroundings)
    except Exception as error:
        # Whatever it is: the other checks may tell why.
        return wrong(
            f"the check itself failed: {type(error).__name__}: {error}",
            "Look at what the other checks say; if nothing explains it, report it.",
        )
