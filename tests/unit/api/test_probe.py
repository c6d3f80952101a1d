"""The API is alive if it says so itself, whatever a proxy of the environment says."""

import pytest
from pytest_httpserver import HTTPServer

from api.probe import is_alive
from db.contracts.settings import Settings
from tests.servers.ports import free_port


@pytest.mark.parametrize(("status", "alive"), [(200, True), (503, False)])
def test_it_is_alive_if_it_says_so(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, status: int, alive: bool
) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")
    httpserver.expect_request("/healthz").respond_with_data("", status)
    assert is_alive(Settings(api_port=httpserver.port)) is alive


def test_where_nobody_listens_it_is_not() -> None:
    assert not is_alive(Settings(api_port=free_port()))
