"""What every family of requests promises, asked of each one in the registry."""

import pytest

from api.guard.families import EXEMPT, FAMILIES, Family, rates
from api.routers import ROUTERS
from db.contracts.rate_limits import Rate, RateLimits
from db.contracts.settings import Settings

FAMILIES_OF = {
    ("POST", "/solve"): "solve",
    ("POST", "/solve/batch"): "solve",
    ("POST", "/solve-async"): "solve",
    ("POST", "/benchmark"): "solve",
    ("GET", "/solve/job_1/status"): "read",
    ("GET", "/benchmark/job_1"): "read",
    ("POST", "/solve/other"): "read",
    ("POST", "/v1/jobs"): "submit",
    ("POST", "/v1/jobs/actions"): "submit",
    ("POST", "/v1/jobs/job_1/rerun"): "submit",
    ("POST", "/v1/jobs/job_1/reproduce"): "submit",
    ("POST", "/v1/batches"): "submit",
    ("POST", "/v1/benchmarks"): "submit",
    ("POST", "/v1/schedules"): "submit",
    ("POST", "/v1/schedules/sch_1/trigger"): "submit",
    ("POST", "/v1/instances"): "submit",
    ("POST", "/v1/verify"): "submit",
    # To stop something must always be possible.
    ("POST", "/v1/jobs/job_1/cancel"): "read",
    ("POST", "/v1/batches/job_1/cancel"): "read",
    ("POST", "/v1/schedules/sch_1/pause"): "read",
    ("DELETE", "/v1/jobs/job_1"): "read",
    ("GET", "/v1/jobs"): "read",
    ("GET", "/metrics"): "read",
    ("GET", "/stats"): "read",
    ("POST", "/admin/clear"): "read",
    ("POST", "/api/v1/calculate"): "calculate",
    ("GET", "/api/v1/metrics"): "calculate",
    ("POST", "/api/financial/npv"): "calculate",
    ("GET", "/metrics/live"): "overview",
    ("GET", "/insights/ai"): "overview",
    ("GET", "/stats/global"): "overview",
    ("GET", "/api/v1/overview/health"): "overview",
    ("GET", "/api/providers"): "monitor",
    ("GET", "/info"): "monitor",
    ("BREW", "/"): "read",
}


def family_of(method: str, path: str) -> str:
    return next(each.name for each in FAMILIES.values() if each.takes(method, path))


@pytest.mark.parametrize(("request_", "name"), FAMILIES_OF.items(), ids=str)
def test_a_request_belongs_to_one_family(request_: tuple[str, str], name: str) -> None:
    assert family_of(*request_) == name


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_a_policy_is_a_structured_field(family: Family) -> None:
    name, quota, window = family.policy.split(";")
    assert name == f'"{family.name}"'
    assert quota == f"q={family.rate.capacity}"
    assert int(window.removeprefix("w=")) >= 1


def test_solves_have_the_rate_of_the_contract() -> None:
    assert FAMILIES["solve"].rate == Rate(100, 1.0)
    assert FAMILIES["solve"].policy == '"solve";q=100;w=100'


def test_every_route_that_takes_a_job_is_limited_as_one() -> None:
    """Those that begin nothing: they stop, change or look at what is there."""
    others = (
        *("/cancel", "/pause", "/resume", "/clear", "/reset", "/v1/keys"),
        *("/fetch", "/outcome", "/rotate-secret", "/v1/stream-tokens"),
        *("/admin/test/broadcast", "/v1/notifications/read", "/enable", "/disable"),
        *("/undo", "/v1/alert-rules", "/acknowledge", "/resolve", "/preview"),
    )
    for router in ROUTERS.values():
        for route in router.routes:
            path = getattr(route, "path", "")
            if "POST" in (getattr(route, "methods", None) or ()) and not path.endswith(
                others
            ):
                limited = ("solve", "submit", "calculate", "monitor")
                assert family_of("POST", path) in limited, path


def test_settings_change_rates_by_name() -> None:
    settings = Settings(rate_limits=RateLimits.parse("submit=5/2"), solve_capacity=7)
    known = rates(settings)
    assert known is not None
    assert known["submit"].rate == Rate(5, 2.0)
    assert known["solve"].rate == Rate(7, 1.0)
    assert known["read"].rate == FAMILIES["read"].rate


def test_a_setting_for_solves_comes_before_that_of_the_earlier_server() -> None:
    settings = Settings(rate_limits=RateLimits.parse("solve=5/2"), solve_capacity=7)
    known = rates(settings)
    assert known is not None
    assert known["solve"].rate == Rate(5, 2.0)


def test_off_is_no_limit_at_all() -> None:
    assert rates(Settings(rate_limits=RateLimits(is_on=False))) is None


def test_a_family_that_is_none_is_refused_with_those_that_are() -> None:
    settings = Settings(rate_limits=RateLimits.parse("solves=5/2"))
    with pytest.raises(ValueError, match=r"solves.*solve, submit"):
        rates(settings)


def test_probes_are_exempt() -> None:
    assert {"/healthz", "/readyz", "/health", "/ready", "/docs"} <= EXEMPT
