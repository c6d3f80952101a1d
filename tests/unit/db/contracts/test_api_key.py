"""What keys look like, and what of them may be shown."""

import hashlib

import pytest

from db.contracts.api_key import PREFIX, KeyText
from db.contracts.caller import EVERY_SCOPE, Scope, read_scopes

SECRET = "A" * 43


def test_a_new_key_is_read_as_it_was_revealed() -> None:
    key = KeyText.new()
    assert KeyText.parse(key.reveal()) == key


def test_no_two_keys_are_alike() -> None:
    keys = [KeyText.new() for _ in range(100)]
    assert len({key.prefix for key in keys}) == 100
    assert len({key.secret for key in keys}) == 100


def test_a_secret_has_256_bits() -> None:
    # 43 digits of base64 without padding are 32 bytes.
    assert len(KeyText.new().secret) == 43


def test_the_digest_is_that_of_the_secret_alone() -> None:
    key = KeyText("sq_abcdefgh", SECRET)
    assert key.digest == hashlib.sha256(SECRET.encode()).hexdigest()


def test_nothing_that_is_printed_has_the_secret() -> None:
    key = KeyText.new()
    assert key.secret not in f"{key} {key!r}"
    assert PREFIX.fullmatch(key.prefix)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "sq_",
        "sq_abcdefgh",
        f"sq_abcdefgh_{SECRET}A",
        f"sq_abcdefgh_{SECRET[1:]}",
        f"sq_abcdefg1_{SECRET}",
        f"sq_ABCDEFGH_{SECRET}",
        f" sq_abcdefgh_{SECRET}",
        f"sq_abcdefgh_{SECRET}\n",
        f"sk_abcdefgh_{SECRET}",
    ],
)
def test_other_texts_are_no_keys(text: str) -> None:
    assert KeyText.parse(text) is None


def test_admin_includes_the_other_scopes() -> None:
    assert read_scopes(["admin"]) == EVERY_SCOPE


def test_words_of_other_services_are_no_scopes() -> None:
    assert read_scopes(["openid", "jobs:read", "ADMIN"]) == {Scope.READ}
