"""Ticks of the market feed, as tests need them."""

from db.backplane import Backplane
from db.contracts.market import GapReason
from db.contracts.settings import Settings
from db.models import MarketTick
from db.repositories import market
from db.repositories.market import TickFilter
from schedules.market.simulation import Simulation
from schedules.market.source import GapError, Reading, Source
from schedules.market_data import take_tick


class Broken(Source):
    """A source that has nothing."""

    label = "provider:rates.example"
    is_simulated = False

    def read(self, number: int, before: MarketTick | None) -> Reading:
        raise GapError(GapReason.BAD_STATUS, "503")


def simulation() -> Simulation:
    return Simulation(Settings().market_seed)


def present(backplane: Backplane) -> int:
    """Return the number of the tick that it is time for."""
    with backplane.database.reading() as connection:
        return market.standing(connection).number


def take(backplane: Backplane, *numbers: int, source: Source | None = None) -> None:
    """Take the ticks of these numbers."""
    for number in numbers:
        assert take_tick(backplane, number, source or simulation()) is not None


def ticks(backplane: Backplane) -> list[MarketTick]:
    """Return all ticks, oldest first."""
    with backplane.database.reading() as connection:
        found = market.list_ticks(connection, TickFilter(), before=None, limit=1000)
    return found[::-1]
