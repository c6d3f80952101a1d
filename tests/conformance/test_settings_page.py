"""The page of settings names every setting there is."""

from pathlib import Path

import pytest

from db.contracts.settings import Settings
from db.contracts.variables import variables_of

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "settings.md"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_on_the_page(name: str) -> None:
    text = PAGE.read_text()
    variables = variables_of(name)
    assert [variable for variable in variables if f"`{variable}`" not in text] == []
