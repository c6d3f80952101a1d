"""What the answers of the QAP server hold, as its page tells it; see `tables`."""

from tests.integration.contract.shapes import (
    anything,
    boolean,
    both,
    fields,
    integer,
    list_of,
    map_of,
    maybe,
    moment,
    number,
    text,
)

SOLUTION = fields(
    request_id=text(),
    method=text(),
    problem_size=integer(2, 1000),
    best_solution=list_of(integer(0, 999)),
    objective_value=number(),
    iterations_completed=integer(0),
    runtime_seconds=number(above=0),
    gap_percent=maybe(number(0)),
    timestamp=moment,
    status=text("completed"),
    cached=boolean,
    performance_metrics=maybe(map_of(anything)),
)
ACCEPTED = fields(
    request_id=text(),
    status=text("queued"),
    poll_url=text(),
    webhook_configured=boolean,
)
STATUS = fields(
    request_id=text(),
    status=text("pending", "running", "completed", "failed"),
    created_at=moment,
    progress=number(0, 100),
    method=text(),
    problem_size=integer(2, 1000),
    result=maybe(SOLUTION),
)
BATCH = fields(
    batch_id=text(),
    total_problems=integer(1, 10),
    successful=integer(0, 10),
    failed=integer(0, 10),
    total_runtime_seconds=number(above=0),
    results=list_of(fields(request_id=text()), least=1),
    timestamp=moment,
)
METHOD = fields(
    name=text(),
    description=text(),
    complexity_time=text(),
    complexity_space=text(),
    category=text(),
    best_for=list_of(text(), least=1),
    parameters=map_of(fields(min=number(), max=number(), default=number())),
    avg_quality=number(0, 1),
    avg_runtime_ms=number(above=0),
)
BENCHMARK = fields(
    benchmark_id=text(),
    instance=text(),
    methods=list_of(text(), least=1),
    num_runs=integer(1, 20),
    results=list_of(
        fields(
            method=text(),
            run=integer(),
            quality=number(0, 1),
            runtime_seconds=number(above=0),
            gap_percent=number(0),
        ),
        least=1,
    ),
    statistics=map_of(
        fields(
            avg_quality=number(0, 1),
            min_quality=number(0, 1),
            max_quality=number(0, 1),
            avg_runtime=number(above=0),
            total_runs=integer(1, 20),
        )
    ),
    timestamp=moment,
    status=text("completed"),
)
HISTORY_ENTRY = fields(
    request_id=text(),
    timestamp=moment,
    method=text(),
    problem_size=integer(2, 1000),
    objective_value=maybe(number()),
    runtime_seconds=number(0),
    error=maybe(text()),
)
HISTORY = fields(total=integer(1), history=list_of(HISTORY_ENTRY, least=1))
EXPORT = fields(
    total_records=integer(1), exported_at=moment, data=list_of(HISTORY_ENTRY, least=1)
)
PART = text("ok")
HEALTH = fields(
    status=text("healthy"),
    system_status=text("operational"),
    version=text(),
    timestamp=moment,
    last_check=moment,
    uptime=number(0, 100),
    uptime_seconds=number(0),
    services_online=integer(0),
    total_services=integer(1),
    components=fields(
        api=PART,
        optimization_engine=PART,
        cache=PART,
        rate_limiter=PART,
        circuit_breaker=text("closed"),
        database=fields(status=text()),
        scheduler=fields(status=text()),
        websocket=fields(status=text(), active_connections=integer(0)),
        providers=fields(
            total=integer(0),
            online=integer(0),
            degraded=integer(0),
            offline=integer(0),
        ),
    ),
    metrics=fields(
        total_requests=integer(0),
        error_rate=number(0, 1),
        cache_size=integer(0),
        active_requests=integer(0),
        avg_response_time_ms=number(0),
        p50_ms=number(0),
        p95_ms=number(0),
        p99_ms=number(0),
        total_requests_hour=integer(0),
        total_failures_hour=integer(0),
        system_health=anything,
    ),
)
READY = fields(
    status=text("ready", "not_ready"),
    circuit_breaker=map_of(anything),
    components=map_of(anything),
)
METRICS = fields(
    uptime_seconds=number(0),
    total_requests=integer(0),
    total_errors=integer(0),
    error_rate=number(0, 1),
    requests_per_second=number(0),
    avg_response_time_ms=number(0),
    p50_ms=number(0),
    p95_ms=number(0),
    p99_ms=number(0),
    method_counts=map_of(integer(0)),
    status_counts=map_of(integer(0)),
    total_optimizations=integer(0),
    active_requests=integer(0),
    methods_available=integer(8),
    avg_runtime_ms=number(0),
    avg_quality=number(0, 1),
    success_rate=number(0, 1),
    timestamp=moment,
)
STATS = fields(
    total_requests=integer(0),
    average_quality=number(0, 1),
    average_runtime_seconds=number(0),
    min_quality=number(0, 1),
    max_quality=number(0, 1),
    uptime_hours=number(0),
    requests_in_queue=integer(0),
    methods_available=integer(8),
)
ADMIN = fields(
    service=text(),
    version=text(),
    uptime_seconds=number(0),
    requests=fields(
        active=integer(0), completed=integer(0), total=integer(0), errors=integer(0)
    ),
    cache=fields(
        size=integer(0),
        max_size=integer(0),
        total_hits=integer(0),
        hit_rate=number(0, 1),
    ),
    circuit_breaker=fields(
        state=text("closed", "open", "half-open"),
        failures=integer(0),
        threshold=integer(1),
        last_failure=maybe(anything),
    ),
    memory=fields(rss_mb=number(above=0), vms_mb=number(above=0)),
    rate_limiter=fields(active_buckets=integer(0)),
    timestamp=moment,
)
ROOT = fields(
    name=text(),
    service=text(),
    version=text(),
    description=text(),
    status=text("running"),
    timestamp=moment,
    docs=text(),
    redoc=text(),
    metrics=text("/metrics"),
    health=text("/health"),
    endpoints=map_of(text()),
    features=list_of(text(), least=1),
    system_info=map_of(anything),
)
ERROR = both(
    fields(
        error_code=text(),
        message=text(),
        suggestion=text(),
        timestamp=moment,
        request_id=text(),
        details=anything,
        detail=text(),
        error=text(),
    ),
    # Beside it the form of RFC 9457.
    fields(
        type=text(),
        title=text(),
        status=integer(400, 599),
        instance=text(),
        errors=list_of(fields(pointer=text(), detail=text())),
    ),
)
