"""Where keys for tokens come from: files, and an address that may be away."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from api import token_keys
from api.token_keys import FetchedKeySet, TokenKeysError
from db.contracts.errors import UnauthenticatedError, UnavailableError
from db.contracts.settings import Settings
from tests.unit.api.test_tokens import private_key, public_jwk, public_pem


def find(keys: FetchedKeySet, key_id: str | None) -> Any:
    return asyncio.run(keys.find(key_id)).public_numbers()


def numbers(number: int) -> Any:
    return private_key(number).public_key().public_numbers()


class Issuer:
    """A server of key sets that counts how often it is asked."""

    def __init__(self, httpserver: HTTPServer) -> None:
        self.answer: Response | dict[str, Any] = {"keys": [public_jwk(0, kid="a")]}
        self.asked = 0
        httpserver.expect_request("/jwks").respond_with_handler(self._respond)
        self.keys = FetchedKeySet(httpserver.url_for("/jwks"))

    def _respond(self, _: Request) -> Response:
        self.asked += 1
        if isinstance(self.answer, Response):
            return self.answer
        return Response(json.dumps(self.answer))


@pytest.fixture
def issuer(httpserver: HTTPServer) -> Issuer:
    return Issuer(httpserver)


def pass_time(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    real = token_keys.time.monotonic
    monkeypatch.setattr(token_keys.time, "monotonic", lambda: real() + seconds)


def test_a_set_is_fetched_once_for_many_tokens(issuer: Issuer) -> None:
    assert [find(issuer.keys, "a") for _ in range(3)] == [numbers(0)] * 3
    assert issuer.asked == 1


def test_a_new_key_of_the_issuer_is_found(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(issuer.keys, "a")
    issuer.answer = {"keys": [public_jwk(1, kid="b")]}
    pass_time(monkeypatch, token_keys.PAUSE_SECONDS + 1)
    assert find(issuer.keys, "b") == numbers(1)
    with pytest.raises(UnauthenticatedError):
        find(issuer.keys, "a")


def test_made_up_ids_do_not_make_the_issuer_be_asked_each_time(issuer: Issuer) -> None:
    for number in range(5):
        with pytest.raises(UnauthenticatedError):
            find(issuer.keys, f"made up {number}")
    assert issuer.asked == 1


def test_the_last_set_goes_on_while_the_issuer_is_away(
    issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    find(issuer.keys, "a")
    issuer.answer = Response(status=500)
    pass_time(monkeypatch, token_keys.KEPT_SECONDS + 1)
    assert find(issuer.keys, "a") == numbers(0)
    assert issuer.asked == 2


@pytest.mark.parametrize(
    "answer",
    [
        Response(status=404),
        Response("not json"),
        Response("[]"),
        Response("null"),
        Response('{"keys": []}'),
        Response('{"keys": {"kty": "RSA"}}'),
        Response('{"keys": [{"kty": "oct", "k": "AAAA", "kid": "a"}]}'),
        Response(" " * (token_keys.MAX_SET_BYTES + 1)),
        Response(status=302, headers={"Location": "/elsewhere"}),
        Response(json.dumps({"keys": [public_jwk(0, kid="a", use="enc")]})),
        Response(json.dumps({"keys": [public_jwk(0, kid="a", alg="RS512")]})),
    ],
    ids=range(11),
)
def test_without_any_set_it_is_the_service_that_cannot(
    issuer: Issuer, answer: Response
) -> None:
    issuer.answer = answer
    with pytest.raises(UnavailableError):
        find(issuer.keys, "a")


def test_nobody_at_the_address_is_no_fault() -> None:
    with pytest.raises(UnavailableError):
        find(FetchedKeySet("http://127.0.0.1:1/jwks"), "a")


def test_a_private_key_is_refused_at_start(tmp_path: Path) -> None:
    from cryptography.hazmat.primitives import serialization

    text = private_key().private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    path = tmp_path / "key.pem"
    path.write_bytes(text)
    for given in (str(path), text.decode()):
        settings = Settings(jwt_public_key=given, jwt_audience="here")
        with pytest.raises(TokenKeysError, match="private"):
            token_keys.token_keys(settings)


@pytest.mark.parametrize(
    "settings",
    [
        {"jwt_public_key": "/nowhere/key.pem"},
        {"jwt_public_key": "-----BEGIN PUBLIC KEY-----\nno\n-----END PUBLIC KEY-----"},
        {"jwt_jwks_file": "/nowhere/jwks.json"},
    ],
)
def test_what_cannot_be_read_is_said_at_start(settings: dict[str, str]) -> None:
    with pytest.raises(TokenKeysError):
        token_keys.token_keys(Settings(**settings, jwt_audience="here"))  # type: ignore[arg-type]


def test_a_key_may_stand_in_one_line_of_the_environment() -> None:
    given = public_pem().replace("\n", "\\n")
    found = token_keys.token_keys(Settings(jwt_public_key=given, jwt_audience="here"))
    assert found is not None
    assert asyncio.run(found.find(None)).public_numbers() == numbers(0)
