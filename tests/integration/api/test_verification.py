"""A certificate is checked without a solver, and one that was edited is found out."""

from typing import Any

import pytest
from starlette.testclient import TestClient

from db.backplane import Backplane
from worker.attempt import run_attempt

FLOW = [[0, 3, 1], [3, 0, 2], [1, 2, 0]]
DISTANCE = [[0, 5, 4], [5, 0, 6], [4, 6, 0]]
NUG12 = {"name": "nug12"}
OWN = {"flow": FLOW, "distance": DISTANCE}


def certified(
    client: TestClient, backplane: Backplane, instance: dict[str, Any]
) -> dict[str, Any]:
    wish = {"instance": instance, "limits": {"iterations": 200}}
    view = client.post("/v1/jobs", json=wish).json()
    run_attempt(backplane, view["id"])
    ended = client.get(view["links"]["self"]).json()
    certificate: dict[str, Any] = ended["result"]["certificate"]
    return certificate


def verified(
    client: TestClient, certificate: dict[str, Any], **more: Any
) -> dict[str, Any]:
    answer = client.post("/v1/verify", json={"certificate": certificate, **more})
    assert answer.status_code == 200, answer.text
    verdict: dict[str, Any] = answer.json()
    return verdict


@pytest.mark.parametrize("instance", [NUG12, OWN], ids=["library", "stored"])
def test_a_certificate_of_a_known_instance_holds(
    client: TestClient, app_backplane: Backplane, instance: dict[str, Any]
) -> None:
    certificate = certified(client, app_backplane, instance)
    verdict = verified(client, certificate)
    assert verdict == {
        "valid": True,
        "objective": certificate["objective"],
        "reasons": [],
    }


def test_the_instance_may_be_sent_along(
    client: TestClient, app_backplane: Backplane
) -> None:
    certificate = certified(client, app_backplane, OWN)
    assert verified(client, certificate, instance=OWN)["valid"]
    by_hash = {"sha256": certificate["instance"]}
    assert verified(client, certificate, instance=by_hash)["valid"]
    other = verified(client, certificate, instance=NUG12)
    assert "the certificate is about the instance" in other["reasons"][0]


def test_an_instance_that_nobody_knows_proves_nothing(
    client: TestClient, app_backplane: Backplane
) -> None:
    certificate = certified(client, app_backplane, OWN)
    certificate |= {"instance": "0" * 64, "digest": None}
    verdict = verified(client, certificate)
    assert (verdict["valid"], verdict["objective"]) == (False, None)
    assert "is known" in verdict["reasons"][0]


def test_an_edited_objective_is_found_out(
    client: TestClient, app_backplane: Backplane
) -> None:
    certificate = certified(client, app_backplane, NUG12)
    certificate["objective"] -= 2
    verdict = verified(client, certificate)
    assert not verdict["valid"]
    assert verdict["objective"] == certificate["objective"] + 2


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "#/certificate"),
        ({"certificate": {}}, "#/certificate/instance"),
        ({"certificate": 5}, "#/certificate"),
        ({"certificate": None, "instance": {}}, "#/certificate"),
    ],
)
def test_what_is_no_certificate_is_pointed_at(
    client: TestClient, body: Any, pointer: str
) -> None:
    answer = client.post("/v1/verify", json=body)
    assert answer.status_code == 422
    assert pointer in [each["pointer"] for each in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("instance", "pointer"),
    [
        ({"name": "nothing"}, "#/instance/name"),
        ({"sha256": "1" * 64}, "#/instance/sha256"),
        ({"flow": FLOW}, "#/instance/distance"),
        ({"qaplib": "x"}, "#/instance/qaplib"),
    ],
)
def test_what_is_no_instance_is_pointed_at(
    client: TestClient,
    app_backplane: Backplane,
    instance: dict[str, Any],
    pointer: str,
) -> None:
    certificate = certified(client, app_backplane, OWN)
    body = {"certificate": certificate, "instance": instance}
    answer = client.post("/v1/verify", json=body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
