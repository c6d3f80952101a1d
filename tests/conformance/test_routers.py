"""What every router promises, asked of each one in the registry."""

from importlib import import_module
from pathlib import Path

import pytest
from fastapi import APIRouter

from api import routers as package
from api.routers import ROUTERS


def test_every_router_file_is_registered() -> None:
    files = {path.stem for path in Path(package.__file__).parent.glob("*.py")}
    assert files - {"__init__"} == set(ROUTERS)


@pytest.mark.parametrize(("name", "router"), ROUTERS.items(), ids=ROUTERS)
def test_a_router_is_registered_by_its_file(name: str, router: APIRouter) -> None:
    assert import_module(f"api.routers.{name}").router is router
    assert router.routes


def test_no_two_routes_answer_the_same_call() -> None:
    calls = [
        (method, path)
        for router in ROUTERS.values()
        for route in router.routes
        if (path := getattr(route, "path", None))
        for method in getattr(route, "methods", None) or {"WEBSOCKET"}
    ]
    assert len(calls) == len(set(calls))
