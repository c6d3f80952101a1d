"""The page is served whole, strictly, and in one version at a time."""

import re
from http import HTTPStatus

from fastapi.testclient import TestClient


def test_page_is_strict_and_names_what_earlier_clients_look_for(
    client: TestClient,
) -> None:
    answer = client.get("/dashboard")

    assert answer.status_code == HTTPStatus.OK
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    for word in ("LivePrecisionCalculator", "Three.js", "Chart.js"):
        assert word in answer.text


def test_every_file_that_the_page_names_is_there_for_ever(client: TestClient) -> None:
    named = re.findall(
        r'(?:href|src)="(dashboard/[^"]+)"', client.get("/dashboard").text
    )

    assert len(named) > 5
    for name in named:
        answer = client.get(f"/{name}")
        assert answer.status_code == HTTPStatus.OK, name
        assert "immutable" in answer.headers["Cache-Control"]


def test_file_of_another_version_is_not_there(client: TestClient) -> None:
    answer = client.get("/dashboard/0000000000000000/main.js")

    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert "Reload" in answer.json()["suggestion"]


def test_nothing_outside_of_the_folder_is_served(client: TestClient) -> None:
    version = re.search(r"dashboard/([0-9a-f]{16})/", client.get("/dashboard").text)
    assert version

    answer = client.get(f"/dashboard/{version[1]}/%2e%2e/docs.js")

    assert answer.status_code == HTTPStatus.NOT_FOUND


def test_address_with_a_slash_leads_to_the_page(client: TestClient) -> None:
    answer = client.get("/dashboard/", follow_redirects=False)

    assert answer.status_code == HTTPStatus.PERMANENT_REDIRECT
    assert answer.headers["Location"] == "../dashboard"


def test_front_door_leads_browsers_to_the_page_and_programs_to_data(
    client: TestClient,
) -> None:
    browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
    led = client.get("/", headers=browser, follow_redirects=False)
    told = client.get("/", headers={"Accept": "*/*"})

    assert (led.status_code, led.headers["Location"]) == (303, "dashboard")
    assert told.json()["endpoints"]["dashboard"] == "/dashboard"
    assert "Accept" in led.headers["Vary"]
    assert "Accept" in told.headers["Vary"]
