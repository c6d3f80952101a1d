import pytest
import typer

from api.cli.benchmark import _seeds, _subject


@pytest.mark.parametrize(
    ("given", "seeds"),
    [("1-3", [1, 2, 3]), ("7", [7]), ("1,4-5,9", [1, 4, 5, 9])],
)
def test_seeds_are_ranges_and_numbers(given: str, seeds: list[int]) -> None:
    assert _seeds(given) == seeds


@pytest.mark.parametrize("given", ["", "a", "3-1", "1-", "-4", "0-99999999999"])
def test_what_are_no_seeds_is_wrong_usage(given: str) -> None:
    with pytest.raises(typer.BadParameter):
        _seeds(given)


def test_a_name_goes_as_it_is_and_a_hash_as_what_it_is() -> None:
    assert _subject("nug12") == "nug12"
    assert _subject("ab" * 32) == {"sha256": "ab" * 32}
