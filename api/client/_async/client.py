"""The client."""

from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2
from typing_extensions import override

from api.client._async.alerts import AsyncAlertRules, AsyncAlerts
from api.client._async.calculations import AsyncCalculations
from api.client._async.channels import AsyncChannels
from api.client._async.families import AsyncBatches, AsyncBenchmarks
from api.client._async.insights import AsyncAutomations, AsyncInsights
from api.client._async.market import AsyncLiveCalculations, AsyncMarket
from api.client._async.metrics import AsyncMetrics
from api.client._async.notifications import AsyncNotifications, AsyncThresholds
from api.client._async.pages import read_list
from api.client._async.providers import AsyncProviders
from api.client._async.queues import AsyncQueues, AsyncWorkers
from api.client._async.schedules import AsyncSchedules
from api.client._async.solving import AsyncSolver
from api.client._async.transport import AsyncTransport
from api.client._async.webhooks import AsyncWebhooks
from api.client.client import DEFAULT_URL, place, query
from api.client.invoices import read_invoice
from api.client.models import (
    ApiKey,
    Health,
    Instance,
    InvoiceLine,
    Limits,
    Method,
    NewApiKey,
    Price,
    Readiness,
    StreamToken,
)
from api.client.transport import TRIES


class AsyncClient(AsyncSolver):
    """Talks to one service. Use it as a context manager.

    Each resource of the service is an attribute, and jobs are the client's own methods.
    """

    def __init__(
        self,
        base_url: str = DEFAULT_URL,
        *,
        api_key: str | None = None,
        timeout_seconds: float = 10.0,
        tries: int = TRIES,
        transport: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """Make a client.

        Parameters
        ----------
        base_url
            Where the service is.
        api_key
            A key, or a token.
        timeout_seconds
            How long a connection, and the beginning of an answer, may take.
        tries
            How often at most is sent what is safe to repeat; 1 repeats nothing.
        transport
            What carries requests in place of the network.
        """
        super().__init__(
            AsyncTransport(
                base_url,
                timeout_seconds=timeout_seconds,
                api_key=api_key,
                tries=tries,
                transport=transport,
            )
        )
        self.alert_rules = AsyncAlertRules(self._transport)
        self.alerts = AsyncAlerts(self._transport)
        self.automations = AsyncAutomations(self._transport)
        self.batches = AsyncBatches(self._transport)
        self.benchmarks = AsyncBenchmarks(self._transport)
        self.calculations = AsyncCalculations(self._transport)
        self.channels = AsyncChannels(self._transport)
        self.insights = AsyncInsights(self._transport)
        self.live_calculations = AsyncLiveCalculations(self._transport)
        self.market = AsyncMarket(self._transport)
        self.metrics = AsyncMetrics(self._transport)
        self.notifications = AsyncNotifications(self._transport)
        self.providers = AsyncProviders(self._transport)
        self.queues = AsyncQueues(self._transport)
        self.schedules = AsyncSchedules(self._transport)
        self.thresholds = AsyncThresholds(self._transport)
        self.webhooks = AsyncWebhooks(self._transport)
        self.workers = AsyncWorkers(self._transport)

    @property
    def base_url(self) -> str:
        return self._transport.base_url

    async def methods(self) -> list[Method]:
        return await read_list(self._transport, "/v1/methods", Method)

    async def method(self, name: str) -> Method:
        response = await self._transport.get(place("/v1/methods", name))
        return Method.model_validate_json(response.content)

    async def instances(self, *, limit: int | None = None) -> list[Instance]:
        """Return the library, and up to `limit` stored ones: those of your jobs."""
        path = "/v1/instances"
        return await read_list(self._transport, path, Instance, {"limit": limit})

    async def instance(self, name_or_sha256: str) -> Instance:
        response = await self._transport.get(place("/v1/instances", name_or_sha256))
        return Instance.model_validate_json(response.content)

    async def upload_instance(self, **instance: Any) -> Instance:
        """Store an instance once; the same matrices have the same hash.

        ``flow`` and ``distance`` (and ``linear``), or ``costs``; ``name`` is a label.
        """
        response = await self._transport.put_in_state("/v1/instances", body=instance)
        return Instance.model_validate_json(response.content)

    async def upload_qaplib(self, text: str, name: str | None = None) -> Instance:
        """Store an instance once; the same matrices have the same hash."""
        params = {} if name is None else {"name": name}
        response = await self._transport.upload(
            "/v1/instances", text=text, params=params
        )
        return Instance.model_validate_json(response.content)

    async def create_stream_token(
        self, *topics: str, expires_in_seconds: int = 60
    ) -> StreamToken:
        """Make a token for a browser, which reads these topics and does nothing else.

        ``job:{id}``, ``batch:{id}``, ``benchmark:{id}``, or the name of a channel.
        """
        body = {"topics": topics, "expires_in_s": expires_in_seconds}
        response = await self._transport.put_in_state("/v1/stream-tokens", body=body)
        return StreamToken.model_validate_json(response.content)

    async def create_key(self, owner: str, **fields: Any) -> NewApiKey:
        """Make a key, as an operator; only this answer has all of it.

        ``name``, ``scopes``, ``expires_days``, ``max_queued``, ``max_running``.
        """
        body = {"owner": owner, **fields}
        response = await self._transport.post("/v1/keys", body=body)
        return NewApiKey.model_validate_json(response.content)

    async def keys(self) -> list[ApiKey]:
        return await read_list(self._transport, "/v1/keys", ApiKey)

    async def revoke_key(self, prefix: str) -> None:
        """Let a key open nothing any more."""
        await self._transport.delete(f"/v1/keys/{quote(prefix, safe='')}")

    async def health(self) -> Health:
        """Return how the service is, part by part."""
        response = await self._transport.get("/health")
        return Health.model_validate_json(response.content)

    async def readiness(self) -> Readiness:
        """Return whether database, event server and broker answer."""
        response = await self._transport.get("/ready")
        return Readiness.model_validate_json(response.content)

    async def limits(self) -> Limits:
        """Return the limits that hold for you, and what is left of them."""
        response = await self._transport.get("/v1/limits")
        return Limits.model_validate_json(response.content)

    async def prices(self) -> list[Price]:
        """Return every price that was ever in force, newest first."""
        return await read_list(self._transport, "/v1/prices", Price)

    async def invoices(
        self, month: str, *, caller: str | None = None
    ) -> list[InvoiceLine]:
        """Return what a month such as ``2026-11`` came to, and each caller's total."""
        params = query({"month": month, "caller": caller})
        response = await self._transport.get("/v1/invoices", params=params)
        return read_invoice(response.text)

    async def aclose(self) -> None:
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"
