"""What every check of the doctor promises, asked of each one in the registry."""

import inspect
from collections import Counter
from pathlib import Path

import pytest

import api.doctor as package
from api.doctor import CHECKS, Check, Place

NAMES = [check.name for check in CHECKS]


def test_names_are_unique() -> None:
    assert [name for name, count in Counter(NAMES).items() if count > 1] == []


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_a_check_is_a_function_of_its_surroundings(check: Check) -> None:
    (parameter,) = inspect.signature(check.load()).parameters.values()
    assert "Surroundings" in str(parameter.annotation)


@pytest.mark.parametrize("check", CHECKS, ids=NAMES)
def test_what_a_check_needs_comes_before_it_wherever_it_is_made(check: Check) -> None:
    before = {each.name: each.place for each in CHECKS[: NAMES.index(check.name)]}
    for name in check.needs:
        assert before[name] in (check.place, Place.BOTH)


def test_every_check_is_registered() -> None:
    registered = {check.function for check in CHECKS}
    folder = Path(package.__file__).parent
    written = {
        f"{path.stem}:{line.split('(')[0].removeprefix('def ')}"
        for path in folder.glob("*.py")
        for line in path.read_text().splitlines()
        if line.startswith("def ") and "Surroundings) -> Finding:" in line
    }
    assert written == registered


def test_the_page_names_every_check() -> None:
    page = Path("docs/howto/find-what-is-wrong.md").read_text()
    assert [name for name in NAMES if f"`{name}`" not in page] == []
