"""What servers say of their budgets."""

import pytest

from db.contracts.budget import Declared
from db.contracts.declared_budget import read_declared

AT = 1_800_000_000.0


@pytest.mark.parametrize(
    ("headers", "declared"),
    [
        (
            {
                "ratelimit": '"default";r=50;t=30',
                "ratelimit-policy": '"default";q=100;w=60',
            },
            Declared(limit=100, remaining=50, resets_at=AT + 30, window_s=60),
        ),
        (
            {"ratelimit": "limit=100, remaining=50, reset=30"},
            Declared(limit=100, remaining=50, resets_at=AT + 30),
        ),
        (
            {"ratelimit": '"minute";r=0;t=12, "day";r=500;t=4000'},
            Declared(remaining=0, resets_at=AT + 12),
        ),
        (
            {
                "ratelimit-limit": "100, 100;w=60",
                "ratelimit-remaining": "1",
                "ratelimit-reset": "59",
            },
            Declared(limit=100, remaining=1, resets_at=AT + 59),
        ),
        (
            {
                "x-ratelimit-limit": "60",
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": "1800000007",
            },
            Declared(limit=60, remaining=0, resets_at=AT + 7),
        ),
        (
            {"x-ratelimit-remaining": "3", "x-ratelimit-reset": "1800000007000"},
            Declared(remaining=3, resets_at=AT + 7),
        ),
        (
            {"x-rate-limit-remaining": "3", "x-rate-limit-reset": "0.5"},
            Declared(remaining=3, resets_at=AT + 0.5),
        ),
    ],
)
def test_every_form_is_read(headers: dict[str, str], declared: Declared) -> None:
    assert read_declared(headers, AT) == declared


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"x-ratelimit-limit": "60"},
        {"x-ratelimit-remaining": "0"},
        {"x-ratelimit-remaining": "-1", "x-ratelimit-reset": "7"},
        {"x-ratelimit-remaining": "many", "x-ratelimit-reset": "7"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1799999999"},
        {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "99999999"},
        {"x-ratelimit-remaining": "9" * 400, "x-ratelimit-reset": "1"},
        {"ratelimit": ";" * 5000},
        {"ratelimit": '"x";r=0;t=' + "9" * 5000},
    ],
)
def test_what_is_not_understood_is_passed_over(headers: dict[str, str]) -> None:
    assert read_declared(headers, AT) is None


def test_a_spent_budget_blocks_until_it_begins_anew() -> None:
    spent = Declared(limit=10, remaining=0, resets_at=AT + 5)
    assert spent.percentage == 100
    assert spent.blocks(AT)
    assert not spent.blocks(AT + 5)
    assert not Declared(remaining=1, resets_at=AT + 5).blocks(AT)
    assert Declared(remaining=1, resets_at=AT + 5).percentage is None
