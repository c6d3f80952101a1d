"""What the shell offers behind a command: names of the catalogue that comes along.

No service is asked: a key press must not wait for one.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from db.contracts.catalogue import catalogue

Offer = tuple[str, str]


def methods(incomplete: str) -> list[Offer]:
    """Return methods and what each is."""
    known = {name: entry.title for name, entry in catalogue().methods.items()}
    known["portfolio"] = "methods that race"
    return list(_matching(known.items(), incomplete))


def instances(incomplete: str) -> list[Offer]:
    """Return instances of the library and files that may be one."""
    known = (
        (name, f"{entry.order} facilities, best known {entry.best_known}")
        for name, entry in catalogue().instances.items()
    )
    return [*_matching(known, incomplete), *_files(incomplete)]


def calculations(incomplete: str) -> list[Offer]:
    """Return calculations and what each tells."""
    # Here: the rest of the command does without them.
    from db.contracts.calculations import CALCULATIONS

    known = ((name, each.summary) for name, each in CALCULATIONS.items())
    return list(_matching(known, incomplete))


def _matching(known: Iterable[Offer], incomplete: str) -> Iterator[Offer]:
    return (offer for offer in known if offer[0].startswith(incomplete.lower()))


def _files(incomplete: str) -> Iterator[Offer]:
    try:
        for path in sorted(Path().glob(f"{incomplete}*")):
            if path.is_dir():
                yield f"{path}/", "a folder"
            elif path.suffix in (".dat", ".json"):
                yield str(path), "a file"
    except (OSError, ValueError, NotImplementedError):
        # What is typed is no pattern, or a folder that may not be read.
        return
