"""Whom a token stands for, and every trick that must not work."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.utils import base64url_encode

from api.tokens import LEEWAY_SECONDS, MAX_TOKEN_CHARACTERS, Tokens
from db.contracts.caller import EVERY_SCOPE, Caller, Scope
from db.contracts.errors import UnauthenticatedError
from db.contracts.settings import Settings

SECRET = "0123456789abcdef0123456789abcdef"
AUDIENCE, ISSUER = "solvequeue", "https://issuer.example"


@cache
def private_key(number: int = 0) -> rsa.RSAPrivateKey:
    """Return one of several keys, the same each time."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def public_pem(number: int = 0) -> str:
    return (
        private_key(number)
        .public_key()
        .public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        .decode()
    )


def public_jwk(number: int = 0, **fields: Any) -> dict[str, Any]:
    jwk = json.loads(
        jwt.algorithms.RSAAlgorithm.to_jwk(private_key(number).public_key())
    )
    return {**jwk, **fields}


def claims(**changes: Any) -> dict[str, Any]:
    known = {
        "sub": "alice",
        "exp": time.time() + 86_400,
        "scope": "jobs:read jobs:write",
        "aud": AUDIENCE,
        "iss": ISSUER,
        **changes,
    }
    return {name: value for name, value in known.items() if value is not None}


def by_secret(**settings: Any) -> Tokens:
    known = {"jwt_secret": SECRET, "jwt_audience": AUDIENCE, "jwt_issuer": ISSUER}
    return Tokens(Settings(**{**known, **settings}))


def by_public_key(**settings: Any) -> Tokens:
    known = {"jwt_public_key": public_pem(), "jwt_audience": AUDIENCE}
    return Tokens(Settings(**{**known, **settings}))


def by_set(tmp_path: Path, *keys: dict[str, Any]) -> Tokens:
    path = tmp_path / "jwks.json"
    path.write_text(json.dumps({"keys": keys}))
    return Tokens(Settings(jwt_jwks_file=str(path), jwt_audience=AUDIENCE))


def signed(headers: dict[str, Any] | None = None, **changes: Any) -> str:
    return jwt.encode(claims(**changes), SECRET, "HS256", headers=headers)


def signed_by_rsa(
    number: int = 0, headers: dict[str, Any] | None = None, **changes: Any
) -> str:
    return jwt.encode(claims(**changes), private_key(number), "RS256", headers=headers)


def forged(header: Any, payload: Any, signature: bytes = b"") -> str:
    """Return a token put together by hand."""
    parts = [
        part if isinstance(part, bytes) else json.dumps(part).encode()
        for part in (header, payload)
    ]
    return b".".join(base64url_encode(part) for part in [*parts, signature]).decode()


def find(tokens: Tokens, token: str) -> Caller:
    return asyncio.run(tokens.find(token))


def refusal(tokens: Tokens, token: str) -> str:
    with pytest.raises(UnauthenticatedError) as refused:
        find(tokens, token)
    return refused.value.message


@pytest.mark.parametrize(
    ("make", "sign"), [(by_secret, signed), (by_public_key, signed_by_rsa)]
)
def test_a_good_token_names_its_subject(
    make: Callable[[], Tokens], sign: Callable[[], str]
) -> None:
    caller = find(make(), sign())
    assert caller.name == "jwt:alice"
    assert caller.scopes == {Scope.READ, Scope.WRITE}
    assert caller.is_known


def test_a_public_key_may_be_a_file(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text(public_pem())
    tokens = by_public_key(jwt_public_key=str(path))
    assert find(tokens, signed_by_rsa()).name == "jwt:alice"


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "nOnE", ""])
def test_a_token_without_a_signature_is_refused(alg: str) -> None:
    for tokens in (by_secret(), by_public_key()):
        assert refusal(tokens, forged({"alg": alg, "typ": "JWT"}, claims()))


def test_the_public_key_is_no_secret_to_sign_with() -> None:
    header, payload = {"alg": "HS256", "typ": "JWT"}, claims()
    unsigned = forged(header, payload).rpartition(".")[0]
    for key in (public_pem(), public_pem().strip()):
        digest = hmac.new(key.encode(), unsigned.encode(), hashlib.sha256).digest()
        token = f"{unsigned}.{base64url_encode(digest).decode()}"
        assert refusal(by_public_key(), token) == "the token cannot be believed"


@pytest.mark.parametrize("alg", ["HS384", "HS512"])
def test_only_the_pinned_algorithm_will_do(alg: str) -> None:
    secret = SECRET * 2
    token = jwt.encode(claims(), secret, alg)
    assert refusal(by_secret(jwt_secret=secret), token)


def test_a_token_of_the_other_kind_is_refused() -> None:
    assert refusal(by_secret(), signed_by_rsa())
    assert refusal(by_public_key(), signed())


def test_a_changed_claim_breaks_the_signature() -> None:
    header, payload, signature = signed().split(".")
    told = json.loads(base64.urlsafe_b64decode(payload + "=="))
    told["scope"] = "admin"
    changed = base64url_encode(json.dumps(told).encode()).decode()
    assert refusal(by_secret(), f"{header}.{changed}.{signature}")
    assert refusal(by_secret(), f"{header}.{payload}.")


def test_another_secret_is_refused() -> None:
    token = jwt.encode(claims(), "x" * 32, "HS256")
    assert refusal(by_secret(), token) == "the token cannot be believed"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"exp": 1}, "the token has expired"),
        ({"exp": time.time() - LEEWAY_SECONDS - 5}, "the token has expired"),
        ({"nbf": time.time() + 86_400}, "the token is not valid yet"),
        ({"aud": "another"}, "the token is for another service"),
        ({"aud": ["another", "third"]}, "the token is for another service"),
        ({"iss": "https://other.example"}, "the token is from another issuer"),
        ({"exp": None}, "the token lacks a claim that is needed here"),
        ({"sub": None}, "the token lacks a claim that is needed here"),
        ({"aud": None}, "the token lacks a claim that is needed here"),
        ({"iss": None}, "the token lacks a claim that is needed here"),
    ],
)
def test_a_claim_that_does_not_hold_is_named(
    changes: dict[str, Any], reason: str
) -> None:
    assert refusal(by_secret(), signed(**changes)) == reason


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": "soon"},
        {"exp": float("inf")},
        {"exp": [1]},
        {"exp": {}},
        {"nbf": "later"},
        {"nbf": float("inf")},
        {"iat": time.time() + 86_400},
        {"sub": ""},
        {"sub": "  "},
        {"sub": "a\nb"},
        {"sub": "\x00"},
        {"sub": "x" * 191},
        {"sub": 5},
        {"sub": ["alice"]},
        {"aud": {"solvequeue": 1}},
        {"aud": [1]},
        {"iss": ["https://issuer.example", 1]},
    ],
)
def test_a_claim_of_the_wrong_form_is_refused(changes: dict[str, Any]) -> None:
    payload = claims(**changes)
    header = {"alg": "HS256", "typ": "JWT"}
    unsigned = forged(header, payload).rpartition(".")[0]
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        unsigned.encode(), SECRET.encode()
    )
    assert refusal(by_secret(), f"{unsigned}.{base64url_encode(signature).decode()}")


def test_clocks_may_differ_a_little() -> None:
    late = signed(exp=time.time() - LEEWAY_SECONDS / 2)
    early = signed(nbf=time.time() + LEEWAY_SECONDS / 2)
    for token in (late, early):
        assert find(by_secret(), token).name == "jwt:alice"


def test_a_token_for_others_is_refused_where_no_audience_is_named() -> None:
    tokens = by_secret(jwt_audience="", jwt_issuer="")
    assert refusal(tokens, signed()) == "the token is for another service"
    assert find(tokens, signed(aud=None)).name == "jwt:alice"


def test_a_huge_token_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def reads(*_: object) -> None:
        raise AssertionError("it was read")

    monkeypatch.setattr(jwt, "get_unverified_header", reads)
    token = signed(pad="x" * MAX_TOKEN_CHARACTERS)
    assert refusal(by_secret(), token) == "the token is too long"


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        "é.é.é",
        "\ud800.a.b",
        forged(b"[" * 5000, {}),
        forged(b'{"a":' * 1000, {}),
        forged([], {}),
        forged("text", {}),
        forged({}, {}),
        forged({"alg": 5}, {}),
        forged({"alg": ["HS256"]}, {}),
        forged({"alg": None}, {}),
        forged(b"\xff\xfe", {}),
        forged({"alg": "HS256"}, b"\xff"),
    ],
    ids=range(17),
)
def test_what_is_no_token_is_refused(token: str) -> None:
    for tokens in (by_secret(), by_public_key()):
        assert refusal(tokens, token)


@pytest.mark.parametrize("crit", [["exp"], ["b64"], [], "exp", None])
def test_a_header_that_must_be_understood_is_refused(crit: Any) -> None:
    header = {"alg": "HS256", "crit": crit}
    unsigned = forged(header, claims()).rpartition(".")[0]
    signature = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256).sign(
        unsigned.encode(), SECRET.encode()
    )
    assert refusal(by_secret(), f"{unsigned}.{base64url_encode(signature).decode()}")


def test_the_key_that_a_token_brings_along_is_not_used() -> None:
    headers = {
        "jwk": public_jwk(1),
        "jku": "https://evil.example/jwks.json",
        "x5u": "https://evil.example/cert.pem",
    }
    assert refusal(by_public_key(), signed_by_rsa(1, headers=headers))


def test_the_key_is_chosen_from_the_set_by_its_id(tmp_path: Path) -> None:
    tokens = by_set(tmp_path, public_jwk(0, kid="a"), public_jwk(1, kid="b"))
    assert find(tokens, signed_by_rsa(1, {"kid": "b"})).name == "jwt:alice"
    # Signed by a key of the set, but not by the one that it names.
    assert refusal(tokens, signed_by_rsa(1, {"kid": "a"}))
    unknown = "the token is signed by no key that is known"
    assert refusal(tokens, signed_by_rsa(0)) == unknown


@pytest.mark.parametrize(
    "kid",
    ["../../../dev/null", "/etc/passwd", "' OR 1=1 --", "http://evil.example/", ""],
)
def test_an_id_is_only_looked_up_in_the_set(tmp_path: Path, kid: str) -> None:
    tokens = by_set(tmp_path, public_jwk(0, kid="a"))
    token = forged({"alg": "RS256", "kid": kid}, claims(), b"x")
    assert refusal(tokens, token) == "the token is signed by no key that is known"


@pytest.mark.parametrize("kid", [5, None, ["a"], {"a": 1}, True])
def test_an_id_of_another_type_is_refused(tmp_path: Path, kid: Any) -> None:
    tokens = by_set(tmp_path, public_jwk(0, kid="a"))
    assert refusal(tokens, forged({"alg": "RS256", "kid": kid}, claims(), b"x"))


def test_the_one_key_of_a_set_needs_no_id(tmp_path: Path) -> None:
    tokens = by_set(tmp_path, public_jwk(0, kid="a"))
    assert find(tokens, signed_by_rsa(0)).name == "jwt:alice"


@pytest.mark.parametrize(
    ("given", "scopes"),
    [
        ("admin", EVERY_SCOPE),
        ("openid jobs:read email", {Scope.READ}),
        (["jobs:write", "other"], {Scope.WRITE}),
        (["jobs:read", 5, None], {Scope.READ}),
        ("", set()),
        (None, set()),
        ("jobs:readjobs:write", set()),
        ({"admin": True}, set()),
        (7, set()),
    ],
)
def test_scopes_are_those_of_the_claim(given: Any, scopes: set[Scope]) -> None:
    assert find(by_secret(), signed(scope=given)).scopes == scopes


def test_the_claim_of_scopes_can_be_another() -> None:
    tokens = by_secret(jwt_scopes_claim="permissions")
    caller = find(tokens, signed(permissions=["jobs:read"]))
    assert caller.scopes == {Scope.READ}


def test_without_a_key_no_token_is_taken() -> None:
    assert "tokens are not taken" in refusal(Tokens(Settings()), signed())
