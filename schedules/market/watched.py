"""The source that is a watched provider: what was collected from it last."""

import json

from pydantic import ValidationError
from sqlalchemy import select
from typing_extensions import override

from db.contracts.errors import NotFoundError
from db.contracts.market import PROVIDER, GapReason, MarketField, MarketValues
from db.engine import Database, now
from db.models import MarketTick
from db.repositories import provider_collections, providers
from schedules.market.source import GapError, Reading, Source


class Watched(Source):
    """Takes the series that are named as the fields are; asks nobody itself."""

    is_simulated = False

    def __init__(self, name: str, database: Database) -> None:
        self.label = f"{PROVIDER}{name}"
        self._name = name
        self._database = database

    @override
    def read(self, number: int, before: MarketTick | None) -> Reading:
        with self._database.reading() as connection:
            try:
                found = providers.get_named(connection, self._name)
            except NotFoundError as error:
                raise GapError(GapReason.NOT_COLLECTED) from error
            wanted = providers.collection_of(found)
            collected = provider_collections.latest(connection, found.id)
            moment = connection.execute(select(now())).scalar_one()
        if wanted is None or collected is None:
            raise GapError(GapReason.NOT_COLLECTED)
        # Without a moment of its own it is as old as when it was fetched.
        data_at = collected.at if collected.data_at is None else collected.data_at
        if moment - data_at > wanted.stale_after_s:
            raise GapError(GapReason.STALE)
        values = json.loads(collected.values)
        fields = [field.value for field in MarketField if field.value in wanted.series]
        for field in fields:
            if values.get(field) is None:
                raise GapError(GapReason.NO_VALUE, field)
        if not fields:
            raise GapError(GapReason.NO_VALUE)
        try:
            return Reading(MarketValues(**{field: values[field] for field in fields}))
        except ValidationError as error:
            name = str(error.errors()[0]["loc"][0])
            raise GapError(GapReason.OUT_OF_RANGE, name) from error
