# Made of api/client/_async/client.py by `make client`: change that one.
"""The client."""

from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import httpx2
from typing_extensions import override

from api.client._sync.alerts import AlertRules, Alerts
from api.client._sync.calculations import Calculations
from api.client._sync.channels import Channels
from api.client._sync.families import Batches, Benchmarks
from api.client._sync.insights import Automations, Insights
from api.client._sync.market import LiveCalculations, Market
from api.client._sync.metrics import Metrics
from api.client._sync.notifications import Notifications, Thresholds
from api.client._sync.pages import read_list
from api.client._sync.providers import Providers
from api.client._sync.queues import Queues, Workers
from api.client._sync.schedules import Schedules
from api.client._sync.solving import Solver
from api.client._sync.transport import Transport
from api.client._sync.webhooks import Webhooks
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


class Client(Solver):
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
        transport: httpx2.BaseTransport | None = None,
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
            Transport(
                base_url,
                timeout_seconds=timeout_seconds,
                api_key=api_key,
                tries=tries,
                transport=transport,
            )
        )
        self.alert_rules = AlertRules(self._transport)
        self.alerts = Alerts(self._transport)
        self.automations = Automations(self._transport)
        self.batches = Batches(self._transport)
        self.benchmarks = Benchmarks(self._transport)
        self.calculations = Calculations(self._transport)
        self.channels = Channels(self._transport)
        self.insights = Insights(self._transport)
        self.live_calculations = LiveCalculations(self._transport)
        self.market = Market(self._transport)
        self.metrics = Metrics(self._transport)
        self.notifications = Notifications(self._transport)
        self.providers = Providers(self._transport)
        self.queues = Queues(self._transport)
        self.schedules = Schedules(self._transport)
        self.thresholds = Thresholds(self._transport)
        self.webhooks = Webhooks(self._transport)
        self.workers = Workers(self._transport)

    @property
    def base_url(self) -> str:
        return self._transport.base_url

    def methods(self) -> list[Method]:
        return read_list(self._transport, "/v1/methods", Method)

    def method(self, name: str) -> Method:
        response = self._transport.get(place("/v1/methods", name))
        return Method.model_validate_json(response.content)

    def instances(self, *, limit: int | None = None) -> list[Instance]:
        """Return the library, and up to `limit` stored ones: those of your jobs."""
        path = "/v1/instances"
        return read_list(self._transport, path, Instance, {"limit": limit})

    def instance(self, name_or_sha256: str) -> Instance:
        response = self._transport.get(place("/v1/instances", name_or_sha256))
        return Instance.model_validate_json(response.content)

    def upload_instance(self, **instance: Any) -> Instance:
        """Store an instance once; the same matrices have the same hash.

        ``flow`` and ``distance`` (and ``linear``), or ``costs``; ``name`` is a label.
        """
        response = self._transport.put_in_state("/v1/instances", body=instance)
        return Instance.model_validate_json(response.content)

    def upload_qaplib(self, text: str, name: str | None = None) -> Instance:
        """Store an instance once; the same matrices have the same hash."""
        params = {} if name is None else {"name": name}
        response = self._transport.upload("/v1/instances", text=text, params=params)
        return Instance.model_validate_json(response.content)

    def create_stream_token(
        self, *topics: str, expires_in_seconds: int = 60
    ) -> StreamToken:
        """Make a token for a browser, which reads these topics and does nothing else.

        ``job:{id}``, ``batch:{id}``, ``benchmark:{id}``, or the name of a channel.
        """
        body = {"topics": topics, "expires_in_s": expires_in_seconds}
        response = self._transport.put_in_state("/v1/stream-tokens", body=body)
        return StreamToken.model_validate_json(response.content)

    def create_key(self, owner: str, **fields: Any) -> NewApiKey:
        """Make a key, as an operator; only this answer has all of it.

        ``name``, ``scopes``, ``expires_days``, ``max_queued``, ``max_running``.
        """
        body = {"owner": owner, **fields}
        response = self._transport.post("/v1/keys", body=body)
        return NewApiKey.model_validate_json(response.content)

    def keys(self) -> list[ApiKey]:
        return read_list(self._transport, "/v1/keys", ApiKey)

    def revoke_key(self, prefix: str) -> None:
        """Let a key open nothing any more."""
        self._transport.delete(f"/v1/keys/{quote(prefix, safe='')}")

    def health(self) -> Health:
        """Return how the service is, part by part."""
        response = self._transport.get("/health")
        return Health.model_validate_json(response.content)

    def readiness(self) -> Readiness:
        """Return whether database, event server and broker answer."""
        response = self._transport.get("/ready")
        return Readiness.model_validate_json(response.content)

    def limits(self) -> Limits:
        """Return the limits that hold for you, and what is left of them."""
        response = self._transport.get("/v1/limits")
        return Limits.model_validate_json(response.content)

    def prices(self) -> list[Price]:
        """Return every price that was ever in force, newest first."""
        return read_list(self._transport, "/v1/prices", Price)

    def invoices(self, month: str, *, caller: str | None = None) -> list[InvoiceLine]:
        """Return what a month such as ``2026-11`` came to, and each caller's total."""
        params = query({"month": month, "caller": caller})
        response = self._transport.get("/v1/invoices", params=params)
        return read_invoice(response.text)

    def close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    @override
    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.base_url!r})"
