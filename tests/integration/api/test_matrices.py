"""/v1/instances/{name}/matrices: what an instance is made of."""

from http import HTTPStatus

import pytest
from starlette.testclient import TestClient

SENT = {"flow": [[0, 3], [4, 0]], "distance": [[0, 2], [5, 0]]}


def test_stored_matrices_come_back_as_they_were_sent(client: TestClient) -> None:
    sha256 = client.post("/v1/instances", json=SENT).json()["sha256"]

    told = client.get(f"/v1/instances/{sha256}/matrices").json()

    assert told["order"] == 2
    assert {name: told[name] for name in SENT} == SENT
    assert told["linear"] is None


def test_matrices_of_the_library_are_found_by_name_and_by_hash(
    client: TestClient,
) -> None:
    by_name = client.get("/v1/instances/nug12/matrices").json()
    by_hash = client.get(f"/v1/instances/{by_name['sha256']}/matrices").json()

    assert by_name == by_hash
    assert [len(row) for row in by_name["flow"]] == [12] * 12


@pytest.mark.parametrize("name", ["nug13", "0" * 64])
def test_matrices_of_nothing_are_not_there(client: TestClient, name: str) -> None:
    answer = client.get(f"/v1/instances/{name}/matrices")

    assert answer.status_code == HTTPStatus.NOT_FOUND
