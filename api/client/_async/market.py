"""The market feed, and calculations that follow it."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from api.client._async.pages import read_all
from api.client._async.resource import AsyncCollection, AsyncResource
from api.client.client import place, query
from api.client.models import LiveCalculation, MarketModel, MarketState, Tick


class AsyncMarket(AsyncResource):
    """The market feed."""

    _path = "/v1/market"

    async def latest(self) -> MarketState:
        """Return the latest values, and how old they are."""
        response = await self._transport.get(self._path)
        return MarketState.model_validate_json(response.content)

    def history(self, **filters: Any) -> AsyncIterator[Tick]:
        """Yield values, newest first: ``field``, ``from_``, ``to``."""
        return read_all(self._transport, f"{self._path}/history", Tick, filters)

    async def history_csv(self, **filters: Any) -> str:
        """Return values as a table: ``field``, ``from_``, ``to``, ``limit``."""
        path = f"{self._path}/export/csv"
        answer = await self._transport.get(path, params=query(filters))
        return answer.text

    async def model(self) -> MarketModel:
        """Return what is stated of the values, while they are simulated."""
        response = await self._transport.get(f"{self._path}/model")
        return MarketModel.model_validate_json(response.content)


class AsyncLiveCalculations(AsyncCollection[LiveCalculation]):
    """Calculations that are done again as the market moves."""

    _path = "/v1/live-calculations"
    _member = LiveCalculation

    async def create(
        self,
        calculation: str,
        parameters: Mapping[str, Any],
        bindings: Mapping[str, str],
        **fields: Any,
    ) -> LiveCalculation:
        """Have a calculation follow the feed.

        Parameters
        ----------
        calculation
            Its name.
        parameters
            Those that stay as they are.
        bindings
            Which parameter takes which field of the market.
        **fields
            ``value``, ``min_change``, ``expires_in_s``.
        """
        body = {
            "calculation": calculation,
            "parameters": parameters,
            "bindings": bindings,
            **fields,
        }
        return await self._create(body)

    async def delete(self, live_id: str) -> None:
        """Let it follow no longer; thresholds that watch it go with it."""
        await self._transport.delete(place(self._path, live_id))
