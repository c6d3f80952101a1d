"""The frames of /ws and /ws/live, as clients of the earlier servers read them."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, RootModel

from db.contracts.alert import AlertAcknowledged, AlertRaised, AlertResolved
from db.contracts.calculation_event import (
    CalculationCompleted,
    CalculationFailed,
    CalculationUpdated,
)
from db.contracts.event import Notification
from db.contracts.insight import InsightShort
from db.contracts.market import MarketChanges, MarketNews, MarketValues
from db.contracts.provider import BudgetWarned
from db.contracts.service_standing import (
    CacheStanding,
    CalculationMetrics,
    LiveMetrics,
    SystemHealth,
    SystemMetrics,
)


class LiveFrame(BaseModel):
    """What one side sends."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Told(LiveFrame):
    """What the service sends."""

    timestamp: str


class LivePing(LiveFrame):
    """Asks whether the other side is there; either may."""

    type: Literal["ping"]
    timestamp: str | None = None


class LivePong(LiveFrame):
    """The answer to a ping."""

    type: Literal["pong"]
    timestamp: str | None = None


class LiveError(Told):
    """A frame could not be done; the socket stays open."""

    type: Literal["error"]
    message: str
    code: str | None = None
    suggestion: str | None = None


class ChooseChannel(LiveFrame):
    """The wish to hear of a channel."""

    type: Literal["subscribe"]
    channel: str


class LeaveChannel(LiveFrame):
    """The wish not to hear of it any longer."""

    type: Literal["unsubscribe"]
    channel: str


class ChooseMetrics(LiveFrame):
    """The wish for the metrics now, and as they change."""

    type: Literal["subscribe_metrics"]


class GetActiveCalculations(LiveFrame):
    """Asks for the caller's jobs that have not ended."""

    type: Literal["get_active_calculations"]


class Calculate(LiveFrame):
    """A wish for a calculation."""

    type: Literal["calculate"]
    calculation_id: str | None = None
    """The client's own name for it; one is made if it has none."""
    calculation_type: str
    parameters: dict[str, Any] = {}
    live: bool = False
    """Whether it is to be done again with each tick of the market feed."""
    bindings: dict[str, str] | None = None
    """Of a live one: from JSON pointers into the parameters to fields of the feed."""


class RequestCalculation(LiveFrame):
    """The same as the earliest clients send it."""

    type: Literal["request_calculation"]
    data: dict[str, Any]


class Welcome(Told):
    """The socket is open."""

    type: Literal["welcome"]
    message: str
    features: list[str]


class Heartbeat(Told):
    """The service lives; every 30 s."""

    type: Literal["heartbeat"]
    server_status: str
    active_connections: int


class ChannelChosen(Told):
    """The channel is followed."""

    type: Literal["subscribed"]
    channel: str


class ChannelLeft(Told):
    """The channel is followed no longer."""

    type: Literal["unsubscribed"]
    channel: str


class MetricsUpdate(Told):
    """What jobs have come to; every 2 s to who follows it."""

    type: Literal["metrics_update"]
    data: CalculationMetrics


class ActiveCalculation(LiveFrame):
    """One of the caller's jobs that have not ended."""

    calculation_id: str
    calculation_type: str
    job: str
    status: str
    progress: float | None = None
    created_at: str
    started_at: str | None = None


class ActiveCalculations(Told):
    """The caller's jobs that have not ended."""

    type: Literal["active_calculations"]
    calculations: list[ActiveCalculation]


class CacheUpdate(Told):
    """How the caches stand; every 30 s."""

    type: Literal["cache_update"]
    stats: dict[str, CacheStanding]


class HealthTold(SystemHealth, Told):
    """How the service is."""

    type: Literal["system_health"]


class NotificationTold(Notification, Told):
    """Something that a person may want to know."""

    type: Literal["notification"]


class CalculationUpdateTold(CalculationUpdated, Told):
    """How far a calculation is."""

    type: Literal["calculation_update"]


class CalculationCompleteTold(CalculationCompleted, Told):
    """A calculation's result."""

    type: Literal["calculation_complete"]


class CalculationResultTold(Told):
    """The same result once more, to who asked for a type that everyone hears of."""

    type: Literal["calculation_result"]
    data: dict[str, Any]


class CalculationErrorTold(CalculationFailed, Told):
    """Why there is no result."""

    type: Literal["calculation_error"]
    job: str = ""


class CalculationLive(Told):
    """The answer to a wish for a live calculation: its ends follow, under its id."""

    type: Literal["calculation_live"]
    calculation_id: str
    """As the client named it."""
    calculation_type: str
    live: str
    """What it is called from now on."""
    bindings: dict[str, str]
    expires_at: str


class MarketUpdateTold(MarketNews, Told):
    """The market feed's values; every 10 s, on `market_data`."""

    type: Literal["market_update"]
    data: MarketValues
    changes: MarketChanges


class ChooseTopics(LiveFrame):
    """The wish to hear of these only: types of frames, or channels."""

    type: Literal["subscribe"]
    topics: list[str] | str | None = None


class LeaveTopics(LiveFrame):
    """The wish not to hear of them; of none in particular: to hear of all again."""

    type: Literal["unsubscribe"]
    topics: list[str] | str | None = None


class ConnectionEstablished(Told):
    """The socket is open."""

    type: Literal["connection_established"]
    client_id: str
    message: str


class TopicsChosen(Told):
    """What is told from now on."""

    type: Literal["subscribed"]
    topics: list[str] | Literal["all"]


class TopicsLeft(Told):
    """What is told from now on."""

    type: Literal["unsubscribed"]
    topics: list[str] | Literal["all"]


class LiveMetricsTold(Told):
    """What the service does and has done; every 2 s."""

    type: Literal["live_metrics"]
    data: LiveMetrics


class StatusFields(LiveFrame):
    """How outside services and the service are."""

    system_metrics: SystemMetrics
    alert_count: int | None
    """Alerts that are open and that nobody has acknowledged; null while unknown."""
    active_websocket_clients: int


class StatusUpdate(StatusFields, Told):
    """The same, told twice, for two sorts of clients; every 10 s."""

    type: Literal["status_update"]
    data: StatusFields


class ProviderDetails(LiveFrame):
    """What is known of a change of a provider's state."""

    id: str
    reason: str
    since: str
    response_time_ms: float | None = None


class ProviderStatusFields(LiveFrame):
    """Whose state has become another one."""

    provider: str
    old_status: str
    new_status: str
    details: ProviderDetails


class ProviderStatusChange(ProviderStatusFields, Told):
    """The same, told twice, for two sorts of clients."""

    type: Literal["provider_status_change"]
    data: ProviderStatusFields


class NewLogEntry(Told):
    """A line of a log: flat, and once more in `data`."""

    model_config = ConfigDict(extra="allow")

    type: Literal["new_log_entry"]
    log_type: Literal["connection", "failure", "collection", "rate_limit"]
    data: dict[str, Any]


class RateLimitAlert(BudgetWarned, Told):
    """Most calls of a budget are used up: flat, and once more in `data`."""

    type: Literal["rate_limit_alert"]
    data: BudgetWarned


class AlertRaisedTold(AlertRaised, Told):
    """Something is beyond a rule's limit: flat, and once more in `data`."""

    type: Literal["alert_raised"]
    data: AlertRaised


class AlertResolvedTold(AlertResolved, Told):
    """It is over: flat, and once more in `data`."""

    type: Literal["alert_resolved"]
    data: AlertResolved


class AlertAcknowledgedTold(AlertAcknowledged, Told):
    """An operator knows of it: flat, and once more in `data`."""

    type: Literal["alert_acknowledged"]
    data: AlertAcknowledged


class AiInsights(Told):
    """Every 30 s: what the history says, surest first; empty without evidence."""

    type: Literal["ai_insights"]
    data: list[InsightShort]


class BroadcastTold(RootModel[dict[str, Any]]):
    """Whatever an operator sends to everyone: any object, its type included."""


DESK_RECEIVED: tuple[type[BaseModel], ...] = (
    *(ChooseChannel, LeaveChannel, ChooseMetrics, GetActiveCalculations),
    *(Calculate, RequestCalculation, LivePing, LivePong),
)
DESK_SENT: tuple[type[BaseModel], ...] = (
    *(Welcome, Heartbeat, ChannelChosen, ChannelLeft, MetricsUpdate),
    *(ActiveCalculations, CacheUpdate, HealthTold, NotificationTold),
    *(CalculationUpdateTold, CalculationCompleteTold, CalculationErrorTold),
    *(CalculationResultTold, CalculationLive),
    *(MarketUpdateTold, LivePong, LiveError),
)
FEED_RECEIVED: tuple[type[BaseModel], ...] = (
    *(ChooseTopics, LeaveTopics, LivePing, LivePong),
)
FEED_SENT: tuple[type[BaseModel], ...] = (
    *(ConnectionEstablished, TopicsChosen, TopicsLeft, LiveMetricsTold),
    *(ProviderStatusChange, NewLogEntry, RateLimitAlert),
    *(AlertRaisedTold, AlertResolvedTold, AlertAcknowledgedTold),
    AiInsights,
    *(StatusUpdate, HealthTold, BroadcastTold, LivePing, LivePong, LiveError),
)
