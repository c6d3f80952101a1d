"""Keeps the providers that files and the service itself name as they are named there.

Whoever runs it, and how often, is all the same: it compares, and changes what differs.
What the API names is never touched.
"""

import logging
from dataclasses import asdict, replace

from sqlalchemy import Connection

from db.backplane import Backplane
from db.contracts.errors import NameTakenError, UnavailableError
from db.contracts.provider import Expectation, Origin, ProviderKind
from db.contracts.provider_faults import OWN_CATEGORY, OWN_PARTS
from db.contracts.provider_input import ProviderInput
from db.contracts.registry_report import RegistryFault, RegistryReport
from db.models import Provider
from db.provider_registry import Fault, Registry, read_registry
from db.repositories import providers
from db.repositories.jobs import database_time
from db.repositories.provider_words import described
from db.repositories.providers import Description, description_of

logger = logging.getLogger(__name__)

PART_EVERY_S = 30.0
OF_PARTS = Expectation(
    timeout_ms=5000, degraded_ms=1000, offline_ms=5000, failures=2, recoveries=1
)
OF_BEAT = OF_PARTS.model_copy(update={"degraded_ms": 5000, "offline_ms": 15_000})
"""Its lateness is what is judged: it ticks every second."""

_told: set[str] = set()
"""Faults that this process has logged: each once, while it lasts."""


def synchronise(backplane: Backplane) -> None:
    """Add, change and pause providers until they are what is named."""
    settings = backplane.settings
    registry = read_registry(settings)
    with backplane.database.transaction() as connection:
        faults = [*registry.faults, *_keep_registry(connection, registry)]
        if settings.provider_parts:
            faults += _keep_parts(connection)
        else:
            _pause_parts(connection)
        read_at = database_time(connection)
    _log([str(each) for each in faults])
    report = RegistryReport(
        read_at=read_at,
        providers=len(registry.providers),
        faults=[RegistryFault(**asdict(each)) for each in faults],
    )
    try:
        backplane.presence.tell_registry(report)
    except UnavailableError:
        logger.debug("registry untold", extra={"action": "registry_untold"})


def _keep_registry(connection: Connection, registry: Registry) -> list[Fault]:
    """Return what could not be done."""
    faults = []
    kept = {
        each.name.lower(): each
        for each in providers.of_origin(connection, Origin.REGISTRY)
    }
    for name, given in registry.providers.items():
        found = kept.get(name)
        try:
            if found is None:
                providers.add(connection, described(given), origin=Origin.REGISTRY)
                _tell("provider_added", given.name)
            else:
                _keep(connection, found, given)
        except NameTakenError:
            faults.append(
                Fault(
                    "registry",
                    given.name,
                    "/name",
                    "the API has named a provider so",
                    "Rename one of them.",
                )
            )
    if registry.is_whole:
        for name, found in kept.items():
            if name not in registry.named and found.left_at is None:
                providers.set_paused(connection, found.id, paused=True, left=True)
                _tell("provider_left", found.name)
    return faults


def _keep(connection: Connection, found: Provider, given: ProviderInput) -> None:
    if found.left_at is not None:
        providers.set_paused(connection, found.id, paused=False)
        _tell("provider_returned", found.name)
    # Whether it is paused the API says, as long as the file names it.
    is_paused = found.paused and found.left_at is None
    wanted = described(given, paused=is_paused)
    if wanted != replace(description_of(found), paused=is_paused):
        providers.change(connection, found.id, wanted)
        _tell("provider_changed", given.name)


def _keep_parts(connection: Connection) -> list[Fault]:
    faults = []
    kept = {each.name: each for each in providers.of_origin(connection, Origin.SERVICE)}
    for name, description in OWN_PARTS.items():
        wanted = Description(
            name=name,
            kind=ProviderKind.INTERNAL,
            category=OWN_CATEGORY,
            description=description,
            expectation=OF_BEAT if name == "beat" else OF_PARTS,
            tier=1,
            every_s=PART_EVERY_S,
        )
        found = kept.pop(name, None)
        try:
            if found is None:
                providers.add(connection, wanted, origin=Origin.SERVICE)
            elif replace(description_of(found), paused=False) != wanted:
                wanted = replace(wanted, paused=found.paused)
                providers.change(connection, found.id, wanted)
        except NameTakenError:
            faults.append(
                Fault(
                    "service",
                    name,
                    "/name",
                    "a part of the service is called so, and so is a provider of yours",
                    "Rename that one.",
                )
            )
    for gone in kept.values():
        # A part of an earlier version.
        providers.remove(connection, gone.id)
    return faults


def _pause_parts(connection: Connection) -> None:
    for found in providers.of_origin(connection, Origin.SERVICE):
        if not found.paused:
            providers.set_paused(connection, found.id, paused=True)


def _tell(action: str, name: str) -> None:
    logger.info("provider synchronised", extra={"action": action, "provider": name})


def _log(faults: list[str]) -> None:
    for fault in faults:
        if fault not in _told:
            logger.error(
                "provider refused",
                extra={"action": "provider_refused", "reason": fault},
            )
    _told.clear()
    _told.update(faults)
