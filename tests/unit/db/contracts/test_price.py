"""Prices are decimals, read as they are written."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from db.contracts.price import Price, PriceList, as_told, to_cents
from db.contracts.settings import Settings


def test_a_list_is_read_as_it_is_written() -> None:
    text = "solve=0.05+0.002/s,batch=0.1,islands=0+1/s"
    found = PriceList.parse(text)
    assert str(found) == text
    assert found.by_kind["solve"] == Price(
        per_job=Decimal("0.05"), per_cpu_s=Decimal("0.002")
    )
    assert PriceList.parse(" ").by_kind == {}


@pytest.mark.parametrize(
    "text",
    [
        *("solve", "solve=", "solve=-1", "solve=1e3", "solve=nan", "solve=1/s"),
        *("solve=1+2", "solve=1,solve=2", "solve=0.0000000001", "solve=1+2/s/s"),
    ],
)
def test_what_is_no_price_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="is no price"):
        Settings(prices=text)  # type: ignore[arg-type]


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValidationError, match="no kind 'juggle'"):
        Settings(prices="juggle=1")  # type: ignore[arg-type]


def test_calculations_have_a_price_of_their_own_unless_the_list_names_one() -> None:
    usual = Settings(calculation_price=0.07).price_list
    assert usual["calculate"].per_job == Decimal("0.07")
    assert usual["solve"] == Price()
    named = Settings(prices=PriceList.parse("calculate=3")).price_list
    assert named["calculate"].per_job == 3


def test_amounts_are_exact_and_rounded_once() -> None:
    price = Price(per_job=Decimal("0.1"), per_cpu_s=Decimal("0.000000001"))
    assert price.of(3, 1) == Decimal("0.300000000001")
    assert as_told(price.of(3, 1)) == 0.3
    assert [to_cents(Decimal(each)) for each in ("0.105", "0.115", "0.1051")] == [
        Decimal("0.10"),
        Decimal("0.12"),
        Decimal("0.11"),
    ]
