import os
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.stack.environment import child_environment
from db.contracts.settings import Settings


def test_what_was_given_reaches_the_child(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        lease_seconds=30.0,
        redis_url="redis://there:1/0",
        webhook_allow_cidrs=("10.0.0.0/8", "::1/128"),
        flower_password=SecretStr("open"),
    )
    environment = child_environment(settings, {})
    assert environment["SOLVEQUEUE_LEASE_SECONDS"] == "30.0"
    assert environment["REDIS_URL"] == "redis://there:1/0"
    assert environment["SOLVEQUEUE_WEBHOOK_ALLOW_CIDRS"] == "10.0.0.0/8,::1/128"
    assert environment["SOLVEQUEUE_FLOWER_PASSWORD"] == "open"


def test_a_child_reads_the_same_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(
        home=tmp_path, database_url="", api_port=1, webhook_allow_cidrs=("10.0.0.0/8",)
    )
    for name, value in child_environment(settings, {}).items():
        monkeypatch.setenv(name, value)
    assert Settings() == settings


def test_the_home_is_the_same_in_every_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = child_environment(Settings(home=Path("mine")), {})
    assert environment["SOLVEQUEUE_HOME"] == str(tmp_path / "mine")


def test_our_code_comes_before_what_was_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    paths = child_environment(Settings(home=tmp_path), {})["PYTHONPATH"]
    first, *rest = paths.split(os.pathsep)
    assert (Path(first) / "api" / "stack").is_dir()
    assert rest == ["elsewhere"]


def test_overrides_win(tmp_path: Path) -> None:
    environment = child_environment(
        Settings(home=tmp_path, redis_url="redis://there"), {"REDIS_URL": "unix:///s"}
    )
    assert environment["REDIS_URL"] == "unix:///s"
