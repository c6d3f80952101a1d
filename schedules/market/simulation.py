"""The source that is a model; everything of it is labelled ``simulated``."""

from functools import lru_cache

from typing_extensions import override

from db.contracts.market import (
    CORRELATION,
    DECIMALS,
    MODEL,
    SIMULATED,
    TICK_SECONDS,
    MarketValues,
)
from db.models import MarketTick
from schedules.market.model import MarketModel, Statement
from schedules.market.source import Reading, Source


class Simulation(Source):
    """Tells what the model has at the tick, however many were missed."""

    label = SIMULATED
    is_simulated = True

    def __init__(self, seed: int) -> None:
        self._model = _model(seed)

    @override
    def read(self, number: int, before: MarketTick | None) -> Reading:
        values = self._model.at(number)
        told = {
            field.value: round(float(value), DECIMALS)
            for field, value in zip(MODEL, values, strict=True)
        }
        return Reading(MarketValues(**told))


def stated() -> Statement:
    """Return what the contract states of the fields, as the model takes it."""
    return Statement.of(
        [
            (each.low, each.middle, each.high, each.spread, each.half_life_s)
            for each in MODEL.values()
        ],
        CORRELATION,
    )


@lru_cache(maxsize=1)
def _model(seed: int) -> MarketModel:
    return MarketModel(stated(), step_s=TICK_SECONDS, seed=seed)
