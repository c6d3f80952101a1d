"""Examples of the sockets' frames, by the name of their model."""

from typing import Any

JOB = "job_0198c0ffee0070008000000000000001"
AT = "2026-11-22T05:20:16.306Z"
EVENT = {
    "specversion": "1.0",
    "id": "evt_3bbf605c103b817f9276471b04e6098c.3",
    "source": f"/v1/jobs/{JOB}",
    "type": "job.cancelled",
    "subject": JOB,
    "time": AT,
    "sequence": "000000000011",
    "epoch": "bf3e045df752",
    "datacontenttype": "application/json",
    "data": {"attempt": 1, "objective": 7263668, "termination": "cancelled"},
}
PROBLEM = {
    "type": "/problems/not-found",
    "detail": "there is no such topic",
    "suggestion": "A topic is one of …",
}
HEALTH = {
    "status": "healthy",
    "metrics": {"active_connections": 3, "cache_hit_rate": 0.5, "uptime_seconds": 90.0},
    "data": {
        "status": "healthy",
        "uptime": 100.0,
        "services_online": 4,
        "total_services": 4,
        "last_check": AT,
    },
}
STATUS = {
    "system_metrics": {"system_health": "healthy"},
    "alert_count": 0,
    "active_websocket_clients": 3,
}
METRICS = {
    "total_calculations": 12,
    "last_24h_calculations": 3,
    "revenue_summary": {
        "total_revenue": 1.35,
        "base_revenue": 1.2,
        "premium_revenue": 0.15,
        "projected_monthly": 13.5,
    },
    "average_processing_time_ms": 512.5,
    "success_rate": 1.0,
}
LIVE = {
    "total_clients": 2,
    "active_calls": 1,
    "calls_today": 3,
    "monthly_call_volume": 12,
    "revenue_today": 0.3,
    "success_rate": 100.0,
    "ai_optimization_score": 99.1,
    "system_uptime": 100.0,
    "agents_active": 1,
    "campaigns_running": 0,
    "last_updated": AT,
}
CACHE = {
    "size": 3,
    "max_size": 1000,
    "hit_count": 1,
    "miss_count": 2,
    "hit_rate": 0.333,
    "ttl_seconds": 300.0,
}
MARKET = {
    "discount_rate": 0.074003,
    "inflation_rate": 0.0333,
    "market_growth": 0.049848,
    "tech_index": 95.816171,
    "ai_adoption_rate": 0.54921,
}
VALUE = {
    "calculation_id": "calc-1",
    "input_value": 3.14159,
    "precision_level": 6,
    "precision_result": 1.90845e-08,
    "processing_time_ms": 0.31,
    "metadata": None,
    "timestamp": AT,
}
PROVIDER_CHANGE = {
    "provider": "CoinGecko",
    "old_status": "online",
    "new_status": "offline",
    "details": {
        "id": "prv_3bbf605c103b817f9276471b04e6098c",
        "reason": "connection refused",
        "since": AT,
    },
}
LOG_ENTRY = {
    "log_type": "connection",
    "provider": "CoinGecko",
    "endpoint": "https://api.example.com/ping",
    "status": "success",
    "response_time_ms": 120.4,
    "http_status_code": 200,
}
BUDGET = {
    "id": "prv_3bbf605c103b817f9276471b04e6098c",
    "provider": "CoinGecko",
    "limit_type": "per_minute",
    "limit_value": 50,
    "current_usage": 40,
    "percentage": 80.0,
    "severity": "warning",
    "reset_time": AT,
}
ALERT = {
    "id": "alt_3bbf605c103b817f9276471b04e6098c",
    "rule": "A provider is offline",
    "rule_id": "alr_3bbf605c103b817f9276471b04e6098c",
    "alert_type": "state",
    "severity": "critical",
    "subject": "provider:prv_3bbf605c103b817f9276471b04e6098c",
    "provider": "CoinGecko",
    "provider_id": "prv_3bbf605c103b817f9276471b04e6098c",
    "message": "A provider is offline: CoinGecko is offline: connection refused",
    "value": 1.0,
    "raised_at": AT,
}
RESOLVED = ALERT | {
    "message": "A provider is offline: over: CoinGecko is online",
    "resolution": "over",
    "resolved_at": AT,
    "lasted_s": 63.2,
    "count": 3,
}
ACKNOWLEDGED = ALERT | {
    "acknowledged_by": "key:alice",
    "acknowledged_at": AT,
    "note": "they know",
}
CALCULATION = {"calculation_id": "mine", "calculation_type": "solve", "job": JOB}
NUG12 = {"instance": {"name": "nug12"}}


def _frame(type_: str, **fields: Any) -> dict[str, Any]:
    return {"type": type_, **fields}


def _told(type_: str, **fields: Any) -> dict[str, Any]:
    return _frame(type_, timestamp=AT, **fields)


INSIGHT = {
    "id": "ins_0123456789abcdef0123456789abcdef",
    "title": "memetic beats tabu_search on instances of 26 to 70 facilities",
    "description": "In the same time memetic ends 1.96 % lower than tabu_search.",
    "confidence": 79.8,
    "impact_estimate": "1.96 % lower objectives in the same time",
    "action_type": "route_auto",
    "priority": "high",
    "timestamp": AT,
}
# fmt: off
EXAMPLES: dict[str, list[dict[str, Any]]] = {
    "Init": [_frame("init"), _frame("init", token="sqst_…")],  # noqa: S106 - no secret
    "Subscribe": [
        _frame("subscribe", id="a", topic=f"job:{JOB}"),
        _frame("subscribe", id="a", topic=f"job:{JOB}", after=9, epoch="bf3e045df752"),
        _frame("subscribe", id="b", topic="jobs", types=["job.succeeded"]),
    ],
    "Unsubscribe": [_frame("unsubscribe", id="a")],
    "Ping": [_frame("ping")],
    "Ready": [_frame("ready", limits={"topics": 128})],
    "SnapshotFrame": [_frame("snapshot", id="a", sequence=9, epoch="bf3e045df752", recovered=True, state={"id": JOB, "state": "running"})],  # noqa: E501
    "EventFrame": [_frame("event", id="a", event=EVENT)],
    "End": [_frame("end", id="a")],
    "ErrorFrame": [_frame("error", id="a", message="there is no such topic", problem=PROBLEM)],  # noqa: E501
    "Pong": [_frame("pong")],
    "LivePing": [_frame("ping")],
    "LivePong": [_frame("pong"), _told("pong")],
    "LiveError": [_told("error", message="Unknown channel: news", code="invalid-input", suggestion="Channels are …")],  # noqa: E501
    "ChooseChannel": [_frame("subscribe", channel="calculations")],
    "LeaveChannel": [_frame("unsubscribe", channel="calculations")],
    "ChooseMetrics": [_frame("subscribe_metrics")],
    "GetActiveCalculations": [_frame("get_active_calculations")],
    "Calculate": [_frame("calculate", calculation_id="mine", calculation_type="solve", parameters=NUG12)],  # noqa: E501
    "RequestCalculation": [_frame("request_calculation", data={"calculation_type": "solve", "parameters": NUG12})],  # noqa: E501
    "Welcome": [_told("welcome", message="Connected to SolveQueue.", features=["calculations"])],  # noqa: E501
    "Heartbeat": [_told("heartbeat", server_status="healthy", active_connections=3)],
    "ChannelChosen": [_told("subscribed", channel="calculations")],
    "ChannelLeft": [_told("unsubscribed", channel="calculations")],
    "MetricsUpdate": [_told("metrics_update", data=METRICS)],
    "ActiveCalculations": [_told("active_calculations", calculations=[{**CALCULATION, "status": "processing", "progress": 12.5, "created_at": AT, "started_at": AT}])],  # noqa: E501
    "CacheUpdate": [_told("cache_update", stats={"results": CACHE})],
    "HealthTold": [_told("system_health", **HEALTH)],
    "NotificationTold": [_told("notification", id="ntf_9ab05a9d2fd9a14ba54a7b1a3d5cf0a9", channel="calculations", notification_type="calculation_completed", level="success", message="solve mine has completed", data=CALCULATION)],  # noqa: E501
    "CalculationUpdateTold": [_told("calculation_update", **CALCULATION, status="processing", progress=12.5, message="Processing solve... 12.5%")],  # noqa: E501
    "CalculationResultTold": [_told("calculation_result", data=VALUE)],
    "CalculationCompleteTold": [_told("calculation_complete", **CALCULATION, status="completed", result={"best_objective": 578}, completed_at=AT, data={})],  # noqa: E501
    "CalculationErrorTold": [_told("calculation_error", **CALCULATION, status="error", error="irr is not offered", message="irr is not offered", code="invalid-input", suggestion="Ask for solve.")],  # noqa: E501
    "CalculationLive": [_told("calculation_live", calculation_id="mine", calculation_type="npv", live="live_0198c0ffee0070008000000000000001", bindings={"/discount_rate": "discount_rate"}, expires_at=AT)],  # noqa: E501
    "MarketUpdateTold": [_told("market_update", sequence=179536092, source="simulated", simulated=True, since_s=10.0, data=MARKET, changes={"tech_index": -0.12})],  # noqa: E501
    "ChooseTopics": [_frame("subscribe", topics=["live_metrics"])],
    "LeaveTopics": [_frame("unsubscribe", topics=["live_metrics"]), _frame("unsubscribe")],  # noqa: E501
    "ConnectionEstablished": [_told("connection_established", client_id="client_1", message="Connected to SolveQueue.")],  # noqa: E501
    "TopicsChosen": [_told("subscribed", topics=["live_metrics"])],
    "TopicsLeft": [_told("unsubscribed", topics="all")],
    "LiveMetricsTold": [_told("live_metrics", data=LIVE)],
    "StatusUpdate": [_told("status_update", **STATUS, data=STATUS)],
    "ProviderStatusChange": [_told("provider_status_change", **PROVIDER_CHANGE, data=PROVIDER_CHANGE)],  # noqa: E501
    "NewLogEntry": [_told("new_log_entry", **LOG_ENTRY, data=LOG_ENTRY)],
    "RateLimitAlert": [_told("rate_limit_alert", **BUDGET, data=BUDGET)],
    "AlertRaisedTold": [_told("alert_raised", **ALERT, data=ALERT)],
    "AlertResolvedTold": [_told("alert_resolved", **RESOLVED, data=RESOLVED)],
    "AlertAcknowledgedTold": [_told("alert_acknowledged", **ACKNOWLEDGED, data=ACKNOWLEDGED)],  # noqa: E501
    "AiInsights": [_told("ai_insights", data=[INSIGHT])],
    "BroadcastTold": [_frame("test", message="hello")],
}
# fmt: on
