"""What the settings of providers' checks accept, and where keys are read."""

import pytest
from pydantic import ValidationError

from db.contracts.settings import Settings


def test_only_the_keys_that_are_named_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BSCSCAN_KEY", " bsc-secret\n")
    monkeypatch.setenv("MY_KEY", "mine")
    monkeypatch.setenv("ETHERSCAN_KEY_1", "")
    assert set(Settings().provider_keys) == {"BSCSCAN_KEY"}
    assert Settings().provider_keys["BSCSCAN_KEY"].get_secret_value() == "bsc-secret"
    monkeypatch.setenv("SOLVEQUEUE_PROVIDER_KEY_NAMES", "MY_KEY, OTHER_KEY")
    assert set(Settings().provider_keys) == {"MY_KEY"}


def test_a_key_is_in_no_text_about_the_settings(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("BSCSCAN_KEY", "bsc-secret")
    settings = Settings()
    assert settings.provider_keys
    for text in (repr(settings), str(settings.provider_keys), settings.model_dump()):
        assert "bsc-secret" not in str(text)


def test_networks_are_checked_when_the_process_begins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SOLVEQUEUE_PROVIDER_ALLOW_CIDRS", "10.0.0.0/8, ::1/128")
    assert "10.1.2.3" in Settings().provider_networks
    monkeypatch.setenv("SOLVEQUEUE_PROVIDER_ALLOW_CIDRS", "10.0.0.0/99")
    with pytest.raises(ValidationError, match="SOLVEQUEUE_PROVIDER_ALLOW_CIDRS"):
        Settings()
