"""`python -m db.keys`: the way to the first key."""

import pytest

from db.contracts.api_key import KeyText
from db.contracts.caller import EVERY_SCOPE, Scope
from db.engine import Database
from db.keys import main
from db.repositories import api_keys
from db.repositories.api_keys import KnownKey


@pytest.fixture(autouse=True)
def _this_database(sqlite_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", sqlite_url)


def create(capsys: pytest.CaptureFixture[str], *arguments: str) -> KeyText:
    assert main(["create", *arguments]) == 0
    text = KeyText.parse(capsys.readouterr().out.strip())
    assert text is not None
    return text


def known(database: Database, text: KeyText) -> KnownKey:
    with database.reading() as connection:
        found = api_keys.find_key(connection, text.prefix)
    assert found is not None
    return found


def test_the_key_shown_is_the_one_recorded(
    capsys: pytest.CaptureFixture[str], sqlite: Database
) -> None:
    text = create(capsys, "ops", "--scope", "admin", "--max-queued", "3")
    found = known(sqlite, text)
    assert found.digest == text.digest
    assert (found.caller.name, found.caller.scopes) == ("key:ops", EVERY_SCOPE)
    assert found.caller.max_queued == 3


def test_without_a_scope_it_may_read_and_write(
    capsys: pytest.CaptureFixture[str], sqlite: Database
) -> None:
    found = known(sqlite, create(capsys, "team", "--expires-days", "1"))
    assert found.caller.scopes == {Scope.READ, Scope.WRITE}
    assert 86_000 < found.seconds_left <= 86_400


def test_a_key_can_be_revoked_and_is_listed_without_its_secret(
    capsys: pytest.CaptureFixture[str], sqlite: Database
) -> None:
    text = create(capsys, "team", "--name", "nightly runs")
    assert main(["revoke", text.prefix]) == 0
    assert known(sqlite, text).is_revoked
    capsys.readouterr()
    assert main(["list"]) == 0
    told = capsys.readouterr().out
    assert text.prefix in told
    assert "nightly runs" in told
    assert "revoked" in told
    assert text.secret not in told


def test_an_unknown_key_is_not_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["revoke", "sq_aaaaaaaa"]) == 1
    assert "there is no key" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["create", "a b"],
        ["create", "a", "--scope", "everything"],
        ["create", "a", "--expires-days", "nan"],
        ["create", "a", "--max-queued", "0"],
        ["create", "a", "--name", "x" * 101],
        ["revoke", "%"],
        [],
    ],
)
def test_what_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
