"""Where a provider's numbers are, as the settings say it."""

import json

import pytest
from pydantic import ValidationError

from db.contracts.market import MarketField
from db.contracts.market_provider import (
    NoNumberError,
    Pointer,
    Pointers,
    check_provider,
    label_of,
)
from db.contracts.settings import Settings

URL = "https://rates.example/v1?key=hidden"
RFC_6901 = {
    "foo": ["bar", 2.5],
    "": 0,
    "a/b": 1,
    "c%d": 2,
    "m~n": 8,
    "text": "1.5e-1",
    "huge": 10**400,
    "no": None,
}


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("/foo/1", 2.5),
        ("/", 0.0),
        ("/a~1b", 1.0),
        ("/c%d", 2.0),
        ("/m~0n", 8.0),
        ("/text", 0.15),
    ],
)
def test_a_pointer_leads_to_its_number(path: str, number: float) -> None:
    assert Pointer(path=path).number(RFC_6901) == number
    assert Pointer(path=path, factor=0.01).number(RFC_6901) == number * 0.01


@pytest.mark.parametrize(
    "path",
    ["", "/foo", "/foo/0", "/foo/2", "/foo/-1", "/foo/01", "/x", "/text/0", "/no",
     "/huge", "/foo/1/0"],
)  # fmt: skip
def test_a_pointer_to_no_number_says_so(path: str) -> None:
    with pytest.raises(NoNumberError):
        Pointer(path=path).number(RFC_6901)


def test_the_whole_answer_may_be_the_number() -> None:
    assert Pointer(path="").number(json.loads("4.25")) == 4.25


def test_pointers_are_read_as_they_are_written() -> None:
    text = "discount_rate=/data/0/rate*0.01,tech_index=/a%2Cb"
    found = Pointers.parse(text)
    assert found.by_field == {
        MarketField.DISCOUNT_RATE: Pointer(path="/data/0/rate", factor=0.01),
        MarketField.TECH_INDEX: Pointer(path="/a,b"),
    }
    assert str(found) == "discount_rate=/data/0/rate*0.01,tech_index=/a,b"


@pytest.mark.parametrize(
    "text", ["rate=/a", "discount_rate", "discount_rate=a", "discount_rate=/a*x",
             "discount_rate=/a*nan", "tech_index=/a*"]
)  # fmt: skip
def test_what_is_no_pointer_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no pointer: write"):
        Pointers.parse(text)


@pytest.mark.parametrize(
    ("url", "pointers", "allow", "why"),
    [
        (URL, "", (), "POINTERS: where in its answer"),
        ("", "tech_index=/a", (), "URL: where they point into"),
        ("http://rates.example/", "tech_index=/a", (), "must begin with https"),
        ("https://127.0.0.1/", "tech_index=/a", (), "not a public address"),
        ("file:///etc/passwd", "tech_index=/a", ("127.0.0.0/8",), "https"),
    ],
)
def test_a_provider_that_could_never_be_asked_is_refused(
    url: str, pointers: str, allow: tuple[str, ...], why: str
) -> None:
    with pytest.raises(ValueError, match=why) as caught:
        check_provider(url, Pointers.parse(pointers), allow=allow)
    assert "hidden" not in str(caught.value)
    check_provider(URL, Pointers.parse("tech_index=/a"), allow=())


def test_settings_say_what_is_wrong_and_no_secret() -> None:
    with pytest.raises(ValidationError, match="MARKET_PROVIDER_URL") as caught:
        Settings(
            market_provider_url="http://rates.example/?key=hidden",
            market_provider_token="s3cret",
            market_provider_pointers="tech_index=/a",
        )
    assert "hidden" not in str(caught.value)
    good = Settings(
        market_provider_url=URL,
        market_provider_token="s3cret",
        market_provider_pointers="tech_index=/a",
    )
    assert "hidden" not in repr(good)
    assert "s3cret" not in repr(good)


def test_a_label_is_the_host_alone() -> None:
    assert label_of(URL) == "provider:rates.example"


def test_the_feed_has_one_source() -> None:
    with pytest.raises(ValidationError, match="two sources"):
        Settings(
            market_provider_url=URL,
            market_provider_pointers="discount_rate=/rate",
            market_watched="Rates",
        )
