"""Providers by the names that clients of the monitoring system know them by."""

from collections.abc import Sequence

from sqlalchemy import Connection

from api.instances import invalid
from api.state import ApiState
from db.contracts.budget import Usage
from db.contracts.errors import NotFoundError
from db.contracts.near_miss import did_you_mean
from db.models import Provider
from db.repositories import monitoring, providers


def find_provider(connection: Connection, name: str) -> Provider:
    """Return the provider of this name or id; else raise with one that is like it."""
    try:
        if name.startswith("prv_"):
            return providers.get(connection, name)
        return providers.get_named(connection, name)
    except NotFoundError as error:
        near = did_you_mean(name, monitoring.names_of(connection))
        raise NotFoundError(
            f"there is no provider {name[:100]!r}",
            suggestion=f"{near}/api/providers lists them all.",
        ) from error


def usages_of(
    state: ApiState, found: Sequence[Provider], moment: float
) -> list[tuple[Usage, ...]]:
    """Return how the budgets of each stand at this moment."""
    wanted = [(each.id, providers.limits_of(each)) for each in found]
    return state.backplane.budgets.read(wanted, moment)


def ask_now(state: ApiState, name: str) -> Provider:
    """Have a provider checked as soon as a courier comes to it; return it."""
    with state.backplane.database.transaction() as connection:
        found = find_provider(connection, name)
        if not found.paused:
            providers.make_due(connection, [found.id])
    if found.paused:
        raise invalid(
            "#/provider", f"{found.name} is paused", "Resume it, then trigger it."
        )
    return found
