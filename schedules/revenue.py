"""Adds up what was used, at the prices that were in force as each job ended."""

import logging

from db.backplane import Backplane
from db.repositories import charges, prices

logger = logging.getLogger(__name__)

PORTION = 200
"""Added up in one transaction: on SQLite nobody else writes meanwhile."""
MAX_PORTIONS = 100
"""Of one turn: what is left is the next one's."""


def add_up(backplane: Backplane) -> None:
    """Record prices that the settings have changed, then add up what has ended.

    Several may: each charge is one's, and each price comes into force once.
    """
    wanted = backplane.settings.price_list
    with backplane.database.transaction() as connection:
        if prices.keep(connection, wanted, since=backplane.opened_at):
            logger.info("prices changed", extra={"action": "prices_changed"})
    for _ in range(MAX_PORTIONS):
        with backplane.database.transaction() as connection:
            prices.lock_revenue(connection)
            known = prices.read(connection, usual={})
            if charges.add_up(connection, known, limit=PORTION) < PORTION:
                return
