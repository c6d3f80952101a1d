"""The registry file: what it names, and what is said of what is wrong with it."""

from pathlib import Path

import pytest

from db.contracts.provider_settings import KEYS
from db.contracts.settings import Settings
from db.provider_registry import Registry, known_sets, read_registry

GOOD = """
[[provider]]
name = "Prices"
category = "market_data"
url = "https://prices.example/"
every_s = 30
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "providers.toml"


def read(file: Path, text: str) -> Registry:
    file.write_text(text, encoding="utf-8")
    return read_registry(Settings(providers_file=file))


def test_nothing_is_named_unless_a_setting_says_so() -> None:
    found = read_registry(Settings())
    assert (found.providers, found.faults, found.is_whole) == ({}, [], True)


def test_a_file_names_providers(file: Path) -> None:
    found = read(file, GOOD)
    assert (found.faults, found.is_whole) == ([], True)
    assert found.providers["prices"].every_s == 30


def test_the_crypto_set_is_that_of_the_earlier_monitor() -> None:
    found = read_registry(Settings(provider_sets=("crypto",)))
    assert (found.faults, found.is_whole) == ([], True)
    limits = {
        each.name: f"{each.limits[0].calls}/{each.limits[0].per}"
        for each in found.providers.values()
    }
    assert limits == {
        "CoinGecko": "50/minute",
        "CoinMarketCap": "100/hour",
        "Etherscan": "5/second",
        "BscScan": "5/second",
        "TronScan": "60/minute",
        "CryptoPanic": "100/hour",
        "NewsAPI": "200/day",
        "AlternativeMe": "60/minute",
        "CryptoCompare": "250/hour",
    }
    keys = {
        each.name: each.key.environment
        for each in found.providers.values()
        if each.key is not None
    }
    assert set(keys.values()) <= set(KEYS)
    assert keys["CoinMarketCap"] == "COINMARKETCAP_KEY_1"
    assert "CoinGecko" not in keys
    assert {each.category for each in found.providers.values()} == {
        *("market_data", "blockchain_explorers", "news", "sentiment"),
    }


def test_its_own_checks_never_spend_a_providers_budget() -> None:
    for given in read_registry(Settings(provider_sets=("crypto",))).providers.values():
        (limit,) = given.limits
        seconds = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}[limit.per]
        assert seconds / given.every_s <= 0.8 * limit.calls


def test_every_set_that_comes_along_is_right() -> None:
    assert "crypto" in known_sets()
    for name in known_sets():
        assert read_registry(Settings(provider_sets=(name,))).faults == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('name = "x"\n', ["/name", "[[provider]]"]),
        ("[[provider]\n", ["TOML", "line 1"]),
        ("[provider]\nname = 'x'\n", ["two brackets"]),
        ("[[providers]]\nname = 'x'\n", ["/providers", "Did you mean provider?"]),
        (GOOD + "evry_s = 3\n", ["Prices", "/evry_s", "Did you mean every_s?"]),
        (GOOD + "tier = 9\n", ["Prices", "/tier", "less than or equal to 3"]),
        (GOOD + "tier = '1'\n", ["Prices", "/tier", "integer"]),
        (GOOD + "limits = [{ per = 'hour' }]\n", ["/limits/0/calls", "Add"]),
        (GOOD + "second_url = 'https://10.0.0.1/'\n", ["/second_url", "ALLOW_CIDRS"]),
        (GOOD + GOOD, ["Prices", "/name", "name of its own"]),
        ("[[provider]]\nurl = 'https://a.example'\n", ["number 1", "/name"]),
        (GOOD.replace("Prices", "Beat"), ["Beat", "our Beat"]),
        (GOOD + "key = { environment = 'HOME' }\n", ["/key/environment", "KEY_NAMES"]),
    ],
)
def test_what_is_wrong_says_where_and_what_to_do(
    file: Path, text: str, told: list[str]
) -> None:
    faults = [str(each) for each in read(file, text).faults]
    assert any(all(word in fault for word in told) for fault in faults), faults
    assert all(fault.startswith(str(file)) for fault in faults)


def test_one_faulty_entry_costs_the_others_nothing(file: Path) -> None:
    other = GOOD.replace("Prices", "Others")
    found = read(file, GOOD + "tier = 9\n" + other)
    assert list(found.providers) == ["others"]
    # It is named all the same: it has not left.
    assert (found.named, found.is_whole) == ({"prices", "others"}, True)


def test_who_has_no_name_may_be_anyone(file: Path) -> None:
    assert read(file, "[[provider]]\nurl = 'https://a.example'\n").is_whole is False


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_says_so(file: Path, content: bytes | None) -> None:
    if content is not None:
        file.write_bytes(content)
    found = read_registry(Settings(providers_file=file, provider_sets=("crypto",)))
    (fault,) = found.faults
    assert "cannot be read" in str(fault)
    assert "SOLVEQUEUE_PROVIDERS_FILE" in fault.suggestion
    assert found.is_whole is False
    assert len(found.providers) == 9


def test_an_unknown_set_is_told_with_those_there_are() -> None:
    found = read_registry(Settings(provider_sets=("cripto",)))
    (fault,) = found.faults
    assert "Did you mean crypto?" in fault.suggestion
    assert found.is_whole is False
